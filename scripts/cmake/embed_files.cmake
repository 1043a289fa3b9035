# Writes the source file OUTPUT with a function skipsim::<NAMESPACE>::<NAME>() for each entry of
# ASSETS, "NAME=FILE[+FILE...]", separated by "|": it returns the text of the files, one after the
# other.
#   cmake -DOUTPUT=page_assets.cpp -DHEADER=sim/report/page_assets.h -DNAMESPACE=report
#         "-DASSETS=style=a.css|script=b.js+c.js" -P embed_files.cmake
set(mark "~embed~")
set(code "// Generated at build time.\n#include \"${HEADER}\"\n\nnamespace skipsim::${NAMESPACE} {\n\n")
string(REPLACE "|" ";" assets "${ASSETS}")
foreach(asset IN LISTS assets)
  string(REGEX MATCH "^([^=]+)=(.*)$" matched "${asset}")
  set(name ${CMAKE_MATCH_1})
  string(REPLACE "+" ";" files "${CMAKE_MATCH_2}")
  string(APPEND code "std::string_view ${name}() noexcept {\n    static const char kText[] =")
  foreach(file IN LISTS files)
    file(READ ${file} text)
    string(FIND "${text}" "${mark}" found)
    if(NOT found EQUAL -1)
      message(FATAL_ERROR "${file} holds ${mark}, which would end its literal")
    endif()
    string(APPEND code " R\"${mark}(${text})${mark}\"")
  endforeach()
  string(APPEND code ";\n    return {kText, sizeof kText - 1};\n}\n\n")
endforeach()
string(APPEND code "}  // namespace skipsim::${NAMESPACE}\n")
file(WRITE ${OUTPUT} "${code}")
