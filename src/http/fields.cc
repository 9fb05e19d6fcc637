#include "http/fields.h"

#include <algorithm>

#include "base/language.h"
#include "http/encoding.h"

namespace kehai::http {
namespace {

constexpr std::size_t kMaxListItems = 32;
constexpr std::size_t kMaxEntityTags = 64;
constexpr std::size_t kMaxFileName = 200;  // bytes

// Calls visit(item) for each part between separators; visit returns false to stop.
template <typename Visit>
void for_each_item(std::string_view list, char separator, const Visit& visit) {
  while (!list.empty()) {
    const std::size_t end = list.find(separator);
    const std::string_view item = trim_blanks(list.substr(0, end));
    list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
    if (!item.empty() && !visit(item)) return;
  }
}

// "0.75" → 750; -1 when it is not a weight.
int parse_weight(std::string_view text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1') || text.size() > 5) return -1;
  int weight = (text[0] - '0') * 1000;
  if (text.size() > 1 && text[1] != '.') return -1;
  int unit = 100;
  for (std::size_t i = 2; i < text.size(); ++i, unit /= 10) {
    if (text[i] < '0' || text[i] > '9') return -1;
    weight += (text[i] - '0') * unit;
  }
  return weight > 1000 ? -1 : weight;
}

// zh-hant-tw → zh-Hant-TW
std::string usual_case(std::string tag) {
  const auto raise = [](char& c) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  };
  for (std::size_t start = tag.find('-'); start != std::string::npos;) {
    const std::size_t end = std::min(tag.find('-', start + 1), tag.size());
    const std::size_t length = end - start - 1;
    if (length == 2 || length == 4) raise(tag[start + 1]);
    if (length == 2) raise(tag[start + 2]);
    start = end == tag.size() ? std::string::npos : end;
  }
  return tag;
}

// Characters that end or reorder what a user sees of a file name.
bool is_unsafe_mark(std::string_view character) {
  // U+200E/F, U+202A–E, U+2066–9: direction marks.
  return character == "\xE2\x80\x8E" || character == "\xE2\x80\x8F" ||
         (character >= "\xE2\x80\xAA" && character <= "\xE2\x80\xAE") ||
         (character >= "\xE2\x81\xA6" && character <= "\xE2\x81\xA9");
}

std::size_t character_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xE0) return 2;
  return first < 0xF0 ? 3 : 4;
}

std::string safe_file_name(std::string_view name) {
  if (!is_valid_utf8(name)) return "file";
  std::string safe;
  for (std::size_t i = 0; i < name.size();) {
    const std::string_view character =
        name.substr(i, character_length(static_cast<unsigned char>(name[i])));
    i += character.size();
    const auto first = static_cast<unsigned char>(character[0]);
    const bool bad = first < 0x20 || first == 0x7F || character == "/" || character == "\\" ||
                     is_unsafe_mark(character);
    if (safe.size() + character.size() > kMaxFileName) break;
    if (!bad) safe += character;
  }
  while (!safe.empty() && (safe.front() == '.' || safe.front() == ' ')) safe.erase(0, 1);
  return safe.empty() ? "file" : safe;
}

}  // namespace

std::optional<std::string_view> cookie(const Request& request, std::string_view name) {
  std::optional<std::string_view> found;
  bool differs = false;
  for (const auto& [field, value] : request.headers) {
    if (field != "cookie") continue;
    for_each_item(value, ';', [&](std::string_view item) {
      const std::size_t equals = item.find('=');
      if (equals == std::string_view::npos || trim_blanks(item.substr(0, equals)) != name)
        return true;
      const std::string_view text = trim_blanks(item.substr(equals + 1));
      if (found && *found != text) differs = true;
      found = text;
      return true;
    });
  }
  return differs ? std::nullopt : found;
}

std::string set_cookie(std::string_view name, std::string_view value,
                       const CookieOptions& options) {
  std::string text;
  text.append(name).append("=").append(value);
  text.append("; Path=").append(options.path);
  if (options.max_age) text += "; Max-Age=" + std::to_string(*options.max_age);
  if (options.secure) text += "; Secure";
  if (options.http_only) text += "; HttpOnly";
  text.append("; SameSite=").append(options.same_site);
  return text;
}

std::string_view bearer_token(const Request& request) {
  const std::string_view field = request.header("authorization");
  constexpr std::string_view kScheme = "bearer ";
  if (field.size() <= kScheme.size() ||
      !equal_ignoring_case(field.substr(0, kScheme.size()), kScheme)) {
    return {};
  }
  return trim_blanks(field.substr(kScheme.size()));
}

