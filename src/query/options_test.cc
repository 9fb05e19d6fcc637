#include "query/options.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "query/printer.h"
#include "query/skiptoken.h"

namespace kehai::query {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

std::string refusal(const Parameters& parameters) {
  try {
    parse_options(parameters);
    return "";
  } catch (const base::Error& error) {
    const auto name = error.params().find("name");
    return error.code() + (name == error.params().end() ? "" : " " + name->second);
  }
}

TEST_CASE("options are read with and without the dollar sign") {
  const QueryOptions options = parse_options({{"$filter", "a gt @limit"},
                                              {"orderby", "a desc"},
                                              {"$select", "a,b"},
                                              {"$expand", "owner"},
                                              {"search", "华为 hw"},
                                              {"$top", "50"},
                                              {"$skip", "10000"},
                                              {"$count", "true"},
                                              {"$skiptoken", "abc"},
                                              {"$format", "csv"},
                                              {"@limit", "100"},
                                              {"@ids", "(1,2)"}});
  CHECK(print(options.filter) == "a gt @limit");
  CHECK(print(options.order) == "a desc");
  CHECK(print(options.select) == "a,b");
  CHECK(print(options.expand) == "owner");
  CHECK(options.search == "华为 hw");
  CHECK(options.top == 50);
  CHECK(options.skip == 10000);
  CHECK(options.count);
  CHECK_FALSE(options.count_bounded);
  CHECK(options.skiptoken == "abc");
  CHECK(options.format == "csv");
  CHECK(print(options.aliases.at("limit")) == "100");
  CHECK(print(options.aliases.at("ids")) == "(1,2)");
  CHECK(parse_options({{"count", "bounded"}}).count_bounded);
  CHECK(print(*parse_options({{"$apply", "aggregate($count as n)"}}).apply) ==
        "aggregate($count as n)");
  CHECK_FALSE(parse_options({}).filter);
}

TEST_CASE("other parameters are the caller's business, unknown options are refused") {
  Parameters others;
  const QueryOptions options = parse_options({{"view", "7"}, {"filter", "a"}}, &others);
  CHECK(options.filter);
  CHECK(others == Parameters{{"view", "7"}});
  CHECK(refusal({{"view", "7"}}) == "query.unknown_option view");
  CHECK(refusal({{"$fitler", "a"}}) == "query.unknown_option $fitler");
  CHECK(refusal({{"$compute", "a"}}) == "query.not_supported $compute");
  CHECK(refusal({{"$top", "-1"}}) == "query.bad_option $top");
  CHECK(refusal({{"$top", "1x"}}) == "query.bad_option $top");
  CHECK(refusal({{"$top", ""}}) == "query.bad_option $top");
  CHECK(refusal({{"$skip", "10001"}}) == "query.bad_option $skip");
  CHECK(refusal({{"$count", "yes"}}) == "query.bad_option $count");
  CHECK(refusal({{"$filter", "a"}, {"filter", "b"}}) == "query.bad_option $filter");
  CHECK(refusal({{"$filter", ""}}) == "query.syntax");
  CHECK(refusal({{"@me", "1"}}) == "query.reserved_alias @me");
  CHECK(refusal({{"@my_departments", "(1)"}}) == "query.reserved_alias @my_departments");
  CHECK(refusal({{"@x", "a eq 1"}}) == "query.syntax");
  CHECK(refusal({{"@x", "(@me)"}}) == "query.syntax");
  CHECK(refusal({{"@x", "1"}, {"@x", "2"}}) == "query.bad_option @x");
}

constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";

std::string decoded_or_code(const std::string& token, std::string_view binding,
                            std::string_view secret = kSecret) {
  try {
    return std::to_string(decode_skiptoken(token, binding, secret).size());
  } catch (const base::Error& error) {
    return error.code();
  }
}

TEST_CASE("a page token is its maker's alone") {
  const QueryOptions options = parse_options({{"$filter", "a eq 1"}, {"$orderby", "b desc"}});
  const std::string binding = token_binding("lead", options.filter, options.order, 7);
  const base::Values key = {base::Value(), base::Value(std::int64_t{INT64_MIN}),
                            base::Value("华为\xF0\x9F\x98\x80"), base::Value(""), base::Value(42)};
  const std::string token = encode_skiptoken(key, binding, kSecret);
  CHECK(decode_skiptoken(token, binding, kSecret) == key);
  CHECK(
      token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
      std::string::npos);

  const auto other = [&](const QueryOptions& changed, std::string_view entity, std::int64_t user) {
    return token_binding(entity, changed.filter, changed.order, user);
  };
  const QueryOptions filter = parse_options({{"$filter", "a eq 2"}, {"$orderby", "b desc"}});
  const QueryOptions order = parse_options({{"$filter", "a eq 1"}, {"$orderby", "b"}});
  for (const std::string& wrong :
       {other(filter, "lead", 7), other(order, "lead", 7), other(options, "account", 7),
        other(options, "lead", 8),
        token_binding("lead", options.filter, options.order, 7, "search")}) {
    CHECK(decoded_or_code(token, wrong) == "query.bad_token");
  }
  CHECK(decoded_or_code(token, binding, "another secret of this length...") == "query.bad_token");
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK(decoded_or_code(changed, binding) == "query.bad_token");
  }
  for (const std::string& bad :
       {std::string(), std::string("A"), token + "A", token + "=", token.substr(1),
        std::string("../../etc"), std::string(40, 'A'), std::string(20'000, 'A')}) {
    CHECK(decoded_or_code(bad, binding) == "query.bad_token");
  }
}

}  // namespace
}  // namespace kehai::query
