# cmake -DDIST=… -DOUT=… -DBROTLI=… -DGZIP=… -P embed_web.cmake
# Writes OUT/assets.S and OUT/assets.cc, see web.cmake.
cmake_minimum_required(VERSION 3.25)

set(type_html "text/html; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_mjs "text/javascript; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_json "application/json")
set(type_webmanifest "application/manifest+json")
set(type_svg "image/svg+xml")
set(type_txt "text/plain; charset=utf-8")
set(type_wasm "application/wasm")
set(type_png "image/png")
set(type_jpg "image/jpeg")
set(type_webp "image/webp")
set(type_ico "image/x-icon")
set(type_woff2 "font/woff2")
set(compressible html js mjs css json webmanifest svg txt wasm ico)

set(names "")
if(EXISTS "${DIST}/index.html")
  file(GLOB_RECURSE names RELATIVE "${DIST}" "${DIST}/*")
  # Source maps would hand out the sources.
  list(FILTER names EXCLUDE REGEX "\\.map$")
  # The order of bytes of "/name", which is what the lookup expects.
  list(SORT names COMPARE STRING CASE SENSITIVE)
endif()

set(assembly ".section .rodata\n")
set(symbols "")
set(table "")
set(number 0)
file(MAKE_DIRECTORY "${OUT}")

# Adds the bytes of a file; sets `view` to the C++ text that names them.
function(embed symbol path)
  set(assembly "${assembly}.global ${symbol}_begin\n${symbol}_begin:\n.incbin \"${path}\"\n.global ${symbol}_end\n${symbol}_end:\n.byte 0\n" PARENT_SCOPE)
  set(symbols "${symbols}extern const char ${symbol}_begin[];\nextern const char ${symbol}_end[];\n" PARENT_SCOPE)
  set(view "view(${symbol}_begin, ${symbol}_end)" PARENT_SCOPE)
endfunction()

foreach(name IN LISTS names)
  set(path "${DIST}/${name}")
  string(REGEX MATCH "[^.]+$" extension "${name}")
  set(type "application/octet-stream")
  if(DEFINED type_${extension})
    set(type "${type_${extension}}")
  endif()
  file(SHA256 "${path}" hash)
  string(SUBSTRING "${hash}" 0 20 etag)
  file(SIZE "${path}" size)
  embed(kehai_web_${number} "${path}")
  set(identity "${view}")
  set(brotli "{}")
  set(gzip "{}")
  if(extension IN_LIST compressible AND size GREATER 256)
    execute_process(COMMAND "${BROTLI}" -q 11 -w 24 -f -o "${OUT}/${number}.br" "${path}" COMMAND_ERROR_IS_FATAL ANY)
    execute_process(COMMAND "${GZIP}" -9 -n -c "${path}" OUTPUT_FILE "${OUT}/${number}.gz" COMMAND_ERROR_IS_FATAL ANY)
    file(SIZE "${OUT}/${number}.br" brotli_size)
    file(SIZE "${OUT}/${number}.gz" gzip_size)
    if(brotli_size LESS size)
      embed(kehai_web_${number}_br "${OUT}/${number}.br")
      set(brotli "${view}")
    endif()
    if(gzip_size LESS size)
      embed(kehai_web_${number}_gz "${OUT}/${number}.gz")
      set(gzip "${view}")
    endif()
  endif()
  # The bundler puts a hash of the content into these names.
  set(immutable false)
  if(name MATCHES "^assets/.*-[A-Za-z0-9_-]+\\.[a-z0-9]+$")
    set(immutable true)
  endif()
  string(APPEND table "      {\"/${name}\", \"${type}\", \"${etag}\", ${identity}, ${brotli}, ${gzip}, ${immutable}},\n")
  math(EXPR number "${number} + 1")
endforeach()

string(APPEND assembly ".section .note.GNU-stack,\"\",@progbits\n")
file(WRITE "${OUT}/assets.S" "${assembly}")
file(WRITE "${OUT}/assets.cc" "// Made by tools/embed/embed_web.cmake.
#include <array>

#include \"http/static_files.h\"

extern \"C\" {
${symbols}}

namespace kehai::http {
namespace {
[[maybe_unused]] std::string_view view(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}
}  // namespace

std::span<const Asset> embedded_assets() {
  static const std::array<Asset, ${number}> assets = {{
${table}  }};
  return assets;
}

}  // namespace kehai::http
")
