# Writes a source that knows the commit of SOURCE, to TO: its first digits, with a "+" when files were changed since; "unknown"
# where there is no git. An equal file is left alone, so that nothing is built again.
execute_process(COMMAND git -C "${SOURCE}" rev-parse --show-toplevel OUTPUT_VARIABLE top RESULT_VARIABLE failed ERROR_QUIET
                OUTPUT_STRIP_TRAILING_WHITESPACE)
set(commit unknown)
if(NOT failed AND top STREQUAL SOURCE)
  execute_process(COMMAND git -C "${SOURCE}" describe --always --dirty=+ --abbrev=10 "--exclude=*" OUTPUT_VARIABLE found
                  RESULT_VARIABLE failed ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT failed)
    set(commit "${found}")
  endif()
endif()
set(text "#include \"tools/session-sim/outputs.h\"
std::string session::tool::commit() { return \"${commit}\"; }
")
set(old "")
if(EXISTS "${TO}")
  file(READ "${TO}" old)
endif()
if(NOT old STREQUAL text)
  file(WRITE "${TO}" "${text}")
endif()
