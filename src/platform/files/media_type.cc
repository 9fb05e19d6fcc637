#include "platform/files/media_type.h"

#include <algorithm>
#include <array>

#include "base/text/utf8.h"

namespace kehai::platform {

namespace {

using namespace std::string_view_literals;

enum class Look { Start, Riff, BoxAt4, Text };

struct Kind {
  std::string_view extension;
  std::string_view media_type;
  Look look = Look::Start;
  std::string_view mark;  // of the first bytes; Riff: of bytes 8 to 11
};

constexpr auto kZip = "PK\x03\x04"sv;
constexpr auto kCompound = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv;
constexpr std::string_view kWord =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
constexpr std::string_view kSheet =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
constexpr std::string_view kSlides =
    "application/vnd.openxmlformats-officedocument.presentationml.presentation";

constexpr std::array kKinds = {
    Kind{"png", "image/png", Look::Start, "\x89PNG\r\n\x1A\n"sv},
    Kind{"jpg", "image/jpeg", Look::Start, "\xFF\xD8\xFF"sv},
    Kind{"jpeg", "image/jpeg", Look::Start, "\xFF\xD8\xFF"sv},
    Kind{"gif", "image/gif", Look::Start, "GIF8"sv},
    Kind{"bmp", "image/bmp", Look::Start, "BM"sv},
    Kind{"webp", "image/webp", Look::Riff, "WEBP"sv},
    Kind{"tif", "image/tiff", Look::Start, "II*\0"sv},
    Kind{"tif", "image/tiff", Look::Start, "MM\0*"sv},
    Kind{"tiff", "image/tiff", Look::Start, "II*\0"sv},
    Kind{"tiff", "image/tiff", Look::Start, "MM\0*"sv},
    Kind{"heic", "image/heic", Look::BoxAt4, "ftyp"sv},
    Kind{"pdf", "application/pdf", Look::Start, "%PDF-"sv},
    Kind{"docx", kWord, Look::Start, kZip},
    Kind{"xlsx", kSheet, Look::Start, kZip},
    Kind{"pptx", kSlides, Look::Start, kZip},
    Kind{"doc", "application/msword", Look::Start, kCompound},
    Kind{"xls", "application/vnd.ms-excel", Look::Start, kCompound},
    Kind{"ppt", "application/vnd.ms-powerpoint", Look::Start, kCompound},
    Kind{"wps", "application/vnd.ms-works", Look::Start, kCompound},
    Kind{"ofd", "application/ofd", Look::Start, kZip},
    Kind{"zip", "application/zip", Look::Start, kZip},
    Kind{"rar", "application/vnd.rar", Look::Start, "Rar!\x1A\x07"sv},
    Kind{"7z", "application/x-7z-compressed", Look::Start, "7z\xBC\xAF\x27\x1C"sv},
    Kind{"mp3", "audio/mpeg", Look::Start, "ID3"sv},
    Kind{"mp3", "audio/mpeg", Look::Start, "\xFF\xFB"sv},
    Kind{"wav", "audio/wav", Look::Riff, "WAVE"sv},
    Kind{"amr", "audio/amr", Look::Start, "#!AMR"sv},
    Kind{"m4a", "audio/mp4", Look::BoxAt4, "ftyp"sv},
    Kind{"mp4", "video/mp4", Look::BoxAt4, "ftyp"sv},
    Kind{"mov", "video/quicktime", Look::BoxAt4, "ftyp"sv},
    Kind{"txt", "text/plain; charset=utf-8", Look::Text, ""sv},
    Kind{"log", "text/plain; charset=utf-8", Look::Text, ""sv},
    Kind{"md", "text/plain; charset=utf-8", Look::Text, ""sv},
    Kind{"csv", "text/csv; charset=utf-8", Look::Text, ""sv},
};

// UTF-8 without control characters; the last character may be cut off by the end of the head.
bool is_text(std::string_view head) {
  constexpr std::size_t kLongestCharacter = 4;
  bool valid = text::is_valid_utf8(head);
  for (std::size_t cut = 1; !valid && head.size() == kMediaTypeHead && cut < kLongestCharacter;
       ++cut)
    valid = text::is_valid_utf8(head.substr(0, head.size() - cut));
  return valid && std::none_of(head.begin(), head.end(), [](char c) {
           return c >= 0 && c < ' ' && c != '\n' && c != '\r' && c != '\t';
         });
}

bool fits(const Kind& kind, std::string_view head) {
  switch (kind.look) {
    case Look::Start:
      return head.starts_with(kind.mark);
    case Look::Riff:
      return head.starts_with("RIFF") && head.size() >= 12 && head.substr(8, 4) == kind.mark;
    case Look::BoxAt4:
      return head.size() >= 8 && head.substr(4, 4) == kind.mark;
    case Look::Text:
      return is_text(head);
  }
  return false;
}

std::string_view extension_of(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos ? "" : name.substr(dot + 1);
}

bool is_invisible(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

}  // namespace

std::string_view media_type_of(std::string_view name, std::string_view head) {
  std::string extension(extension_of(name));
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const auto& kind : kKinds) {
    if (kind.extension == extension && fits(kind, head)) return kind.media_type;
  }
  return kUnknownMediaType;
}

bool is_picture(std::string_view media_type) {
  static constexpr std::array kPictures = {"image/png"sv, "image/jpeg"sv, "image/gif"sv,
                                           "image/bmp"sv, "image/webp"sv};
  return std::find(kPictures.begin(), kPictures.end(), media_type) != kPictures.end();
}

std::string safe_file_name(std::string_view given) {
  constexpr std::size_t kLongest = 200;
  constexpr std::size_t kLongestExtension = 20;
  if (!text::is_valid_utf8(given)) return "file";
  const auto slash = given.find_last_of("/\\");
  if (slash != std::string_view::npos) given.remove_prefix(slash + 1);
  std::u32string name;
  for (const char32_t c : text::to_utf32(given)) {
    if (!is_invisible(c)) name += c;
  }
  const auto is_edge = [](char32_t c) { return c == '.' || c == ' ' || c == 0x3000; };
  while (!name.empty() && is_edge(name.front())) name.erase(0, 1);
  while (!name.empty() && is_edge(name.back())) name.pop_back();
  if (name.size() > kLongest) {
    const auto dot = name.rfind(U'.');
    const bool has_extension =
        dot != std::u32string::npos && name.size() - dot <= kLongestExtension;
    const auto extension = has_extension ? name.substr(dot) : std::u32string();
    name = name.substr(0, kLongest - extension.size()) + extension;
  }
  return name.empty() ? "file" : text::to_utf8(name);
}

}  // namespace kehai::platform
