# session_libsignal: libsignal-protocol-c of the system, else its source.
add_library(session_libsignal INTERFACE)
pkg_check_modules(libsignal IMPORTED_TARGET libsignal-protocol-c)
if(libsignal_FOUND)
  target_link_libraries(session_libsignal INTERFACE PkgConfig::libsignal)
  return()
endif()

set(CMAKE_POLICY_VERSION_MINIMUM 3.5)  # it asks for the rules of CMake 2.8, which CMake 4 no longer has
FetchContent_Declare(libsignal
  URL https://github.com/signalapp/libsignal-protocol-c/archive/refs/tags/v2.3.3.tar.gz
  URL_HASH SHA256=c22e7690546e24d46210ca92dd808f17c3102e1344cd2f9a370136a96d22319d
  DOWNLOAD_EXTRACT_TIMESTAMP OFF)
FetchContent_MakeAvailable(libsignal)
target_include_directories(session_libsignal SYSTEM INTERFACE "${libsignal_SOURCE_DIR}/src")
target_link_libraries(session_libsignal INTERFACE signal-protocol-c)
