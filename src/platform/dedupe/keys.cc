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

}  // namespace

std::vector<StoredKey> keys_of(KeyKind kind, std::string_view value) {
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
    case KeyKind::Phone: {
      // Service numbers and numbers that need a region never identify anybody.
      const auto phone = text::normalize_phone(value);
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
  }
  return out;
}

char tier_of(std::string_view stored_kind) {
  if (stored_kind == "name_norm") return 'N';
  if (stored_kind == "name_head" || stored_kind == "name_tail" || stored_kind == "name_pinyin")
    return 'F';
  return 'E';
}

}  // namespace kehai::platform
