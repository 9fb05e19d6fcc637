#include "db/statement_text.h"

#include <doctest/doctest.h>

#include <string>

#include "base/error.h"
#include "db/dialect.h"

namespace kehai::db {
namespace {

using base::Error;

TEST_CASE("placeholders are numbered outside quotes and comments") {
  const NumberedSql plain = number_placeholders("SELECT ? WHERE a = ? AND b IN (?, ?)");
  CHECK(plain.sql == "SELECT $1 WHERE a = $2 AND b IN ($3, $4)");
  CHECK(plain.parameter_count == 4);

  const NumberedSql quoted = number_placeholders("SELECT '?''?', \"a?\" /* ? */ -- ?\n, ?");
  CHECK(quoted.sql == "SELECT '?''?', \"a?\" /* ? */ -- ?\n, $1");
  CHECK(quoted.parameter_count == 1);

  CHECK(number_placeholders("SELECT 'open ?").sql == "SELECT 'open ?");
  CHECK(number_placeholders("").parameter_count == 0);
}

TEST_CASE("transaction control is refused, however it is written") {
  for (const char* sql : {"COMMIT", "  begin", "/* x */ RollBack", "-- x\nSAVEPOINT a", ";end",
                          "start transaction", "RELEASE a", "abort"}) {
    CAPTURE(sql);
    CHECK_THROWS_AS(refuse_transaction_control(sql), Error);
  }
  for (const char* sql : {"SELECT 'commit'", "INSERT INTO commits VALUES (1)", "", "beginning"}) {
    CAPTURE(sql);
    CHECK_NOTHROW(refuse_transaction_control(sql));
  }
}

TEST_CASE("text must be UTF-8 without NUL") {
  CHECK(is_valid_text(""));
  CHECK(is_valid_text("plain ASCII of more than eight bytes"));
  CHECK(is_valid_text("客海 𠮷 é 客户关系管理"));
  CHECK(is_valid_text("\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF"));
  CHECK_FALSE(is_valid_text(std::string(1, '\0')));
  CHECK_FALSE(is_valid_text(std::string("12345678\0abcdefg", 16)));
  CHECK_FALSE(is_valid_text(std::string("1234567\0", 8)));
  for (const char* bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE5\xAE", "12345678\xE5", "\xE5\xAE\x41"}) {
    CHECK_FALSE(is_valid_text(bad));
  }
}

TEST_CASE("identifiers are quoted or refused") {
  CHECK(quote_identifier("owner_id") == "\"owner_id\"");
  CHECK(quote_identifier("x_2__sort") == "\"x_2__sort\"");
  CHECK(quote_identifier(std::string(63, 'a')).size() == 65);
  for (const char* bad : {"", "1a", "Owner", "a b", "a\"b", "客"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(quote_identifier(bad), Error);
  }
  CHECK_THROWS_AS(quote_identifier(std::string(64, 'a')), Error);
}

}  // namespace
}  // namespace kehai::db
