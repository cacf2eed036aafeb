# session_sqlcipher: SQLCipher 4.6 or newer of the system, else its source. Its header is <sqlcipher/sqlite3.h>.
add_library(session_sqlcipher INTERFACE)
target_compile_definitions(session_sqlcipher INTERFACE SQLITE_HAS_CODEC)
# The version that pkg-config tells is that of the SQLite inside; SQLCipher 4.6.0 has 3.45.3.
pkg_check_modules(sqlcipher IMPORTED_TARGET sqlcipher>=3.45.3)
if(sqlcipher_FOUND)
  target_link_libraries(session_sqlcipher INTERFACE PkgConfig::sqlcipher)
  return()
endif()

# SQLCipher's own scripts join its sources into one file; they need tclsh and make.
find_program(SESSION_TCLSH NAMES tclsh tclsh8.6 tclsh9.0)
find_program(SESSION_MAKE NAMES gmake make)
if(NOT SESSION_TCLSH OR NOT SESSION_MAKE)
  message(FATAL_ERROR "SQLCipher 4.6 or newer is missing, and building it from its source needs tclsh and make. "
                      "Run tools/setup, or install libsqlcipher-dev, or tcl and make.")
endif()
FetchContent_Declare(sqlcipher
  URL https://github.com/sqlcipher/sqlcipher/archive/refs/tags/v4.6.1.tar.gz
  URL_HASH SHA256=d8f9afcbc2f4b55e316ca4ada4425daf3d0b4aab25f45e11a802ae422b9f53a3
  DOWNLOAD_EXTRACT_TIMESTAMP OFF)
FetchContent_MakeAvailable(sqlcipher)
add_custom_command(
  OUTPUT "${sqlcipher_BINARY_DIR}/sqlite3.c" "${sqlcipher_BINARY_DIR}/include/sqlcipher/sqlite3.h"
  COMMAND "${sqlcipher_SOURCE_DIR}/configure" --disable-tcl --with-crypto-lib=none --enable-tempstore=yes
          "CFLAGS=-DSQLITE_HAS_CODEC" > configure.log 2>&1
  COMMAND "${SESSION_MAKE}" sqlite3.c > make.log 2>&1
  COMMAND "${CMAKE_COMMAND}" -E copy sqlite3.h include/sqlcipher/sqlite3.h
  WORKING_DIRECTORY "${sqlcipher_BINARY_DIR}"
  VERBATIM)
add_library(sqlcipher STATIC "${sqlcipher_BINARY_DIR}/sqlite3.c" "${sqlcipher_BINARY_DIR}/include/sqlcipher/sqlite3.h")
target_compile_options(sqlcipher PRIVATE -w)
target_compile_definitions(sqlcipher PRIVATE SQLITE_HAS_CODEC SQLCIPHER_CRYPTO_OPENSSL SQLITE_TEMP_STORE=2 SQLITE_THREADSAFE=1
                                             SQLITE_ENABLE_FTS5 NDEBUG)
target_include_directories(sqlcipher SYSTEM PUBLIC "${sqlcipher_BINARY_DIR}/include")
target_link_libraries(sqlcipher PRIVATE OpenSSL::Crypto Threads::Threads ${CMAKE_DL_LIBS} m)
target_link_libraries(session_sqlcipher INTERFACE sqlcipher)
