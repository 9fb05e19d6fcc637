// What a file is, by our own list: its name's extension and its first bytes must agree. Whatever a
// browser could run (HTML, SVG, XML, scripts) is not on it. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace kehai::platform {

inline constexpr std::string_view kUnknownMediaType = "application/octet-stream";
inline constexpr std::size_t kMediaTypeHead = 4096;  // bytes that are looked at

// `head`: the first bytes, kMediaTypeHead of them when there are as many.
std::string_view media_type_of(std::string_view name, std::string_view head);
// Raster pictures that every browser draws: they may be shown in place.
bool is_picture(std::string_view media_type);

// The name as it is kept: the last segment, without control characters and direction marks, not
// beginning or ending with dots and blanks, at most 200 characters with its extension; never empty.
std::string safe_file_name(std::string_view given);

}  // namespace kehai::platform
