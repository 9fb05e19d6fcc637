// Telephone numbers as people and spreadsheets write them → E.164. Pure functions, safe from any
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kehai::text {

enum class PhoneKind {
  Invalid,
  Mobile,     // mainland: +8613800138000
  Landline,   // mainland: +8657188886666, perhaps with an extension
  Service,    // 400, 800, 95xxx …: kept as dialled, never a reason to block a record
  HongKong,   // +85261234567
  Macao,      // +85366123456
  Taiwan,     // +886912345678
  Foreign,    // + and 8–15 digits
  Ambiguous,  // complete only together with a region that is not known: 61234567, 0912345678
};
// "mobile", "landline", …: stable, for storage and the API.
std::string_view phone_kind_name(PhoneKind kind);

// Where the record belongs; decides about numbers without a country code.
enum class PhoneRegion { Mainland, HongKong, Macao, Taiwan };

struct Phone {
  PhoneKind kind = PhoneKind::Invalid;
  // The comparable form: E.164; for Service and Ambiguous the digits as dialled. Empty when
  // Invalid.
  std::string number;
  std::string extension;
  // Why it is Invalid: "phone.empty", "phone.excel_scientific" (1.38E+10), "phone.excel_decimal"
  // (13800000000.0), "phone.several" (two numbers in one field), "phone.characters",
  // "phone.unknown".
  std::string error;

  bool valid() const { return kind != PhoneKind::Invalid; }
  // May the number alone tell that two records are the same person?
  bool identifies() const {
    return kind == PhoneKind::Mobile || kind == PhoneKind::Landline ||
           kind == PhoneKind::HongKong || kind == PhoneKind::Macao || kind == PhoneKind::Taiwan ||
           kind == PhoneKind::Foreign;
  }
};
Phone normalize_phone(std::string_view text, PhoneRegion region = PhoneRegion::Mainland);

// "13800138000/0571-88886666" → its two parts, trimmed.
std::vector<std::string> split_phones(std::string_view text);

// For people: "138 0013 8000", "0571-88886666 转 123", "+852 6123 4567".
std::string format_phone(const Phone& phone);
// "138****5678", "0571******66"; a text that is no number keeps at most its last two digits.
std::string mask_phone(std::string_view text);

// Digits by which a number is found: the national number and its last 8, 7, 6, 5 and 4 digits.
struct PhoneDigits {
  std::string national;
  std::vector<std::string> tails;
};
PhoneDigits phone_digits(std::string_view text);
// Digits that somebody typed to find a number: without country code, separators and IP prefix.
std::string phone_query_digits(std::string_view text);

}  // namespace kehai::text
