#include "platform/identity/password.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/text/utf8.h"
#include "platform/identity/login.h"

namespace kehai::platform {

namespace {

std::string fault(std::string_view password, const std::vector<std::string>& personal = {}) {
  static const PasswordRules rules;
  return rules.fault(password, personal).value_or("");
}

}  // namespace

TEST_CASE("passwords: length counts code points, nothing is cut off") {
  CHECK(fault("zq7!kfw") == "password.too_short");
  CHECK(fault("zq7!kfwp") == "");
  CHECK(fault("海内存知己天涯") == "password.too_short");
  CHECK(fault("海内存知己天涯若") == "");
  std::string longest;
  for (char32_t i = 0; i < 256; ++i) text::append_utf8(longest, 0x4E00 + i * 37);
  CHECK(fault(longest) == "");
  CHECK(fault(longest + "x") == "password.too_long");
  CHECK(fault(std::string(1'000'000, 'x')) == "password.too_long");
  CHECK(fault("") == "password.too_short");
}

TEST_CASE("passwords: malformed text and NUL are refused") {
  CHECK(fault("abcd\xff\xfe"
              "efgh") == "password.encoding");
  CHECK(fault(std::string("abcdefg\0hij", 11)) == "password.encoding");
}

TEST_CASE("passwords: common ones are refused, also with digits and marks around them") {
  for (const std::string common :
       {"password", "PASSWORD", "Password1", "Password2024!", "12345678", "87654321", "11111111",
        "qwertyuiop", "5201314520", "abcdefgh", "12341234", "kehai2026", "客海客海客海客海",
        "woaini1314", "Admin@123", "!!dragon99", "zhangsan123"}) {
    CAPTURE(common);
    CHECK(fault(common) == "password.common");
  }
  for (const std::string good : {"mountain stream 42", "correct horse battery", "Tq7-vlam9",
                                 "春眠不觉晓处处闻", "p4ssw0rdless-river"}) {
    CAPTURE(good);
    CHECK(fault(good) == "");
  }
}

TEST_CASE("passwords: the person's own words are refused") {
  CHECK(fault("wangyutong", {"wangyutong"}) == "password.common");
  CHECK(fault("WangYuTong88", {"wangyutong"}) == "password.common");
  CHECK(fault("13800138000", {"13800138000"}) == "password.common");
  CHECK(fault("wangyutong likes tea", {"wangyutong"}) == "");
}

TEST_CASE("Argon2id hashes verify, differ and cost the same for nobody") {
  PasswordHasher hasher;
  const std::string first = hasher.hash("mountain stream 42");
  CHECK(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  CHECK(first != hasher.hash("mountain stream 42"));
  CHECK(hasher.verify(first, "mountain stream 42"));
  CHECK_FALSE(hasher.verify(first, "mountain stream 43"));
  CHECK_FALSE(hasher.verify(first, ""));
  CHECK_FALSE(hasher.verify_nobody(""));
  CHECK_FALSE(hasher.verify_nobody("mountain stream 42"));
  CHECK_FALSE(hasher.is_outdated(first));
  // No truncation: the last byte of a long one counts.
  const std::string longest(200, 'x');
  const std::string hash = hasher.hash(longest + "a");
  CHECK(hasher.verify(hash, longest + "a"));
  CHECK_FALSE(hasher.verify(hash, longest + "b"));

  const auto cost = [&](auto work) {
    std::vector<std::int64_t> times;
    for (int i = 0; i < 7; ++i) {
      const auto start = std::chrono::steady_clock::now();
      work();
      times.push_back((std::chrono::steady_clock::now() - start).count());
    }
    std::sort(times.begin(), times.end());
    return static_cast<double>(times[3]);
  };
  const double known = cost([&] { hasher.verify(first, "wrong"); });
  CHECK(cost([&] { hasher.verify_nobody("wrong"); }) > known / 3);
  CHECK(cost([&] { hasher.verify(first, std::string(1'000'000, 'x')); }) > known / 3);
}

TEST_CASE("a flood of sign-ins is bounded") {
  PasswordHasher hasher;
  const std::string hash = hasher.hash("mountain stream 42");
  std::atomic<int> good{0};
  std::atomic<int> busy{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 60; ++i) {
    threads.emplace_back([&] {
      try {
        if (hasher.verify(hash, "mountain stream 42")) ++good;
      } catch (const base::Error& error) {
        if (error.kind() == base::ErrorKind::Unavailable && error.code() == "session.busy") ++busy;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(good + busy == 60);
  CHECK(good >= 18);
  CHECK(hasher.verify(hash, "mountain stream 42"));
}

TEST_CASE("logins: what they may look like") {
  CHECK(normalize_login("  wang.yutong@shop-1 ") == "wang.yutong@shop-1");
  CHECK(normalize_login("张三") == "张三");
  for (const auto* bad :
       {"", " ", "a", "a b", "a\nb", "аdmin" /* Cyrillic а */, "mıke", "a<b", "x\xff", "用户！"}) {
    CAPTURE(bad);
    CHECK_FALSE(normalize_login(bad).has_value());
  }
  CHECK_FALSE(normalize_login(std::string(65, 'a')).has_value());
  CHECK_FALSE(normalize_login(std::string("a\0b", 3)).has_value());
  CHECK(login_key("Wang") == login_key("wang"));
  CHECK(login_key("張三") == login_key("张三"));
}

}  // namespace kehai::platform
