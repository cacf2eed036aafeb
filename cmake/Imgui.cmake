# session_imgui: Dear ImGui 1.92 or newer, always from source, as distributions build it without what app/imconfig.h asks for.
# The source is -DSESSION_IMGUI_DIR, else the newest that tools/setup put into the cache, else its authors'. Its hooks for tests
# call functions that app/drive/hooks.cpp defines, so a program that links it links that room too.
set(SESSION_IMGUI_DIR "" CACHE PATH "Source of Dear ImGui 1.92 or newer")
set(imgui_dir "${SESSION_IMGUI_DIR}")
if(NOT imgui_dir)
  set(imgui_cache "$ENV{XDG_CACHE_HOME}")
  if(NOT imgui_cache)
    set(imgui_cache "$ENV{HOME}/.cache")
  endif()
  file(GLOB imgui_found "${imgui_cache}/session/imgui-*/imgui.h")
  if(imgui_found)
    list(SORT imgui_found COMPARE NATURAL ORDER DESCENDING)
    list(GET imgui_found 0 imgui_dir)
    cmake_path(GET imgui_dir PARENT_PATH imgui_dir)
  endif()
endif()
if(NOT imgui_dir)
  FetchContent_Declare(imgui  # v1.92.2b
    URL https://github.com/ocornut/imgui/archive/45acd5e0e82f4c954432533ae9985ff0e1aad6d5.tar.gz
    URL_HASH SHA256=97484925aec2f4d3e913d6644d46b234f8d6d8d98c6aa9c50109e0f0df772090
    DOWNLOAD_EXTRACT_TIMESTAMP OFF)
  FetchContent_MakeAvailable(imgui)
  set(imgui_dir "${imgui_SOURCE_DIR}")
endif()
set(imgui_version 0)
if(EXISTS "${imgui_dir}/imgui.h")
  file(STRINGS "${imgui_dir}/imgui.h" imgui_version REGEX "^#define IMGUI_VERSION_NUM ")
  string(REGEX MATCH "[0-9]+" imgui_version "${imgui_version}")
endif()
if(imgui_version LESS 19200)
  message(FATAL_ERROR "${imgui_dir} is no source of Dear ImGui 1.92 or newer. Run tools/setup, or correct SESSION_IMGUI_DIR.")
endif()

pkg_check_modules(glfw REQUIRED IMPORTED_TARGET glfw3)
pkg_check_modules(epoxy REQUIRED IMPORTED_TARGET epoxy)
pkg_check_modules(freetype REQUIRED IMPORTED_TARGET freetype2)

add_library(session_imgui STATIC
  "${imgui_dir}/imgui.cpp" "${imgui_dir}/imgui_draw.cpp" "${imgui_dir}/imgui_tables.cpp" "${imgui_dir}/imgui_widgets.cpp"
  "${imgui_dir}/misc/freetype/imgui_freetype.cpp"
  "${imgui_dir}/backends/imgui_impl_glfw.cpp" "${imgui_dir}/backends/imgui_impl_opengl3.cpp")
target_compile_options(session_imgui PRIVATE -w)
target_compile_definitions(session_imgui PUBLIC IMGUI_USER_CONFIG="app/imconfig.h" GLFW_INCLUDE_NONE)
target_include_directories(session_imgui PUBLIC "${PROJECT_SOURCE_DIR}")
target_include_directories(session_imgui SYSTEM PUBLIC "${imgui_dir}" "${imgui_dir}/misc/freetype" "${imgui_dir}/backends")
target_link_libraries(session_imgui PUBLIC PkgConfig::glfw PkgConfig::epoxy PkgConfig::freetype ${CMAKE_DL_LIBS})
if(SESSION_SANITIZE)
  # It clips with bounds of the largest float there is.
  target_compile_options(session_imgui PRIVATE -fsanitize=${SESSION_SANITIZE} -fno-omit-frame-pointer
                         -fno-sanitize=float-cast-overflow)
endif()

# copy_font(PACKAGE NAME [OTHER NAME]): copies the font to bin/fonts/NAME, beside the programs.
function(copy_font package name)
  cmake_path(GET name STEM font)
  find_file(SESSION_FONT_${font} NAMES ${name} ${ARGN} NO_DEFAULT_PATH
    PATHS /usr/share /usr/local/share "$ENV{HOME}/.local/share" /Library "$ENV{HOME}/Library"
    PATH_SUFFIXES fonts Fonts fonts/opentype/inter fonts/truetype/jetbrains-mono fonts/truetype/font-awesome
                  fonts-font-awesome/fonts)
  if(NOT SESSION_FONT_${font})
    message(FATAL_ERROR "The font ${name} is missing: run tools/setup, or install ${package}, "
                        "or give -DSESSION_FONT_${font}=FILE.")
  endif()
  configure_file("${SESSION_FONT_${font}}" "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/fonts/${name}" COPYONLY)
endfunction()
foreach(weight Regular SemiBold)
  copy_font(fonts-inter Inter-${weight}.otf Inter-${weight}.ttf)
endforeach()
copy_font(fonts-jetbrains-mono JetBrainsMono-Regular.ttf)
copy_font(fonts-font-awesome fontawesome-webfont.ttf)
