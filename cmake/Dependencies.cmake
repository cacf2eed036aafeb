# Every library the project uses, as one imported target each.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Protobuf REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)

pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
add_library(session_sodium INTERFACE)
target_link_libraries(session_sodium INTERFACE PkgConfig::sodium)

pkg_check_modules(libsignal REQUIRED IMPORTED_TARGET libsignal-protocol-c)
add_library(session_libsignal INTERFACE)
target_link_libraries(session_libsignal INTERFACE PkgConfig::libsignal)

# The version that pkg-config tells is that of the SQLite inside: 3.45 is the one of SQLCipher 4.6.
pkg_check_modules(sqlcipher IMPORTED_TARGET sqlcipher>=3.45)
add_library(session_sqlcipher INTERFACE)
if(sqlcipher_FOUND)
  target_link_libraries(session_sqlcipher INTERFACE PkgConfig::sqlcipher)
endif()
target_compile_definitions(session_sqlcipher INTERFACE SQLITE_HAS_CODEC)

find_package(Boost 1.74 REQUIRED)
add_library(session_asio INTERFACE)
target_link_libraries(session_asio INTERFACE Boost::headers)
target_compile_definitions(session_asio INTERFACE BOOST_ASIO_DISABLE_BOOST_DATE_TIME BOOST_ASIO_NO_DEPRECATED)
target_compile_options(session_asio INTERFACE $<$<CXX_COMPILER_ID:Clang>:-Wno-enum-constexpr-conversion>)
