#include "platform/transfer/formats/text_encoding.h"

#include <unicode/ucnv.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <vector>

#include "base/error.h"

namespace kehai::platform {

namespace {

constexpr std::size_t kHead = 64 * 1024;
constexpr std::size_t kChunk = 256 * 1024;
// Enough pairs of bytes to be sure between the legacy encodings.
constexpr std::uint64_t kEnoughPairs = 200'000;

struct Mark {
  std::string_view bytes;
  const char* name;
};
// The longer marks first: UTF-32LE begins like UTF-16LE.
constexpr std::array<Mark, 6> kMarks = {{
    {std::string_view("\xFF\xFE\x00\x00", 4), "UTF-32LE"},
    {std::string_view("\x00\x00\xFE\xFF", 4), "UTF-32BE"},
    {"\x84\x31\x95\x33", "GB18030"},
    {"\xEF\xBB\xBF", "UTF-8"},
    {"\xFF\xFE", "UTF-16LE"},
    {"\xFE\xFF", "UTF-16BE"},
}};

bool is_control(std::uint32_t code) {
  return code < 0x20 && code != '\t' && code != '\n' && code != '\r' && code != '\f' &&
         code != 0x1A;
}

// --- UTF-16 and UTF-32 without a mark
// -------------------------------------------------------------------------

std::uint32_t unit(std::string_view bytes, std::size_t at, std::size_t width, bool big) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    const std::size_t index = big ? at + i : at + width - 1 - i;
    value = value << 8 | static_cast<unsigned char>(bytes[index]);
  }
  return value;
}

// How much `bytes` reads like text when taken as units of `width` bytes: share of plausible
// characters in 1/1000.
int plausibility(std::string_view bytes, std::size_t width, bool big) {
  std::uint64_t good = 0, total = 0;
  for (std::size_t at = 0; at + width <= bytes.size(); at += width) {
    const std::uint32_t code = unit(bytes, at, width, big);
    ++total;
    if (code > 0x10FFFF) return 0;
    const bool latin =
        (code >= 0x20 && code < 0x250) || code == '\t' || code == '\n' || code == '\r';
    const bool chinese = (code >= 0x3000 && code <= 0x30FF) || (code >= 0x4E00 && code <= 0x9FFF) ||
                         (code >= 0xFF00 && code <= 0xFFEF);
    if (latin || chinese) ++good;
  }
  return total == 0 ? 0 : static_cast<int>(good * 1000 / total);
}

std::string guess_wide(std::string_view head, std::uint64_t size) {
  struct Candidate {
    const char* name;
    std::size_t width;
    bool big;
  };
  std::string best;
  int best_score = 600;
  for (const Candidate& candidate :
       {Candidate{"UTF-32LE", 4, false}, Candidate{"UTF-32BE", 4, true},
        Candidate{"UTF-16LE", 2, false}, Candidate{"UTF-16BE", 2, true}}) {
    if (size % candidate.width != 0) continue;
    const int score = plausibility(head, candidate.width, candidate.big);
    if (score > best_score) {
      best_score = score;
      best = candidate.name;
    }
  }
  return best;
}

// --- GB18030, Big5, Windows-1252
// ------------------------------------------------------------------------------

// Counts how a stream of bytes reads as one double-byte encoding.
struct PairCounter {
  std::uint64_t common = 0;   // first-level characters and ordinary punctuation
  std::uint64_t rare = 0;     // valid, but seldom used
  std::uint64_t invalid = 0;  // bytes that cannot be
  unsigned char lead = 0;
  int four = 0;  // bytes of a four-byte GB18030 character read so far

  std::uint64_t pairs() const { return common + rare; }
  // Share of common characters among everything that is not ASCII, in 1/1000.
  std::uint64_t score() const {
    const std::uint64_t total = pairs() + invalid * 4;
    return total == 0 ? 0 : common * 1000 / total;
  }
};

