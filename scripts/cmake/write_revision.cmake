# Runs at every build: writes the git revision of SOURCE_DIR into the source file OUTPUT, and touches
# the file only if the revision changed. "unknown" outside a git checkout.
set(revision "unknown")
find_program(GIT git)
if(GIT)
  execute_process(
    COMMAND ${GIT} -c "safe.directory=*" -C ${SOURCE_DIR} describe --always --abbrev=40 --exclude=* --dirty
    OUTPUT_VARIABLE described RESULT_VARIABLE status ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  execute_process(
    COMMAND ${GIT} -c "safe.directory=*" -C ${SOURCE_DIR} rev-parse --show-prefix
    OUTPUT_VARIABLE prefix ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  # A prefix means that the sources lie inside somebody else's repository.
  if(status EQUAL 0 AND described AND prefix STREQUAL "")
    set(revision "${described}")
  endif()
endif()
set(text "// Generated at build time.
#include \"sim/base/version.h\"

namespace skipsim::base {

const char* version() noexcept { return \"${VERSION}\"; }
const char* revision() noexcept { return \"${revision}\"; }

}  // namespace skipsim::base
")
set(old "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} old)
endif()
if(NOT old STREQUAL text)
  file(WRITE ${OUTPUT} "${text}")
endif()
