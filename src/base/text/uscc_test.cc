#include "base/text/uscc.h"

#include <doctest/doctest.h>

#include "base/text/email.h"

using namespace kehai::text;

TEST_CASE("unified social credit code: the vectors of the rule book") {
  const Uscc printed = check_uscc("91340104MA8NE3M66N");
  CHECK(printed.valid());
  CHECK(printed.inner_check_ok);
  CHECK(check_uscc("91350100M000100Y43").valid());

  const Uscc changed = check_uscc("91350100M000100Y44");
  CHECK(changed.fault == UsccFault::Checksum);
  CHECK(changed.expected_check == '3');
  CHECK(changed.error() == "uscc.checksum");
  CHECK(check_uscc("91350100M000100Y4Z").fault == UsccFault::Alphabet);
  CHECK(check_uscc("91340204MA8NE3M66N").fault == UsccFault::Checksum);
  CHECK(check_uscc("91304104MA8NE3M66N").fault == UsccFault::Checksum);
}

TEST_CASE("unified social credit code: spelling and copies") {
  for (const char* text :
       {" 9134 0104 ma8ne3m66n ", "９１３４０１０４ＭＡ８ＮＥ３Ｍ６６Ｎ", "91340104MA8NE3M66N(1-1)",
        "91340104MA8NE3M66N（1-1）", "91340104MA8NE3M66N 2-1"}) {
    const Uscc uscc = check_uscc(text);
    CHECK_MESSAGE(uscc.valid(), text);
    CHECK_MESSAGE(uscc.code == "91340104MA8NE3M66N", text);
  }
  CHECK(check_uscc("").error() == "uscc.empty");
  CHECK(check_uscc("91340104MA8NE3M66").error() == "uscc.length");
  CHECK(check_uscc("9134A104MA8NE3M66N").error() == "uscc.division");
  CHECK(check_uscc("中国有限公司统一社会信用代码不是这样的").error() == "uscc.length");
}

TEST_CASE("unified social credit code: O and I are suggestions only") {
  const Uscc typed = check_uscc("9I34OIO4MA8NE3M66N");
  CHECK(typed.fault == UsccFault::Alphabet);
  CHECK(typed.suggestion == "91340104MA8NE3M66N");
  CHECK(typed.code == "9I34OIO4MA8NE3M66N");
  CHECK(check_uscc("9I350100M000100Y44").suggestion.empty());
}

TEST_CASE("a wrong inner check only warns") {
  // The organisation code's own check character is wrong, the outer one fits.
  Uscc found;
  for (const char last : std::string_view("0123456789ABCDEFGHJKLMNPQRTUWXY")) {
    const Uscc uscc = check_uscc(std::string("91340104MA8NE3M67") + last);
    if (uscc.valid()) found = uscc;
  }
  CHECK(found.valid());
  CHECK(!found.inner_check_ok);
}

TEST_CASE("every single wrong character and every swap of neighbours is found") {
  const std::string code = "91340104MA8NE3M66N";
  for (std::size_t i = 0; i < code.size(); ++i) {
    for (const char c : std::string_view("0123456789ABCDEFGHJKLMNPQRTUWXY")) {
      std::string wrong = code;
      wrong[i] = c;
      CHECK(check_uscc(wrong).valid() == (wrong == code));
    }
    if (i + 1 < code.size() && code[i] != code[i + 1]) {
      std::string swapped = code;
      std::swap(swapped[i], swapped[i + 1]);
      CHECK(!check_uscc(swapped).valid());
    }
  }
}

TEST_CASE("older and Taiwanese numbers") {
  const Uscc legacy = check_uscc("340104000012345");
  CHECK(legacy.legacy);
  CHECK(!legacy.valid());
  CHECK(legacy.error() == "");
  CHECK(is_taiwan_company_number("04595257"));
  CHECK(is_taiwan_company_number("22099131"));
  CHECK(!is_taiwan_company_number("12345678"));
  CHECK(!is_taiwan_company_number("2209913"));
}

TEST_CASE("e-mail addresses") {
  CHECK(normalize_email(" Zhang.San@Example.COM ").address == "zhang.san@example.com");
  CHECK(normalize_email("ｚ＠ｑｑ．ｃｏｍ").address == "z@qq.com");
  CHECK(normalize_email("mailto:a@b.cn").address == "a@b.cn");
  CHECK(normalize_email("张三 <zs@sanqi.cn>").address == "zs@sanqi.cn");
  CHECK(normalize_email("a+tag@mail.sanqi.com.cn").domain == "mail.sanqi.com.cn");
  CHECK(normalize_email("张三@公司.中国").valid());
  for (const char* text :
       {"a", "a@", "@b.com", "a@b", "a b@c.com", "a..b@c.com", ".a@c.com", "a@-c.com", "a@c..com",
        "a@c.com.", "a@1.2.3.4", "a@b@c", "a@b.c", "a,b@c.com"}) {
    CHECK_MESSAGE(normalize_email(text).error == "email.invalid", text);
  }
  CHECK(normalize_email("").error == "email.empty");
  CHECK(normalize_email("x@qq.com").public_mailbox());
  CHECK(normalize_email("x@163.com").public_mailbox());
  CHECK(normalize_email("x@GMail.com").public_mailbox());
  CHECK(normalize_email("x@outlook.com").public_mailbox());
  CHECK(!normalize_email("x@sanqi.cn").public_mailbox());
  CHECK(mask_email("alice@x.com") == "a***@x.com");
  CHECK(mask_email("not an address") == "***");
}
