#include "platform/files/media_type.h"

#include <doctest/doctest.h>

#include "base/text/utf8.h"

namespace kehai::platform {

using namespace std::string_literals;

TEST_CASE("media type: the extension and the first bytes must agree") {
  const std::string png = "\x89PNG\r\n\x1A\n....";
  CHECK(media_type_of("名片.PNG", png) == "image/png");
  CHECK(media_type_of("名片.png", "<html>") == kUnknownMediaType);
  CHECK(media_type_of("名片.pdf", png) == kUnknownMediaType);
  CHECK(media_type_of("名片", png) == kUnknownMediaType);
  CHECK(media_type_of("合同.pdf", "%PDF-1.7") == "application/pdf");
  CHECK(media_type_of("报价.xlsx", "PK\x03\x04...") ==
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
  CHECK(media_type_of("图.webp", "RIFF....WEBPVP8 ") == "image/webp");
  CHECK(media_type_of("图.webp", "RIFF....WAVEfmt ") == kUnknownMediaType);
  CHECK(media_type_of("录音.m4a",
                      "\0\0\0\x20"
                      "ftypM4A "s) == "audio/mp4");
  CHECK(media_type_of("记录.txt", "拜访记录\r\n") == "text/plain; charset=utf-8");
  CHECK(media_type_of("记录.txt", "\0binary"s) == kUnknownMediaType);
  CHECK(media_type_of("记录.txt", "\xB0\xDD\xB7\xC3") == kUnknownMediaType);  // another encoding
  CHECK(media_type_of("空.png", "") == kUnknownMediaType);
}

TEST_CASE("media type: a character that the end of the head cuts is still text") {
  std::string head;
  while (head.size() < kMediaTypeHead) head += "字";
  CHECK(media_type_of("长.csv", head.substr(0, kMediaTypeHead)) == "text/csv; charset=utf-8");
}

TEST_CASE("media type: what a browser could run has none") {
  for (const char* name : {"a.html", "a.htm", "a.svg", "a.xml", "a.xhtml", "a.js", "a.mjs", "a.exe",
                           "a.png.html", "a.hta", "a.swf"}) {
    CAPTURE(name);
    CHECK(media_type_of(name, "<script>alert(1)</script>") == kUnknownMediaType);
  }
  CHECK_FALSE(is_picture("image/svg+xml"));
  CHECK_FALSE(is_picture("image/tiff"));
  CHECK(is_picture("image/png"));
}

TEST_CASE("file name: hostile names become plain ones") {
  CHECK(safe_file_name("合同.pdf") == "合同.pdf");
  CHECK(safe_file_name("../../etc/passwd") == "passwd");
  CHECK(safe_file_name("..\\..\\boot.ini") == "boot.ini");
  CHECK(safe_file_name("a\0b.txt"s) == "ab.txt");
  CHECK(safe_file_name("a\r\nSet-Cookie: x.txt") == "aSet-Cookie: x.txt");
  CHECK(safe_file_name("invoice\u202Efdp.exe") == "invoicefdp.exe");
  CHECK(safe_file_name(" .. ") == "file");
  CHECK(safe_file_name("") == "file");
  CHECK(safe_file_name("\xFF\xFE") == "file");
  CHECK(safe_file_name(".htaccess") == "htaccess");
  const std::string cut = safe_file_name(std::string(300, 'a') + ".pdf");
  CHECK(cut.size() == 200);
  CHECK(cut.ends_with("a.pdf"));
  std::string wide;
  for (int i = 0; i < 300; ++i) wide += "长";
  CHECK(text::count_code_points(safe_file_name(wide + ".docx")) == 200);
  CHECK(safe_file_name(wide + ".docx").ends_with("长.docx"));
  CHECK(text::count_code_points(safe_file_name(wide)) == 200);
}

}  // namespace kehai::platform