void count_gb18030(PairCounter& counter, unsigned char byte) {
  if (counter.four == 2 || counter.four == 3) {
    const bool fits =
        counter.four == 2 ? byte >= 0x81 && byte <= 0xFE : byte >= 0x30 && byte <= 0x39;
    counter.four = fits ? counter.four + 1 : 0;
    if (!fits) ++counter.invalid;
    if (counter.four == 4) {
      ++counter.rare;
      counter.four = 0;
    }
    return;
  }
  if (counter.lead == 0) {
    if (byte >= 0x81 && byte <= 0xFE)
      counter.lead = byte;
    else if (byte >= 0x80)
      ++counter.invalid;
    return;
  }
  const unsigned char lead = std::exchange(counter.lead, 0);
  if (byte >= 0x30 && byte <= 0x39) {
    counter.four = 2;
  } else if (byte < 0x40 || byte == 0x7F || byte == 0xFF) {
    ++counter.invalid;
  } else if (byte >= 0xA1 && ((lead >= 0xB0 && lead <= 0xD7) || lead == 0xA1 || lead == 0xA3)) {
    ++counter.common;
  } else {
    ++counter.rare;
  }
}

void count_big5(PairCounter& counter, unsigned char byte) {
  if (counter.lead == 0) {
    if (byte >= 0x81 && byte <= 0xFE)
      counter.lead = byte;
    else if (byte >= 0x80)
      ++counter.invalid;
    return;
  }
  const unsigned char lead = std::exchange(counter.lead, 0);
  const bool trail = (byte >= 0x40 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xFE);
  if (!trail)
    ++counter.invalid;
  else if (lead >= 0xA1 && lead <= 0xC6)
    ++counter.common;
  else
    ++counter.rare;
}

struct Legacy {
  PairCounter gb18030;
  PairCounter big5;
  std::uint64_t undefined = 0;  // bytes that Windows-1252 leaves empty
};

Legacy count_legacy(ByteSource& source) {
  Legacy counts;
  std::vector<char> buffer(kChunk);
  for (std::uint64_t offset = 0; offset < source.size();) {
    const std::size_t got = source.read(offset, buffer.data(), buffer.size());
    if (got == 0) break;
    offset += got;
    for (std::size_t i = 0; i < got; ++i) {
      const auto byte = static_cast<unsigned char>(buffer[i]);
      count_gb18030(counts.gb18030, byte);
      count_big5(counts.big5, byte);
      if (byte == 0x81 || byte == 0x8D || byte == 0x8F || byte == 0x90 || byte == 0x9D)
        ++counts.undefined;
    }
    if (counts.gb18030.pairs() > kEnoughPairs) break;
  }
  // A character cut off by the end of the file.
  if (counts.gb18030.lead != 0 || counts.gb18030.four != 0) ++counts.gb18030.invalid;
  if (counts.big5.lead != 0) ++counts.big5.invalid;
  return counts;
}

TextEncoding guess_legacy(ByteSource& source) {
  const Legacy counts = count_legacy(source);
  const std::uint64_t gb = counts.gb18030.score();
  const std::uint64_t big5 = counts.big5.score();
  // Western text puts a letter after most of its accented letters, which as Chinese is nothing but
  // rare characters. A file of rare names (four-byte characters) has no invalid byte as GB18030.
  const bool rare_names = counts.gb18030.invalid == 0 && counts.gb18030.pairs() >= 2 && gb >= 300;
  if (gb < 550 && big5 < 550 && !rare_names) return {.name = "windows-1252"};
  if (big5 > gb + 100 && counts.big5.invalid <= counts.gb18030.invalid) {
    return {.name = "Big5", .damaged_bytes = counts.big5.invalid};
  }
  return {.name = "GB18030", .damaged_bytes = counts.gb18030.invalid};
}

// --- UTF-8
// ----------------------------------------------------------------------------------------------------

struct Utf8Count {
  std::uint64_t good = 0;  // characters beyond ASCII
  std::uint64_t bad = 0;   // bytes that fit nowhere
  bool other = false;      // surely not UTF-8: counting was given up
};

std::uint64_t count_leads(std::string_view text) {
  return static_cast<std::uint64_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xC0; }));
}

Utf8Count count_utf8(ByteSource& source, std::uint64_t offset) {
  Utf8Count count;
  std::string buffer(kChunk, '\0');
  std::size_t kept = 0;
  while (!count.other) {
    const std::size_t got = source.read(offset, buffer.data() + kept, kChunk - kept);
    offset += got;
    std::string_view rest(buffer.data(), kept + got);
    while (!rest.empty()) {
      const std::size_t good = valid_utf8_prefix(rest);
      count.good += count_leads(rest.substr(0, good));
      rest.remove_prefix(good);
      // The cut of the buffer may go through a character.
      if (rest.empty() || (got > 0 && rest.size() < 4)) break;
      ++count.bad;
      rest.remove_prefix(1);
    }
    if (got == 0) break;
    count.other = count.bad > 1000 && count.bad * 10 > count.good;
    kept = rest.size();
    std::copy(rest.begin(), rest.end(), buffer.begin());
  }
  return count;
}

