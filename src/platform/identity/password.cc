#include "platform/identity/password.h"

#include <sodium.h>

#include <algorithm>

#include "base/error.h"
#include "base/text/utf8.h"
#include "platform/embedded_platform.h"

namespace kehai::platform {

using base::Error;
using base::ErrorKind;

namespace {

constexpr unsigned long long kPasses = 2;
constexpr std::size_t kMemory = std::size_t{19} * 1024 * 1024;
constexpr int kLanes = 2;
constexpr int kMaximumWaiting = 16;
// A personal word shorter than this would forbid too much ("李").
constexpr std::size_t kPersonalMinimum = 4;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

// "Password2024!" is as easy as "password": digits and marks around a word add nothing.
std::string core(const std::string& lowered) {
  const auto first = std::find_if(lowered.begin(), lowered.end(), is_letter);
  const auto last = std::find_if(lowered.rbegin(), lowered.rend(), is_letter).base();
  return first < last ? std::string(first, last) : std::string();
}

// aaaaaaaa, 12345678, 87654321, abcdefgh.
bool is_run(std::string_view text) {
  for (const int step : {0, 1, -1}) {
    bool run = true;
    for (std::size_t i = 1; i < text.size() && run; ++i) {
      const int expected = text[i - 1] == '9' && step == 1 ? '0' : text[i - 1] + step;
      run = text[i] == expected;
    }
    if (run) return true;
  }
  return false;
}

// 12341234, abcabcabc: a short piece again and again.
bool is_repetition(std::string_view password) {
  const std::u32string text = text::to_utf32(password);
  for (std::size_t length = 1; length <= 4 && length * 2 <= text.size(); ++length) {
    bool same = true;
    for (std::size_t i = length; i < text.size() && same; ++i) same = text[i] == text[i - length];
    if (same) return true;
  }
  return false;
}

}  // namespace

PasswordRules::PasswordRules() {
  std::string_view list = embedded_common_passwords();
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(" \n"), list.size());
    if (end > 0) common_.emplace(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

std::optional<std::string> PasswordRules::fault(std::string_view password,
                                                const std::vector<std::string>& personal) const {
  // Four bytes is the longest code point; a megabyte need not be counted.
  if (password.size() > kPasswordMaximum * 4) return "password.too_long";
  if (!text::is_valid_utf8(password) || password.find('\0') != std::string_view::npos)
    return "password.encoding";
  const std::size_t length = text::count_code_points(password);
  if (length < kPasswordMinimum) return "password.too_short";
  if (length > kPasswordMaximum) return "password.too_long";
  const std::string lowered = lower(password);
  const std::string word = core(lowered);
  if (common_.contains(lowered) || common_.contains(word) || is_run(lowered) ||
      is_repetition(lowered)) {
    return "password.common";
  }
  for (const auto& own : personal) {
    const std::string lowered_own = lower(own);
    if (lowered_own.size() < kPersonalMinimum) continue;
    if (lowered == lowered_own || word == lowered_own || word == core(lowered_own))
      return "password.common";
  }
  return std::nullopt;
}

// Holds one of the lanes while it lives.
class PasswordHasher::Place {
 public:
  explicit Place(PasswordHasher& hasher) : hasher_(hasher) {
    std::unique_lock lock(hasher_.mutex_);
    if (hasher_.running_ >= kLanes) {
      if (hasher_.waiting_ >= kMaximumWaiting) throw Error(ErrorKind::Unavailable, "session.busy");
      ++hasher_.waiting_;
      hasher_.free_.wait(lock, [&] { return hasher_.running_ < kLanes; });
      --hasher_.waiting_;
    }
    ++hasher_.running_;
  }
  ~Place() {
    const std::lock_guard lock(hasher_.mutex_);
    --hasher_.running_;
    hasher_.free_.notify_one();
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  PasswordHasher& hasher_;
};

PasswordHasher::PasswordHasher() {
  if (sodium_init() < 0)
    throw Error(ErrorKind::Internal, "internal", {}, "libsodium did not start");
  nobody_ = hash("");
}

std::string PasswordHasher::hash(std::string_view password) {
  const Place place(*this);
  char out[crypto_pwhash_STRBYTES];
  if (crypto_pwhash_str_alg(out, password.data(), password.size(), kPasses, kMemory,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw Error(ErrorKind::Unavailable, "session.busy", {}, "no memory for Argon2id");
  }
  return out;
}

bool PasswordHasher::verify(const std::string& hash, std::string_view password) {
  // Nobody can have set such a one; the work is done all the same.
  if (password.size() > kPasswordMaximum * 4) return verify_nobody("");
  const Place place(*this);
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

bool PasswordHasher::verify_nobody(std::string_view password) {
  if (password.size() > kPasswordMaximum * 4) password = "";
  const Place place(*this);
  // The result is thrown away, but must not be optimised away.
  volatile int result = crypto_pwhash_str_verify(nobody_.c_str(), password.data(), password.size());
  static_cast<void>(result);
  return false;
}

bool PasswordHasher::is_outdated(const std::string& hash) const {
  return crypto_pwhash_str_needs_rehash(hash.c_str(), kPasses, kMemory) != 0;
}

}  // namespace kehai::platform
