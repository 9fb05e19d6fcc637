#include "base/text/phone.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace kehai::text;

namespace {
void check(std::string_view text, PhoneKind kind, std::string_view number,
           PhoneRegion region = PhoneRegion::Mainland) {
  const Phone phone = normalize_phone(text, region);
  CHECK_MESSAGE(phone.kind == kind, text, " → ", phone_kind_name(phone.kind));
  CHECK_MESSAGE(phone.number == number, text, " → ", phone.number);
}
void check_error(std::string_view text, std::string_view error) {
  const Phone phone = normalize_phone(text);
  CHECK_MESSAGE(!phone.valid(), text);
  CHECK_MESSAGE(phone.error == error, text, " → ", phone.error);
  CHECK(phone.number.empty());
}
}  // namespace

TEST_CASE("mobile numbers meet in one form") {
  for (const std::string_view text :
       {"13800138000", "+86 138 0013 8000", "0086-138-0013-8000", "8613800138000", "013800138000",
        "１３８００１３８０００", "(138)0013·8000", "1795113800138000", "12593 13800138000",
        "17909013800138000", "+86 (0)13800138000", "tel:13800138000", "\u202d13800138000\u202c",
        "179518613800138000"}) {
    check(text, PhoneKind::Mobile, "+8613800138000");
  }
  check("17951138001", PhoneKind::Mobile, "+8617951138001");
  check("19912345678", PhoneKind::Mobile, "+8619912345678");
  check_error("12800138000", "phone.unknown");
  check_error("1380013800", "phone.unknown");
  check_error("138001380000", "phone.unknown");
}

TEST_CASE("land lines, extensions and service numbers") {
  check("0571-88886666", PhoneKind::Landline, "+8657188886666");
  check("010-12345678", PhoneKind::Landline, "+861012345678");
  check("(021) 6666 7777", PhoneKind::Landline, "+862166667777");
  check("+86-10-12345678", PhoneKind::Landline, "+861012345678");
  check("+86 571 8888 6666", PhoneKind::Landline, "+8657188886666");
  check("0373-1234567", PhoneKind::Landline, "+863731234567");
  check("0912-3456789", PhoneKind::Landline, "+869123456789");
  check_error("010-1234567", "phone.unknown");
  check("400-810-8888", PhoneKind::Service, "4008108888");
  check("+86 400 810 8888", PhoneKind::Service, "4008108888");
  check("8008208820", PhoneKind::Service, "8008208820");
  check("0400-810-8888", PhoneKind::Service, "4008108888");
  check("+86 0800 820 8820", PhoneKind::Service, "8008208820");
  check_error("0400-8108-8888", "phone.unknown");
  CHECK(normalize_phone("0400-810-8888-12").extension == "12");
  check("95588", PhoneKind::Service, "95588");
  CHECK(!normalize_phone("400-810-8888").identifies());
  CHECK(normalize_phone("13800138000").identifies());
  for (const std::string_view text :
       {"0571-88886666-123", "0571-88886666转123", "0571-88886666 ext. 123",
        "0571 88886666 分机123", "+86-571-88886666-123", "0571-88886666x123"}) {
    check(text, PhoneKind::Landline, "+8657188886666");
    CHECK_MESSAGE(normalize_phone(text).extension == "123", text);
  }
  CHECK(normalize_phone("400-810-8888-12").extension == "12");
}

TEST_CASE("Hong Kong, Macao, Taiwan and what depends on the region") {
  check("+852 6123 4567", PhoneKind::HongKong, "+85261234567");
  check("0085261234567", PhoneKind::HongKong, "+85261234567");
  check("+853 6612 3456", PhoneKind::Macao, "+85366123456");
  check("+886 912 345 678", PhoneKind::Taiwan, "+886912345678");
  check("+886 0912345678", PhoneKind::Taiwan, "+886912345678");
  check("+886-2-2345-6789", PhoneKind::Taiwan, "+886223456789");
  check("0912345678", PhoneKind::Taiwan, "+886912345678", PhoneRegion::Taiwan);
  check("0912345678", PhoneKind::Ambiguous, "0912345678");
  check("02-2345-6789", PhoneKind::Taiwan, "+886223456789", PhoneRegion::Taiwan);
  check("61234567", PhoneKind::Ambiguous, "61234567");
  check("61234567", PhoneKind::HongKong, "+85261234567", PhoneRegion::HongKong);
  check("66123456", PhoneKind::Macao, "+85366123456", PhoneRegion::Macao);
  // No region has these: what it would make of them could not be read again.
  check("91886666", PhoneKind::Ambiguous, "91886666", PhoneRegion::Macao);
  CHECK(!normalize_phone("091234567", PhoneRegion::Taiwan).valid());
  check("13800138000", PhoneKind::Mobile, "+8613800138000", PhoneRegion::Taiwan);
  check("+1 650 253 0000", PhoneKind::Foreign, "+16502530000");
  CHECK(!normalize_phone("61234567").identifies());
}

TEST_CASE("damage is reported, not guessed at") {
  check_error("1.38E+10", "phone.excel_scientific");
  check_error("1.38001E+10", "phone.excel_scientific");
  check_error("1E+10", "phone.excel_scientific");
  check_error("１.３８Ｅ+１０", "phone.excel_scientific");
  check_error("13800000000.0", "phone.excel_decimal");
  check_error("", "phone.empty");
  check_error("   ", "phone.empty");
  check_error("无", "phone.characters");
  check_error("13800138000a", "phone.characters");
  check_error("13800138000/13900139000", "phone.several");
  check_error("13800138000、13900139000", "phone.several");
  check_error("+86 123", "phone.unknown");
  CHECK(split_phones("13800138000/13900139000，0571-88886666") ==
        std::vector<std::string>{"13800138000", "13900139000", "0571-88886666"});
}

TEST_CASE("normalising a normal form changes nothing") {
  for (const std::string_view text :
       {"13800138000", "0571-88886666", "010-12345678", "+85261234567", "+85366123456",
        "+886912345678", "4008108888", "+16502530000"}) {
    const Phone once = normalize_phone(text);
    const Phone twice = normalize_phone(once.number);
    CHECK(twice.number == once.number);
    CHECK(twice.kind == once.kind);
  }
}

TEST_CASE("shown and masked") {
  CHECK(mask_phone("13812345678") == "138****5678");
  CHECK(mask_phone("+86 138 1234 5678") == "138****5678");
  CHECK(mask_phone("0571-88886666") == "0571******66");
  CHECK(mask_phone("010-12345678") == "010******78");
  CHECK(mask_phone("+85261234567") == "+852******67");
  CHECK(mask_phone("1.38E+10") == "****");
  CHECK(mask_phone("something 1234567") == "****67");
  CHECK(format_phone(normalize_phone("+8613800138000")) == "138 0013 8000");
  CHECK(format_phone(normalize_phone("057188886666转8")) == "0571-88886666 转 8");
  CHECK(format_phone(normalize_phone("4008108888")) == "400-810-8888");
}

TEST_CASE("digits for finding a number") {
  const PhoneDigits mobile = phone_digits("+86 138 0013 8001");
  CHECK(mobile.national == "13800138001");
  CHECK(mobile.tails == std::vector<std::string>{"00138001", "0138001", "138001", "38001", "8001"});
  CHECK(phone_digits("+8657188886666").national == "057188886666");
  CHECK(phone_query_digits("+86 138-0013") == "1380013");
  CHECK(phone_query_digits("8613800138000") == "13800138000");
  CHECK(phone_query_digits("8001") == "8001");
}
