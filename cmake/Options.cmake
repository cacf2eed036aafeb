# How everything is compiled: the standard, the warnings, the sanitizers, and ccache and mold when they are there.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

option(SESSION_WERROR "Treat warnings as errors (CI does)" OFF)
set(SESSION_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them: address,undefined or thread")

option(SESSION_MUTANTS "Build in the defects that tests switch on (core/base/mutant.h); never in what ships" OFF)
configure_file("${CMAKE_CURRENT_LIST_DIR}/build_options.h.in" "${PROJECT_BINARY_DIR}/build_options.h")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Debug CACHE STRING "" FORCE)
endif()

find_program(SESSION_CCACHE ccache)
if(SESSION_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${SESSION_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${SESSION_CCACHE}")
endif()
find_program(SESSION_MOLD mold)
if(SESSION_MOLD AND NOT APPLE)
  add_link_options(-fuse-ld=mold)
endif()

# Programs lie at an address that nobody knows before, and what the loader filled in is read-only before main begins.
include(CheckPIESupported)
check_pie_supported()
if(NOT APPLE)
  add_link_options(-Wl,-z,relro -Wl,-z,now)
endif()

add_library(session_flags INTERFACE)
target_compile_options(session_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow -fstack-protector-strong
                       -Wno-missing-field-initializers)  # members have defaults; naming the few that differ is the point
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these inside its own headers, in code that is sound.
  target_compile_options(session_flags INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow
                         -Wno-stringop-overread -Wno-array-bounds -Wno-error=dangling-pointer
                         -Wno-error=use-after-free -Wno-error=free-nonheap-object)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # libstdc++ 12 calls a function that it itself calls deprecated, inside std::stable_sort.
  target_compile_options(session_flags INTERFACE -Wno-deprecated-declarations)
endif()
if(SESSION_WERROR)
  target_compile_options(session_flags INTERFACE -Werror)
endif()
if(SESSION_SANITIZE)
  target_compile_options(session_flags INTERFACE -fsanitize=${SESSION_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(session_flags INTERFACE -fsanitize=${SESSION_SANITIZE})
  if(SESSION_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Asio ends every handler with a fence, which the sanitizer does not see; the mutexes beside it order the handlers.
    target_compile_options(session_flags INTERFACE -Wno-tsan)
  endif()
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(session_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
target_compile_definitions(session_flags INTERFACE _GLIBCXX_ASSERTIONS)
target_include_directories(session_flags INTERFACE "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}")
