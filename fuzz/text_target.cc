#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/error.h"
#include "platform/transfer/formats/byte_source.h"
#include "platform/transfer/formats/table_reader.h"
#include "platform/transfer/formats/text_encoding.h"
#include "product_targets.h"

namespace kehai::fuzz {

namespace {

void require(bool holds, const std::string& what) {
  if (!holds) throw std::logic_error(what);
}

struct Encoding {
  const char* name;
  std::size_t width;  // of a letter of ASCII
  bool big;           // the letter is the last of its bytes
};
// Those that are guessed, and some that have to be asked for: with shifts, with two letters' width.
constexpr std::array<Encoding, 12> kEncodings = {{{"UTF-8", 1, false},
                                                  {"GB18030", 1, false},
                                                  {"Big5", 1, false},
                                                  {"windows-1252", 1, false},
                                                  {"UTF-16LE", 2, false},
                                                  {"UTF-16BE", 2, true},
                                                  {"UTF-32LE", 4, false},
                                                  {"UTF-32BE", 4, true},
                                                  {"Shift_JIS", 1, false},
                                                  {"EUC-KR", 1, false},
                                                  {"ISO-2022-JP", 1, false},
                                                  {"HZ-GB-2312", 1, false}}};

// Decoders take their bytes in pieces of this size, the reader of tables begins with two of them.
constexpr std::size_t kPiece = 64 * 1024;

std::string letters(const Encoding& encoding, std::size_t count) {
  std::string letter(encoding.width, '\0');
  letter[encoding.big ? encoding.width - 1 : 0] = 'a';
  std::string out;
  out.reserve(count * encoding.width);
  for (std::size_t i = 0; i < count; ++i) out += letter;
  return out;
}

std::string decoded(platform::ByteSource& source, const platform::TextEncoding& encoding) {
  const auto decoder = platform::make_text_decoder(source, encoding);
  std::string text;
  while (decoder->read(text)) {
  }
  require(platform::valid_utf8_prefix(text) == text.size(), encoding.name + " is not made UTF-8");
  require(decoder->bytes_read() == source.size(), encoding.name + " is not read to its end");
  return text + "\n" + std::to_string(decoder->damaged_bytes());
}

// The bytes behind `before` letters; the text without these.
std::string decoded_behind(const Encoding& encoding, std::size_t before, std::string_view bytes) {
  const auto source = platform::make_byte_source(letters(encoding, before) + std::string(bytes));
  const auto text = decoded(*source, platform::named_encoding(*source, encoding.name));
  require(text.substr(0, before) == std::string(before, 'a'), "letters in front change");
  return text.substr(before);
}

void check_decoder(const Encoding& encoding, std::string_view bytes, std::size_t cut) {
  const std::size_t before = (kPiece - std::min(cut, bytes.size())) / encoding.width;
  require(decoded_behind(encoding, before, bytes) == decoded_behind(encoding, 1, bytes),
          std::string(encoding.name) + ": a cut gives another text");
}

void check_guess(std::string_view bytes) {
  const auto source = platform::make_byte_source(std::string(bytes));
  try {
    decoded(*source, platform::detect_encoding(*source));
  } catch (const base::Error& error) {
    require(error.code() == "import.binary_file", "a guess ends in " + error.code());
  }
}

// All rows behind the first one, or why there are none.
std::string rows_behind(std::size_t letters_before, std::string_view bytes) {
  platform::TableOptions options;
  options.encoding = "UTF-8";
  options.delimiter = ",";
  options.header_row = 0;
  options.keep_blank_rows = options.keep_summary_rows = true;
  std::string text;
  try {
    const auto reader = platform::open_table_bytes(
        std::string(letters_before, 'a') + "\n" + std::string(bytes), options);
    std::vector<platform::Cell> cells;
    while (reader->next_row(cells)) {
      text += std::to_string(reader->row_number()) + " " + std::to_string(reader->line_number());
      for (const auto& cell : cells) text += "|" + (text.size() < 10 ? "" : cell.text);
      text += "\n";
    }
    return text;
  } catch (const base::Error& error) {
    for (const auto& [name, value] : error.params()) text += name + value;
    return error.code() + text;
  }
}

}  // namespace

void fuzz_text(std::string_view bytes) {
  if (bytes.size() < 2) return;
  const auto choice = static_cast<unsigned char>(bytes[0]);
  const auto cut = static_cast<unsigned char>(bytes[1]);
  bytes.remove_prefix(2);
  check_guess(bytes);
  check_decoder(kEncodings.at(choice % kEncodings.size()), bytes, cut);
  const std::size_t before = 2 * kPiece - 1 - std::min<std::size_t>(cut, bytes.size());
  require(rows_behind(before, bytes) == rows_behind(1, bytes), "a cut gives other rows");
}

}  // namespace kehai::fuzz
