#include "platform/dedupe/keys.h"

#include "base/text/company_name.h"
#include "base/text/email.h"
#include "base/text/phone.h"
#include "base/text/pinyin.h"
#include "base/text/uscc.h"
#include "base/text/utf8.h"

namespace kehai::platform {

namespace {

void add_company(std::string_view value, std::vector<StoredKey>& out) {
  const auto keys = text::company_keys(value);
  if (keys.key_exact.empty()) return;
  out.push_back({"name_exact", keys.key_exact});
  out.push_back({"name_norm", keys.key_norm});
  const auto core = text::to_utf32(keys.key_core);
  constexpr std::size_t kGram = 2;
  if (core.size() < kGram) return;
  out.push_back({"name_head", text::to_utf8(core.substr(0, kGram))});
  out.push_back({"name_tail", text::to_utf8(core.substr(core.size() - kGram))});
  out.push_back({"name_pinyin", text::pinyin(keys.key_core)});
}

// The domain of a mail address or a web address; "" for mailboxes that anybody can have.
std::string domain_of(std::string_view value) {
  std::string domain;
  if (value.find('@') != std::string_view::npos) {
    domain = text::normalize_email(value).domain;
  } else {
    if (const auto scheme = value.find("://"); scheme != std::string_view::npos)
      value.remove_prefix(scheme + 3);
    for (const char c : value.substr(0, value.find_first_of("/?#:")))
      domain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (domain.starts_with("www.")) domain.erase(0, 4);
    if (domain.find('.') == std::string::npos) domain.clear();
  }
  return text::is_public_mailbox_domain(domain) ? "" : domain;
}

}  // namespace

std::vector<StoredKey> keys_of(KeyKind kind, std::string_view value, text::PhoneRegion region) {
  std::vector<StoredKey> out;
  if (value.empty()) return out;
  switch (kind) {
    case KeyKind::Company:
      add_company(value, out);
      break;
    case KeyKind::Uscc: {
      const auto uscc = text::check_uscc(value);
      if (uscc.valid()) out.push_back({"uscc", uscc.code});
      break;
    }
    case KeyKind::Phone:
    case KeyKind::OfficePhone: {
      // Service numbers and numbers that need a region never identify anybody.
      const auto phone = text::normalize_phone(value, region);
      if (phone.identifies())
        out.push_back(
            {"phone", phone.number + (phone.extension.empty() ? "" : "x" + phone.extension)});
      break;
    }
    case KeyKind::Email: {
      const auto email = text::normalize_email(value);
      if (email.valid()) out.push_back({"email", email.address});
      break;
    }
    case KeyKind::MailDomain:
      if (auto domain = domain_of(value); !domain.empty())
        out.push_back({"mail_domain", std::move(domain)});
      break;
    case KeyKind::OpenSibling:
      out.push_back({"open_sibling", std::string(value)});
      break;
  }
  return out;
}

bool is_stored(KeyKind kind) {
  return kind != KeyKind::OpenSibling;
}

bool is_phone(KeyKind kind) {
  return kind == KeyKind::Phone || kind == KeyKind::OfficePhone;
}

char tier_of(std::string_view stored_kind) {
  if (stored_kind == "name_norm") return 'N';
  for (const std::string_view hint : {"name_head", "name_tail", "name_pinyin", "mail_domain"}) {
    if (stored_kind == hint) return 'F';
  }
  return 'E';
}

}  // namespace kehai::platform
