# Every library the project uses, as one imported target each: the system's when it has one, else its source with a pinned hash.
include(FetchContent)
set(FETCHCONTENT_QUIET ON)

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Protobuf REQUIRED)
find_package(PNG REQUIRED)

FetchContent_Declare(fmt
  URL https://github.com/fmtlib/fmt/archive/9.1.0.tar.gz
  URL_HASH SHA256=5dea48d1fcddc3ec571ce2058e13910a0d4a6bab4cc09a809d8b1dd1c88ae6f2
  DOWNLOAD_EXTRACT_TIMESTAMP OFF SYSTEM FIND_PACKAGE_ARGS)
FetchContent_Declare(nlohmann_json
  URL https://github.com/nlohmann/json/archive/refs/tags/v3.11.2.tar.gz
  URL_HASH SHA256=d69f9deb6a75e2580465c6c4c5111b89c4dc2fa94e3a85fcd2ffcd9a143d9273
  DOWNLOAD_EXTRACT_TIMESTAMP OFF SYSTEM FIND_PACKAGE_ARGS)
FetchContent_Declare(CLI11
  URL https://github.com/CLIUtils/CLI11/archive/refs/tags/v2.1.2.tar.gz
  URL_HASH SHA256=26291377e892ba0e5b4972cdfd4a2ab3bf53af8dac1f4ea8fe0d1376b625c8cb
  DOWNLOAD_EXTRACT_TIMESTAMP OFF SYSTEM FIND_PACKAGE_ARGS)
FetchContent_Declare(GTest
  URL https://github.com/google/googletest/archive/refs/tags/release-1.12.1.tar.gz
  URL_HASH SHA256=81964fe578e9bd7c94dfdb09c8e4d6e6759e19967e397dbea48d1c10e45d0df2
  DOWNLOAD_EXTRACT_TIMESTAMP OFF SYSTEM FIND_PACKAGE_ARGS)
FetchContent_MakeAvailable(fmt nlohmann_json CLI11 GTest)

pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
add_library(session_sodium INTERFACE)
target_link_libraries(session_sodium INTERFACE PkgConfig::sodium)

# Highway, for the vectors of proof of work: the system's, else its source.
add_library(session_highway INTERFACE)
pkg_check_modules(highway IMPORTED_TARGET libhwy>=1.0)
if(highway_FOUND)
  target_link_libraries(session_highway INTERFACE PkgConfig::highway)
else()
  set(HWY_ENABLE_TESTS OFF CACHE INTERNAL "")
  set(HWY_ENABLE_EXAMPLES OFF CACHE INTERNAL "")
  set(HWY_ENABLE_CONTRIB OFF CACHE INTERNAL "")
  set(HWY_ENABLE_INSTALL OFF CACHE INTERNAL "")
  FetchContent_Declare(highway
    GIT_REPOSITORY https://github.com/google/highway.git GIT_TAG 1.0.3 SYSTEM)
  FetchContent_MakeAvailable(highway)
  target_link_libraries(session_highway INTERFACE hwy)
endif()

include(Libsignal)
include(Sqlcipher)

find_package(Boost 1.74 REQUIRED)
add_library(session_asio INTERFACE)
target_link_libraries(session_asio INTERFACE Boost::headers)
target_compile_definitions(session_asio INTERFACE BOOST_ASIO_DISABLE_BOOST_DATE_TIME BOOST_ASIO_NO_DEPRECATED)
# Asio 1.74 uses std::exchange without including <utility>; Clang refuses an enumeration trick of Boost's MPL of that time.
target_compile_options(session_asio INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include utility>"
                       $<$<CXX_COMPILER_ID:Clang>:-Wno-enum-constexpr-conversion>)
