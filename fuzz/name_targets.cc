#include <algorithm>
#include <stdexcept>
#include <string>

#include "api/credentials.h"
#include "api/route.h"
#include "api/route_table.h"
#include "base/text/company_name.h"
#include "base/text/email.h"
#include "base/text/fold.h"
#include "base/text/phone.h"
#include "base/text/pinyin.h"
#include "base/text/tokens.h"
#include "base/text/uscc.h"
#include "base/text/utf8.h"
#include "http/encoding.h"
#include "product_targets.h"

namespace kehai::fuzz {

namespace {

void require(bool holds, const std::string& what) {
  if (!holds) throw std::logic_error(what);
}

void check_phone(std::string_view bytes) {
  for (const auto region : {text::PhoneRegion::Mainland, text::PhoneRegion::HongKong,
                            text::PhoneRegion::Macao, text::PhoneRegion::Taiwan}) {
    const auto phone = text::normalize_phone(bytes, region);
    require(phone.valid() == phone.error.empty(), "a phone number without verdict");
    if (!phone.identifies()) continue;
    require(phone.number.starts_with('+'), "a number that identifies is E.164: " + phone.number);
    const auto again = text::normalize_phone(phone.number, text::PhoneRegion::Mainland);
    require(again.number == phone.number && again.kind == phone.kind,
            "a number changes when it is read again: " + phone.number + " " + again.number);
    text::format_phone(phone);
  }
  text::mask_phone(bytes);
  text::split_phones(bytes);
  text::phone_digits(bytes);
}

void check_names(std::string_view bytes) {
  const std::string folded = text::fold(bytes);
  require(text::fold(folded) == folded, "folding twice is not folding once");
  require(text::is_valid_utf8(folded), "a fold is UTF-8");
  const std::string key = text::sort_key(bytes);
  require(text::is_valid_utf8(key) && key.find('\0') == std::string::npos, "a sort key is a text");
  text::pinyin(bytes);
  text::initials(bytes, text::NameKind::Person);
  const auto keys = text::company_keys(bytes);
  require(text::company_keys(bytes) == keys, "keys of a name differ from run to run");
  const int same = text::name_similarity(keys.key_core, keys.key_core);
  require(keys.key_core.empty() || same == 10'000, "a name is not like itself: " + keys.key_core);
  text::masked_name(bytes);
}

void check_codes(std::string_view bytes) {
  const auto uscc = text::check_uscc(bytes);
  if (uscc.valid())
    require(text::check_uscc(uscc.code).code == uscc.code, "a code changes: " + uscc.code);
  if (!uscc.suggestion.empty())
    require(text::check_uscc(uscc.suggestion).valid(), "a wrong suggestion: " + uscc.suggestion);
  text::is_taiwan_company_number(bytes);
  const auto email = text::normalize_email(bytes);
  if (email.valid())
    require(text::normalize_email(email.address).address == email.address,
            "an address changes: " + email.address);
  text::mask_email(bytes);
}

bool is_token(const std::string& token) {
  return !token.empty() && std::all_of(token.begin(), token.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
}

// FTS5 and to_tsquery read these texts: nothing of the query may stand in them as an operator.
void check_match(const std::string& match, std::string_view operators) {
  int depth = 0;
  for (const char c : match) {
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    require(depth >= 0 && (plain || operators.find(c) != std::string_view::npos),
            "a strange match: " + match);
  }
  require(depth == 0, "brackets of a match: " + match);
}

void check_tokens(std::string_view bytes) {
  const text::FieldClass classes[] = {text::FieldClass{'n', text::TokenKind::Name},
                                      text::FieldClass{'t', text::TokenKind::Text},
                                      text::FieldClass{'p', text::TokenKind::Phone}};
  for (const char letter : {'n', 't', 'p', 'e', 'c'}) {
    const auto tokens = text::index_tokens(bytes, letter);
    require(std::is_sorted(tokens.begin(), tokens.end()), "tokens in order");
    require(std::all_of(tokens.begin(), tokens.end(), is_token), "tokens are letters and digits");
  }
  const auto query = text::query_tokens(bytes);
  require(query.all.size() <= text::kMaxQueryGroups, "too many groups");
  check_match(text::fts5_match(query, classes), "()\"*: ANDOR");
  check_match(text::tsquery_text(query, classes), "()&|:* ");
}

}  // namespace

void fuzz_names(std::string_view bytes) {
  check_phone(bytes);
  check_names(bytes);
  check_codes(bytes);
  check_tokens(bytes);
}

void fuzz_credentials(std::string_view bytes) {
  const std::string token = api::cookie_value(bytes, api::session_cookie_name(false));
  require(token.size() <= bytes.size(), "a cookie longer than its header");
  const auto authorization = api::parse_authorization(bytes);
  require(authorization.secret.size() <= bytes.size(), "a secret longer than its header");
  using Scheme = api::Authorization::Scheme;
  require(authorization.secret.empty() || authorization.scheme == Scheme::Bearer ||
              authorization.scheme == Scheme::Basic,
          "a secret without scheme");
  if (const auto plain = api::decode_base64(bytes))
    require(plain->size() <= bytes.size() / 4 * 3, "too many bytes out of base64");
  api::accepted_language(bytes);
  if (const auto id = api::parse_id(bytes))
    require(std::to_string(*id) == bytes, "an id in another writing");
  require(api::with_key_segments(bytes).size() <= bytes.size() + 1, "keys as segments grow");
  http::Request request;
  request.headers = {{"host", "crm.test"}, {"origin", std::string(bytes)}};
  // Without an origin it is no page.
  const bool ours = bytes.empty() || http::to_lower_ascii(bytes).ends_with("://crm.test");
  require(ours || !api::comes_from_own_page(request, {}), "a foreign page is taken for ours");
}

}  // namespace kehai::fuzz
