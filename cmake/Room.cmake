# A room is one folder, one static library and one test program. It links the rooms named after USES and no others, so an
# arrow that is not drawn here does not link; `tools/tidy` also checks the includes against these lines.
#
#   session_room(core/onion USES crypto wire LIBRARIES PkgConfig::sodium)   in core/onion/CMakeLists.txt
function(session_room path)
  cmake_parse_arguments(ROOM "" "" "USES;LIBRARIES;SOURCES" ${ARGN})
  get_filename_component(name "${path}" NAME)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${path}/*.cpp")
  list(TRANSFORM ROOM_USES PREPEND session_)
  if(sources OR ROOM_SOURCES)
    add_library(session_${name} STATIC ${sources} ${ROOM_SOURCES})
    target_link_libraries(session_${name} PUBLIC session_flags ${ROOM_USES} ${ROOM_LIBRARIES})
  else()
    add_library(session_${name} INTERFACE)
    target_link_libraries(session_${name} INTERFACE session_flags ${ROOM_USES} ${ROOM_LIBRARIES})
  endif()
endfunction()

# The tests of a room: every *_test.cpp of tests/<path> in one program, bin/<name>_test.
function(session_room_test path)
  cmake_parse_arguments(TEST "" "" "USES" ${ARGN})
  get_filename_component(name "${path}" NAME)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${path}/*.cpp")
  if(NOT sources)
    return()
  endif()
  list(TRANSFORM TEST_USES PREPEND session_)
  add_executable(${name}_test ${sources})
  target_link_libraries(${name}_test PRIVATE session_${name} ${TEST_USES} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name}_test PRIVATE SESSION_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name}_test)
endfunction()
