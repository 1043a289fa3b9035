# Functions that keep the CMakeLists.txt of a room short.
include(GoogleTest)

# skipsim_library(sim_trace SOURCES reader.cpp ... LINKS sim_base hdf5::hdf5)
# One static library of one room. LINKS are public: they follow the include direction.
function(skipsim_library name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "SOURCES;LINKS")
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "skipsim_library(${name}): unknown arguments ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_LINKS})
endfunction()

# skipsim_test(trace_unit LABEL unit SOURCES a_test.cpp ... LINKS sim_trace [TIMEOUT 60] [SYSTEMC])
# One GoogleTest program; every TEST in it becomes a ctest test with that label. TIMEOUT is in
# seconds per TEST. SYSTEMC: sc_main() of tests/support runs the tests, SystemC warnings fail.
# The target tests_<label> builds all programs with that label.
function(skipsim_test name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "SYSTEMC" "LABEL;TIMEOUT" "SOURCES;LINKS")
  if(ARG_UNPARSED_ARGUMENTS OR NOT ARG_LABEL)
    message(FATAL_ERROR "skipsim_test(${name}): LABEL is needed; unknown: ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  if(ARG_SYSTEMC)
    target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/support/sc_gtest_main.cpp)
    target_link_libraries(${name} PRIVATE ${ARG_LINKS} SystemC::systemc GTest::gmock GTest::gtest)
  else()
    target_link_libraries(${name} PRIVATE ${ARG_LINKS} GTest::gmock GTest::gtest GTest::gtest_main)
  endif()
  target_compile_definitions(${name} PRIVATE SKIPSIM_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  # What is tested keeps its optimisation; checks of it compile in two thirds of the time.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  if(NOT TARGET tests_${ARG_LABEL})
    add_custom_target(tests_${ARG_LABEL})
  endif()
  add_dependencies(tests_${ARG_LABEL} ${name})
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60
                       PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
endfunction()

# skipsim_python_test(reference_counter LABEL reference COMMAND -m pytest -q file [TIMEOUT 300])
# Debian's python3 with those arguments, from the repository root. The environment names the
# simulator (SKIPSIM) and the root (SKIPSIM_SOURCE_DIR). Extra labels: LABEL macs LABELS long.
function(skipsim_python_test name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "LABEL;TIMEOUT" "LABELS;COMMAND")
  if(ARG_UNPARSED_ARGUMENTS OR NOT ARG_LABEL OR NOT ARG_COMMAND)
    message(FATAL_ERROR "skipsim_python_test(${name}): LABEL and COMMAND are needed; "
                        "unknown: ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_test(NAME ${name} COMMAND ${SKIPSIM_PYTHON} ${ARG_COMMAND}
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set(environment SKIPSIM=${CMAKE_BINARY_DIR}/skipsim SKIPSIM_SOURCE_DIR=${CMAKE_SOURCE_DIR}
                  PYTHONDONTWRITEBYTECODE=1)
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABEL};${ARG_LABELS}"
                       TIMEOUT ${ARG_TIMEOUT} ENVIRONMENT "${environment}")
endfunction()

# Adds each folder that has a CMakeLists.txt, in the given order.
function(skipsim_add_rooms)
  foreach(room IN LISTS ARGN)
    if(EXISTS ${CMAKE_SOURCE_DIR}/${room}/CMakeLists.txt)
      add_subdirectory(${CMAKE_SOURCE_DIR}/${room} ${CMAKE_BINARY_DIR}/${room})
    endif()
  endforeach()
endfunction()

# Adds tests/<layer> and tests/<layer>/<room> for each pair that has a CMakeLists.txt.
function(skipsim_add_tests)
  cmake_parse_arguments(PARSE_ARGV 0 ARG "" "" "LAYERS;ROOMS")
  foreach(layer IN LISTS ARG_LAYERS)
    skipsim_add_rooms(tests/${layer})
    foreach(room IN LISTS ARG_ROOMS)
      skipsim_add_rooms(tests/${layer}/${room})
    endforeach()
  endforeach()
endfunction()
