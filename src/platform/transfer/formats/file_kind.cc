#include "platform/transfer/formats/file_kind.h"

#include <array>
#include <cctype>
#include <string>

#include "base/error.h"

namespace kehai::platform {

namespace {

struct Magic {
  std::string_view bytes;
  const char* format;
};

constexpr std::array<Magic, 18> kBinary = {{
    {"%PDF-", "pdf"},
    {"\x89PNG\r\n", "png"},
    {"\xFF\xD8\xFF", "jpeg"},
    {"GIF8", "gif"},
    {"Rar!\x1A", "rar"},
    {"7z\xBC\xAF\x27\x1C", "7z"},
    {"\x1F\x8B", "gzip"},
    {"BZh9", "bzip2"},
    {std::string_view("\xFD"
                      "7zXZ\0",
                      6),
     "xz"},
    {"\x28\xB5\x2F\xFD", "zstd"},
    {"\x7F"
     "ELF",
     "program"},
    {"MZ\x90", "program"},
    {std::string_view("SQLite format 3\0", 16), "sqlite"},
    {std::string_view("RIFF", 4), "media"},
    {"OggS", "media"},
    {"ID3", "media"},
    {"II*\0", "tiff"},
    {"bplist00", "plist"},
}};

bool starts_with(std::string_view text, std::string_view begin) {
  return text.substr(0, begin.size()) == begin;
}

[[noreturn]] void refuse(const char* code, const char* format) {
  throw base::Error(base::ErrorKind::Invalid, code, {{"format", format}});
}

// The beginning as lower-case ASCII, whatever the encoding: marks, NULs of UTF-16 and leading
// blanks are dropped.
std::string plain_beginning(std::string_view head) {
  std::string plain;
  for (const char c : head.substr(0, 4096)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0 || byte >= 0x80) continue;
    if (plain.empty() && std::isspace(byte)) continue;
    plain += static_cast<char>(std::tolower(byte));
  }
  return plain;
}

void refuse_markup(const std::string& plain) {
  if (starts_with(plain, "{\\rtf")) refuse("import.not_a_table", "rtf");
  if (starts_with(plain, "mime-version:") && plain.find("multipart/related") != std::string::npos) {
    refuse("import.html_table", "mhtml");
  }
  for (const char* tag :
       {"<!doctype html", "<html", "<table", "<head", "<meta ", "<style", "<body"}) {
    if (starts_with(plain, tag)) refuse("import.html_table", "html");
  }
  if (!starts_with(plain, "<?xml") && !starts_with(plain, "<!doctype")) return;
  if (plain.find("urn:schemas-microsoft-com:office:spreadsheet") != std::string::npos) {
    refuse("import.format_not_supported", "spreadsheetml");
  }
  if (plain.find("<html") != std::string::npos) refuse("import.html_table", "html");
  refuse("import.not_a_table", "xml");
}

}  // namespace

TableFormat recognise_table(std::string_view head) {
  if (starts_with(head, "PK\x03\x04") || starts_with(head, "PK\x05\x06")) return TableFormat::Xlsx;
  if (starts_with(head, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")) return TableFormat::Xls;
  // A bare BIFF stream: Excel 2 to 4, before compound files.
  for (const std::string_view old :
       {std::string_view("\x09\x00\x04\x00", 4), std::string_view("\x09\x02\x06\x00", 4),
        std::string_view("\x09\x04\x06\x00", 4)}) {
    if (starts_with(head, old)) refuse("import.format_not_supported", "xls4");
  }
  for (const Magic& magic : kBinary) {
    if (starts_with(head, magic.bytes)) refuse("import.binary_file", magic.format);
  }
  refuse_markup(plain_beginning(head));
  return TableFormat::Delimited;
}

}  // namespace kehai::platform
