#include "base/text/email.h"

#include <algorithm>
#include <iterator>

#include "base/text/fold.h"
#include "base/text/utf8.h"

namespace kehai::text {
namespace {

// Sorted.
constexpr std::string_view kPublicMailboxes[] = {
    "126.com",        "139.com",       "163.com",        "163.net",        "188.com",
    "189.cn",         "21cn.com",      "263.net",        "aliyun.com",     "aol.com",
    "chinaren.com",   "eyou.com",      "fastmail.com",   "foxmail.com",    "gmail.com",
    "gmx.com",        "gmx.net",       "googlemail.com", "hinet.net",      "hotmail.com",
    "icloud.com",     "live.cn",       "live.com",       "mac.com",        "mail.com",
    "mail.ru",        "me.com",        "msn.com",        "netvigator.com", "outlook.com",
    "outlook.com.tw", "pchome.com.tw", "proton.me",      "protonmail.com", "qq.com",
    "seed.net.tw",    "sina.cn",       "sina.com",       "sina.com.cn",    "sohu.com",
    "tom.com",        "vip.126.com",   "vip.163.com",    "vip.qq.com",     "vip.sina.com",
    "wo.cn",          "yahoo.cn",      "yahoo.com",      "yahoo.com.cn",   "yahoo.com.hk",
    "yahoo.com.tw",   "yandex.com",    "yeah.net",       "zoho.com"};

bool is_atom(char32_t c) {
  if (c >= 0x80) return c != 0xFFFD && c != 0x3000;
  return is_ascii_letter(c) || is_digit(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(static_cast<char>(c)) !=
             std::string_view::npos;
}

bool is_local_part(std::u32string_view local) {
  if (local.empty() || to_utf8(local).size() > 64 || local.front() == '.' || local.back() == '.')
    return false;
  for (std::size_t i = 0; i < local.size(); ++i) {
    if (local[i] == '.' ? local[i - 1] == '.' : !is_atom(local[i])) return false;
  }
  return true;
}

bool is_label(std::u32string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-')
    return false;
  return std::all_of(label.begin(), label.end(), [](char32_t c) {
    return is_ascii_letter(c) || is_digit(c) || c == '-' ||
           (c >= 0xC0 && c != 0xFFFD && c != 0x3002);
  });
}

bool is_domain(std::u32string_view domain) {
  std::size_t labels = 0;
  std::u32string_view last;
  while (true) {
    const std::size_t dot = domain.find('.');
    last = domain.substr(0, dot);
    if (!is_label(last)) return false;
    ++labels;
    if (dot == std::u32string_view::npos) break;
    domain.remove_prefix(dot + 1);
  }
  const bool numeric = std::all_of(last.begin(), last.end(), is_digit);
  return labels >= 2 && last.size() >= 2 && !numeric;
}

}  // namespace

bool is_public_mailbox_domain(std::string_view domain) {
  return std::binary_search(std::begin(kPublicMailboxes), std::end(kPublicMailboxes), domain);
}
bool Email::public_mailbox() const {
  return is_public_mailbox_domain(domain);
}

Email normalize_email(std::string_view text) {
  Email result;
  std::u32string address = normalize_code_points(text);
  if (address.starts_with(U"mailto:")) address.erase(0, 7);
  if (const std::size_t open = address.rfind('<');
      open != std::u32string::npos && address.back() == '>') {
    address = address.substr(open + 1, address.size() - open - 2);
  }
  result.address = to_utf8(address);
  if (address.empty()) {
    result.error = "email.empty";
    return result;
  }
  const std::size_t at = address.rfind('@');
  const std::u32string_view view(address);
  if (at == std::u32string::npos || result.address.size() > 254 ||
      !is_local_part(view.substr(0, at)) || !is_domain(view.substr(at + 1))) {
    result.error = "email.invalid";
    return result;
  }
  result.domain = to_utf8(view.substr(at + 1));
  return result;
}

std::string mask_email(std::string_view text) {
  const Email email = normalize_email(text);
  if (!email.valid()) return "***";
  return std::string(take_code_points(email.address, 1)) + "***@" + email.domain;
}

}  // namespace kehai::text
