# kehai_web_library(TARGET DIST): a static library with http::embedded_assets(), the table of all files below DIST,
# each as it is, with brotli and with gzip. An empty table when DIST has no index.html. The bytes come in through
# .incbin, so they cost no C++ compile time; compression happens once per change of DIST.
function(kehai_web_library target dist)
  set(out "${CMAKE_CURRENT_BINARY_DIR}/${target}")
  if(EXISTS "${dist}/index.html")
    file(GLOB_RECURSE inputs CONFIGURE_DEPENDS "${dist}/*")
  else()
    set(inputs "")
    message(STATUS "${target}: no web UI embedded")
  endif()
  find_program(BROTLI_PROGRAM brotli REQUIRED)
  find_program(GZIP_PROGRAM gzip REQUIRED)
  set(script "${CMAKE_SOURCE_DIR}/tools/embed/embed_web.cmake")
  add_custom_command(
    OUTPUT "${out}/assets.S" "${out}/assets.cc"
    COMMAND ${CMAKE_COMMAND} "-DDIST=${dist}" "-DOUT=${out}" "-DBROTLI=${BROTLI_PROGRAM}" "-DGZIP=${GZIP_PROGRAM}"
            -P "${script}"
    DEPENDS "${script}" ${inputs}
    COMMENT "Embedding the web UI"
    VERBATIM)
  add_library(${target} STATIC "${out}/assets.S" "${out}/assets.cc")
  target_link_libraries(${target} PUBLIC kehai_flags)
endfunction()
