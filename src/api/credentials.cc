#include "api/credentials.h"

#include <algorithm>

#include "http/encoding.h"

namespace kehai::api {

namespace {

constexpr std::size_t kLongestSecret = 512;

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

// "0.8" → 800; whatever is no quality counts as 1000.
int quality(std::string_view parameters) {
  const auto at = parameters.find("q=");
  if (at == std::string_view::npos) return 1000;
  std::string_view text = http::trim_blanks(parameters.substr(at + 2));
  int value = 0;
  int places = -1;
  for (const char c : text) {
    if (c == '.' && places < 0) {
      places = 0;
    } else if (c >= '0' && c <= '9' && places < 3) {
      value = value * 10 + (c - '0');
      if (places >= 0) ++places;
    } else {
      return 1000;
    }
    if (value > 1000) return 1000;
  }
  for (int i = std::max(places, 0); i < 3; ++i) value *= 10;
  return std::min(value, 1000);
}

std::string_view without_scheme(std::string_view origin) {
  const auto at = origin.find("://");
  return at == std::string_view::npos ? std::string_view() : origin.substr(at + 3);
}

}  // namespace

std::string_view session_cookie_name(bool tls) {
  return tls ? "__Host-kehai_session" : "kehai_session";
}

std::string session_cookie(bool tls, std::string_view token, std::int64_t seconds) {
  std::string out(session_cookie_name(tls));
  out += '=';
  out += token;
  // Lax: a link in a mail opens the page signed in; writes are guarded by the CSRF token and the
  // origin check.
  out += "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(seconds);
  if (tls) out += "; Secure";
  return out;
}

std::string expired_session_cookie(bool tls) {
  return session_cookie(tls, "", 0);
}

std::string cookie_value(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const auto end = std::min(header.find(';'), header.size());
    const auto part = http::trim_blanks(header.substr(0, end));
    header = end == header.size() ? std::string_view() : header.substr(end + 1);
    const auto equals = part.find('=');
    if (equals == std::string_view::npos || part.substr(0, equals) != name) continue;
    const auto value = part.substr(equals + 1);
    return value.size() > kLongestSecret ? std::string() : std::string(value);
  }
  return {};
}

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    const int padding =
        last ? static_cast<int>(text[i + 3] == '=') + static_cast<int>(text[i + 2] == '=') : 0;
    unsigned bits = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const bool is_padding = padding > 0 && k >= static_cast<std::size_t>(4 - padding);
      const int digit = is_padding ? 0 : base64_digit(text[i + k]);
      if (digit < 0) return std::nullopt;
      bits = bits << 6U | static_cast<unsigned>(digit);
    }
    for (int k = 0; k < 3 - padding; ++k) {
      out.push_back(static_cast<char>(bits >> static_cast<unsigned>(16 - 8 * k) & 0xFFU));
    }
  }
  return out;
}

Authorization parse_authorization(std::string_view header) {
  Authorization result;
  header = http::trim_blanks(header);
  if (header.empty()) return result;
  result.scheme = Authorization::Scheme::Unknown;
  const auto blank = header.find(' ');
  if (blank == std::string_view::npos) return result;
  const auto scheme = http::to_lower_ascii(header.substr(0, blank));
  const auto value = http::trim_blanks(header.substr(blank + 1));
  if (value.empty() || value.size() > 2 * kLongestSecret) return result;
  if (scheme == "bearer") {
    result.scheme = Authorization::Scheme::Bearer;
    result.secret = std::string(value);
  } else if (scheme == "basic") {
    const auto decoded = decode_base64(value);
    const auto colon = decoded ? decoded->find(':') : std::string::npos;
    if (colon == std::string::npos) return result;
    result.scheme = Authorization::Scheme::Basic;
    result.secret = decoded->substr(colon + 1);
  }
  return result;
}

std::optional<base::Language> accepted_language(std::string_view header) {
  std::optional<base::Language> best;
  int best_quality = 0;
  while (!header.empty()) {
    const auto end = std::min(header.find(','), header.size());
    const auto part = http::trim_blanks(header.substr(0, end));
    header = end == header.size() ? std::string_view() : header.substr(end + 1);
    const auto semicolon = std::min(part.find(';'), part.size());
    const auto tag = http::trim_blanks(part.substr(0, semicolon));
    // Two fallbacks tell "ours" from "none of ours".
    const auto language = base::parse_language(tag, base::Language::English);
    if (language != base::parse_language(tag, base::Language::SimplifiedChinese)) continue;
    const int value = quality(part.substr(semicolon));
    if (value > best_quality) {
      best = language;
      best_quality = value;
    }
  }
  return best;
}

bool comes_from_own_page(const http::Request& request,
                         const std::vector<std::string>& allowed_origins) {
  const auto origin = request.header("origin");
  if (!origin.empty() &&
      std::find(allowed_origins.begin(), allowed_origins.end(), origin) != allowed_origins.end()) {
    return true;
  }
  const auto site = request.header("sec-fetch-site");
  if (!site.empty()) return site == "same-origin" || site == "none";
  if (origin.empty()) return true;  // no browser
  return http::equal_ignoring_case(without_scheme(origin), request.header("host")) &&
         !request.header("host").empty();
}

}  // namespace kehai::api
