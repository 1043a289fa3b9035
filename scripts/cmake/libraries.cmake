# System libraries, all from Debian 12 packages. Names to link to:
#   yaml-cpp  hdf5::hdf5  Boost::program_options  spdlog::spdlog  nlohmann_json::nlohmann_json
#   SQLiteCpp  muparser::muparser
#   OpenSSL::Crypto  hwy::hwy  oneDNN::oneDNN  SystemC::systemc  Threads::Threads
#   GTest::gtest  GTest::gmock  GTest::gtest_main  benchmark::benchmark (the last one may be absent)
find_package(Threads REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS program_options)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)

# The C interface only. Without this the compiler wrappers are asked, which may be those of MPI.
set(HDF5_PREFER_PARALLEL FALSE)
find_package(HDF5 REQUIRED COMPONENTS C)
if(NOT TARGET hdf5::hdf5)
  add_library(hdf5::hdf5 INTERFACE IMPORTED)
  target_include_directories(hdf5::hdf5 SYSTEM INTERFACE ${HDF5_C_INCLUDE_DIRS})
  target_link_libraries(hdf5::hdf5 INTERFACE ${HDF5_C_LIBRARIES})
endif()

find_package(hwy QUIET)
if(NOT TARGET hwy::hwy)
  find_path(HWY_INCLUDE_DIR hwy/highway.h REQUIRED)
  find_library(HWY_LIBRARY hwy REQUIRED)
  add_library(hwy::hwy INTERFACE IMPORTED)
  target_include_directories(hwy::hwy SYSTEM INTERFACE ${HWY_INCLUDE_DIR})
  target_link_libraries(hwy::hwy INTERFACE ${HWY_LIBRARY})
endif()

# Version 2. Its own CMake package asks for OpenCL, which nothing here needs.
find_path(ONEDNN_INCLUDE_DIR dnnl.hpp REQUIRED)
find_library(ONEDNN_LIBRARY dnnl REQUIRED)
add_library(oneDNN::oneDNN INTERFACE IMPORTED)
target_include_directories(oneDNN::oneDNN SYSTEM INTERFACE ${ONEDNN_INCLUDE_DIR})
target_link_libraries(oneDNN::oneDNN INTERFACE ${ONEDNN_LIBRARY})

# Debian's SystemC has no CMake package; one built from source has.
find_package(SystemCLanguage QUIET CONFIG)
if(NOT TARGET SystemC::systemc)
  find_path(SYSTEMC_INCLUDE_DIR systemc REQUIRED)
  find_library(SYSTEMC_LIBRARY systemc REQUIRED)
  add_library(SystemC::systemc INTERFACE IMPORTED)
  target_include_directories(SystemC::systemc SYSTEM INTERFACE ${SYSTEMC_INCLUDE_DIR})
  target_link_libraries(SystemC::systemc INTERFACE ${SYSTEMC_LIBRARY} Threads::Threads)
endif()

find_package(SQLiteCpp REQUIRED)
find_package(muparser REQUIRED)

# Debian's libjs-chart.js; its text becomes part of the program, which puts it into reports.
find_file(CHART_JS chart.min.js PATHS /usr/share/javascript/chart.js REQUIRED)

# Debian's, which is the one that python3-torch and python3-h5py belong to.
set(SKIPSIM_PYTHON /usr/bin/python3)

find_package(GTest QUIET)
find_package(benchmark QUIET)
set(SKIPSIM_HAS_TESTS ${GTest_FOUND})
if(SKIPSIM_REQUIRE_TESTS AND NOT SKIPSIM_HAS_TESTS)
  message(FATAL_ERROR "GoogleTest was not found; install libgtest-dev libgmock-dev")
endif()