std::uint64_t count_controls(std::string_view head) {
  return static_cast<std::uint64_t>(std::count_if(
      head.begin(), head.end(), [](char c) { return is_control(static_cast<unsigned char>(c)); }));
}

TextEncoding find_mark(std::string_view head) {
  for (const Mark& mark : kMarks) {
    if (head.substr(0, mark.bytes.size()) == mark.bytes) {
      return {.name = mark.name, .mark_bytes = mark.bytes.size()};
    }
  }
  return {};
}

// Some programs put the mark of UTF-16 before UTF-32.
void correct_short_mark(std::string_view head, std::uint64_t size, TextEncoding& encoding) {
  const std::string guess = guess_wide(head.substr(2), size - 2);
  if (guess.substr(0, 6) == "UTF-32") encoding.name = guess;
}

void judge_utf8(ByteSource& source, TextEncoding& encoding) {
  const Utf8Count count = count_utf8(source, encoding.mark_bytes);
  encoding.clean = count.bad == 0;
  encoding.damaged_bytes = count.bad;
}

// "gb2312", "GBK", "cp936" and friends are all read as the superset that contains them.
std::string canonical_name(const std::string& asked) {
  std::string name;
  for (const char c : asked) {
    if (c != '-' && c != '_' && c != ' ')
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (name == "utf8" || name == "utf8bom" || name == "utf8sig" || name == "ascii") return "UTF-8";
  if (name == "utf16" || name == "utf16le" || name == "unicode") return "UTF-16LE";
  if (name == "utf16be") return "UTF-16BE";
  if (name == "utf32" || name == "utf32le") return "UTF-32LE";
  if (name == "utf32be") return "UTF-32BE";
  if (name == "gb2312" || name == "gbk" || name == "gb18030" || name == "cp936" || name == "ansi")
    return "GB18030";
  if (name == "big5" || name == "cp950") return "Big5";
  if (name == "windows1252" || name == "cp1252" || name == "latin1" || name == "iso88591")
    return "windows-1252";
  return asked;
}

}  // namespace

TextEncoding detect_encoding(ByteSource& source) {
  const std::string head = source.head(kHead);
  TextEncoding encoding = find_mark(head);
  if (encoding.name == "UTF-8") judge_utf8(source, encoding);
  if (encoding.mark_bytes == 2) correct_short_mark(head, source.size(), encoding);
  if (!encoding.name.empty()) return encoding;
  if (head.find('\0') != std::string::npos) {
    encoding.name = guess_wide(head, source.size());
    if (!encoding.name.empty()) return encoding;
  }
  const std::uint64_t controls = count_controls(head);
  if (controls >= 4 && controls * 50 > head.size()) {
    throw base::Error(base::ErrorKind::Invalid, "import.binary_file", {{"format", ""}});
  }
  const Utf8Count count = count_utf8(source, 0);
  if (count.bad == 0) return {.name = "UTF-8", .clean = true};
  // A few broken bytes in text that is plainly UTF-8: say so instead of turning all of it into
  // noise.
  if (!count.other && count.good >= 20 && count.bad * 50 <= count.good) {
    return {.name = "UTF-8", .damaged_bytes = count.bad};
  }
  return guess_legacy(source);
}

TextEncoding named_encoding(ByteSource& source, const std::string& name) {
  TextEncoding encoding{.name = canonical_name(name)};
  UErrorCode status = U_ZERO_ERROR;
  UConverter* converter = ucnv_open(encoding.name.c_str(), &status);
  ucnv_close(converter);
  if (U_FAILURE(status) || encoding.name.empty()) {
    throw base::Error(base::ErrorKind::Invalid, "import.encoding_unknown", {{"encoding", name}});
  }
  const TextEncoding mark = find_mark(source.head(4));
  if (mark.name == encoding.name) encoding.mark_bytes = mark.mark_bytes;
  if (encoding.name == "UTF-8") judge_utf8(source, encoding);
  return encoding;
}

}  // namespace kehai::platform