std::optional<BasicCredentials> basic_credentials(const Request& request) {
  const std::string_view field = request.header("authorization");
  constexpr std::string_view kScheme = "basic ";
  if (!equal_ignoring_case(field.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  const auto decoded = base64_decode(trim_blanks(field.substr(kScheme.size())));
  if (!decoded || !is_valid_utf8(*decoded)) return std::nullopt;
  const std::size_t colon = decoded->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return BasicCredentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

std::string media_type(std::string_view content_type) {
  return to_lower_ascii(trim_blanks(content_type.substr(0, content_type.find(';'))));
}

std::string media_parameter(std::string_view content_type, std::string_view name) {
  std::size_t at = content_type.find(';');
  while (at != std::string_view::npos) {
    const std::string_view rest = content_type.substr(at + 1);
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return {};
    const bool wanted = equal_ignoring_case(trim_blanks(rest.substr(0, equals)), name);
    std::string value;
    std::size_t i = equals + 1;
    if (i < rest.size() && rest[i] == '"') {
      for (++i; i < rest.size() && rest[i] != '"'; ++i) {
        if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
        value += rest[i];
      }
      if (i >= rest.size()) return {};  // no closing quote
    } else {
      const std::size_t end = rest.find(';', i);
      value = trim_blanks(rest.substr(i, end == std::string_view::npos ? end : end - i));
    }
    if (wanted) return value;
    const std::size_t next = rest.find(';', i);
    at = next == std::string_view::npos ? next : at + 1 + next;
  }
  return {};
}

std::vector<Weighted> weighted_list(std::string_view field) {
  std::vector<Weighted> items;
  for_each_item(field, ',', [&](std::string_view item) {
    if (items.size() == kMaxListItems) return false;
    Weighted entry;
    const std::size_t semicolon = item.find(';');
    entry.value = to_lower_ascii(trim_blanks(item.substr(0, semicolon)));
    if (semicolon != std::string_view::npos) {
      const std::string quality = media_parameter(item.substr(semicolon), "q");
      if (!quality.empty()) entry.weight = parse_weight(quality);
    }
    if (entry.weight >= 0 && !entry.value.empty()) items.push_back(std::move(entry));
    return true;
  });
  std::stable_sort(items.begin(), items.end(),
                   [](const Weighted& a, const Weighted& b) { return a.weight > b.weight; });
  return items;
}

base::Language choose_language(std::string_view accept_language, base::Language fallback) {
  using base::Language;
  for (const Weighted& wanted : weighted_list(accept_language)) {
    if (wanted.weight == 0 || wanted.value == "*") break;
    const std::string tag = usual_case(wanted.value);
    const Language language = base::parse_language(tag, Language::English);
    // A tag that is not ours gives back whatever fallback it was given.
    if (language == base::parse_language(tag, Language::SimplifiedChinese)) return language;
  }
  return fallback;
}

bool accepts(std::string_view accept, std::string_view type) {
  const auto items = weighted_list(accept);
  return std::any_of(items.begin(), items.end(),
                     [&](const Weighted& item) { return item.value == type && item.weight > 0; });
}

bool EntityTags::match(std::string_view value) const {
  return any || std::any_of(tags.begin(), tags.end(),
                            [&](const EntityTag& tag) { return tag.value == value; });
}

std::optional<EntityTags> parse_entity_tags(std::string_view field) {
  EntityTags result;
  field = trim_blanks(field);
  if (field == "*") {
    result.any = true;
    return result;
  }
  while (!field.empty()) {
    EntityTag tag;
    if (field.substr(0, 2) == "W/") {
      tag.weak = true;
      field.remove_prefix(2);
    }
    const std::size_t end =
        field.empty() || field.front() != '"' ? std::string_view::npos : field.find('"', 1);
    if (end == std::string_view::npos || result.tags.size() == kMaxEntityTags) return std::nullopt;
    tag.value = field.substr(1, end - 1);
    result.tags.push_back(std::move(tag));
    field = trim_blanks(field.substr(end + 1));
    if (field.empty()) break;
    if (field.front() != ',') return std::nullopt;
    field = trim_blanks(field.substr(1));
    if (field.empty()) return std::nullopt;
  }
  if (result.tags.empty()) return std::nullopt;
  return result;
}

std::string content_disposition(std::string_view file_name, bool attachment) {
  const std::string name = safe_file_name(file_name);
  std::string fallback;
  bool plain = true;
  for (char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) plain = false;
    // One '_' per character that ASCII lacks.
    if ((byte & 0xC0) == 0x80) continue;
    fallback += byte >= 0x80 || c == '"' || c == '%' ? '_' : c;
    if (c == '"' || c == '%') plain = false;
  }
  std::string text = attachment ? "attachment" : "inline";
  text += "; filename=\"" + fallback + "\"";
  if (!plain) text += "; filename*=UTF-8''" + percent_encode(name);
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  const auto value_of = [](char c) -> int {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : -1;
  };
  while (!text.empty() && text.back() == '=' && text.size() % 4 != 1) {
    text.remove_suffix(1);
    if (text.size() % 4 == 2) break;
  }
  if (text.size() % 4 == 1) return std::nullopt;
  std::string decoded;
  unsigned bits = 0;
  int held = 0;
  for (char c : text) {
    const int value = value_of(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 6U) | static_cast<unsigned>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    decoded += static_cast<char>((bits >> static_cast<unsigned>(held)) & 0xFFU);
  }
  return decoded;
}

}  // namespace kehai::http
