# Makes a data file part of a library: embed(<source variable> <file> <symbol>) writes a source that defines
# `extern const std::string_view <symbol>` in namespace session::assets, whenever the file changes.
function(embed variable file symbol)
  set(out "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.cpp")
  add_custom_command(
    OUTPUT "${out}"
    COMMAND "${CMAKE_COMMAND}" -DIN=${file} -DOUT=${out} -DSYMBOL=${symbol} -P "${PROJECT_SOURCE_DIR}/cmake/EmbedFile.cmake"
    DEPENDS "${file}" "${PROJECT_SOURCE_DIR}/cmake/EmbedFile.cmake"
    VERBATIM)
  set(${variable} "${out}" PARENT_SCOPE)
endfunction()
