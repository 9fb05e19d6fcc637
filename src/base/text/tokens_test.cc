#include "base/text/tokens.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

using namespace kehai::text;

namespace {

constexpr FieldClass kAll[] = {{'n', TokenKind::Name},
                               {'t', TokenKind::Text},
                               {'p', TokenKind::Phone},
                               {'e', TokenKind::Email},
                               {'c', TokenKind::Code}};

bool found(std::string_view query, std::string_view text, char field_class = 'n') {
  return matches(query_tokens(query), kAll, index_tokens(text, field_class));
}

}  // namespace

TEST_CASE("names are found by characters, pinyin, initials and words") {
  const std::string_view name = "杭州尚祈科技有限公司";
  for (const std::string_view query : {"尚祈",
                                       "尚",
                                       "杭州尚祈科技",
                                       "杭州尚祈科技有限公司",
                                       "杭州尚祈科技有限",
                                       "杭州尚祈科技有",
                                       "杭州 尚祈",
                                       "hzsq",
                                       "hz",
                                       "sqkj",
                                       "hzsqkj",
                                       "HZSQ",
                                       "hangzhou",
                                       "hangz",
                                       "shangqi",
                                       "shangqikeji",
                                       "hangzhoushangqi",
                                       "sq",
                                       "尚祈 keji",
                                       "shang qi",
                                       "shangqi ",
                                       "尚祈科技股份",
                                       "h"}) {
    CHECK_MESSAGE(found(query, name), query);
  }
  for (const std::string_view query :
       {"祈尚", "华为", "hw", "huawei", "sqhz", "shangzhou", "尚祈 上海", "尚祁"}) {
    CHECK_MESSAGE(!found(query, name), query);
  }
  CHECK(found("hw", "华为技术有限公司"));
  CHECK(found("hwjs", "华为技术有限公司"));
  CHECK(found("huawei", "华为技术有限公司"));
  CHECK(found("huaw", "华为技术有限公司"));
  CHECK(found("华为", "華為技術有限公司"));
  CHECK(found("華為", "华为技术有限公司"));
  CHECK(found("tcl", "TCL科技集团"));
  CHECK(found("ｔｃ", "TCL科技集团"));
  CHECK(found("集团", "TCL科技集团股份有限公司"));
  CHECK(found("360", "360安全科技"));
  CHECK(found("muller", "Müller GmbH"));
  CHECK(found("Müller", "Muller GmbH"));
  CHECK(found("Москва", "ООО Москва"));
  CHECK(found("カナ", "株式会社カナエ"));
}

TEST_CASE("characters with several readings are found by each of them, words by the right one") {
  CHECK(found("cqyh", "重庆银行"));
  CHECK(found("chongqing", "重慶銀行"));
  CHECK(found("yinhang", "重庆银行"));
  CHECK(found("xm", "厦门航空"));
  CHECK(found("zeng", "曾国藩"));
  CHECK(found("ceng", "曾国藩"));
  CHECK(found("cgf", "曾国藩"));
  CHECK(found("zgf", "曾国藩"));
  CHECK(found("shan", "单雄信"));
  CHECK(found("lv", "绿地"));
  CHECK(found("lvdi", "绿地"));
  CHECK(found("xian", "西安银行"));
  CHECK(found("xian", "先锋"));
  CHECK(found("qianlong", "乾隆酒业"));
  CHECK(found("乾", "乾隆酒业"));
  CHECK(found("fangan", "方案"));
}

TEST_CASE("letters that are no pinyin ask for words and initials only") {
  const QueryTokens query = query_tokens("hw");
  REQUIRE(query.all.size() == 1);
  CHECK(query.all[0].any.front() == QueryAlternative{{"whw", true}});
  CHECK(query.all[0].any.back() == QueryAlternative{{"ihw", false}});
}

TEST_CASE("a finished syllable is asked for by name, one that many can follow as a prefix") {
  const FieldClass names[] = {{'n', TokenKind::Name}};
  CHECK(fts5_match(query_tokens("hangzhou"), names) == "(nwhangzhou* OR nzhang0zhou)");
  CHECK(fts5_match(query_tokens("shan"), names) ==
        "(nwshan* OR nyshan OR nyshang OR nzsha0n* OR (nisha AND nihan))");
  CHECK(fts5_match(query_tokens("pingx"), names) == "(nwpingx* OR nzping0x*)");
  CHECK(found("shangh", "上海电子"));
  CHECK(found("shan", "上海电子"));
  CHECK(!found("shan", "沈阳电子"));
}

TEST_CASE("spaces and marks inside of names do not matter") {
  CHECK(found("华为技术", "华为·技术"));
  CHECK(found("华为技术", "华为 技术有限公司"));
  CHECK(found("华为深圳", "华为有限公司（深圳）"));
  CHECK(found("欧莱雅", "欧·莱雅"));
}

TEST_CASE("the same thing in Taiwan's words and in the mainland's") {
  CHECK(found("联系人", "聯絡人：王小明", 't'));
  CHECK(found("聯絡人", "联系人王小明", 't'));
  CHECK(found("联络", "聯絡人", 't'));
  CHECK(found("软件", "軟體開發", 'n'));
  CHECK(found("軟體公司", "软件公司", 't'));
  CHECK(found("公路网", "公路网路段", 't'));
  CHECK(!found("联系人", "张三", 't'));
}

TEST_CASE("phone numbers are found by beginning, end and spelling") {
  for (const std::string_view query :
       {"13800138001", "138", "1380013", "8001", "38001", "00138001", "+86 138 0013 8001",
        "8613800138001", "138-0013-8001", "0086 13800138001", "+8613800138001"}) {
    CHECK_MESSAGE(found(query, "+8613800138001", 'p'), query);
  }
  for (const std::string_view query : {"139", "8000", "0013", "13800138002"}) {
    CHECK_MESSAGE(!found(query, "+8613800138001", 'p'), query);
  }
  CHECK(found("88886666", "0571-88886666", 'p'));
  CHECK(found("0571-88886666", "+8657188886666", 'p'));
  CHECK(found("0571-8888", "+8657188886666", 'p'));
  CHECK(found("6666", "13800138001/057188886666", 'p'));
}

TEST_CASE("mail addresses and codes") {
  CHECK(found("zhang.san@example.com", "Zhang.San@Example.com", 'e'));
  CHECK(found("example.com", "zhang.san@example.com", 'e'));
  CHECK(found("zhang", "zhang.san@example.com", 'e'));
  CHECK(found("LEAD-2026", "LEAD-20260301-0007", 'c'));
  CHECK(found("0007", "LEAD-20260301-0007", 'c'));
  CHECK(found("91340104", "91340104MA8NE3M66N", 'c'));
  CHECK(found("20260301-0007", "LEAD-20260301-0007", 'c'));
}

TEST_CASE("a query reaches only the classes that it names") {
  const std::vector<std::string> tokens = index_tokens("13800138001", 'p');
  const FieldClass names[] = {{'n', TokenKind::Name}};
  const FieldClass phones[] = {{'p', TokenKind::Phone}};
  CHECK(matches(query_tokens("8001"), phones, tokens));
  CHECK(!matches(query_tokens("8001"), names, tokens));
  // A field of another letter, cut like a name.
  const FieldClass secret[] = {{'x', TokenKind::Name}};
  const std::vector<std::string> hidden = index_tokens("华为", secret[0]);
  CHECK(matches(query_tokens("hw"), secret, hidden));
  CHECK(!matches(query_tokens("hw"), kAll, hidden));
  CHECK(fts5_match(query_tokens("华为"), phones) == "");
}

TEST_CASE("a number is found by its beginning, whatever its length") {
  for (const char* beginning : {"1", "13", "138", "1381", "13812", "13812345678"}) {
    CAPTURE(beginning);
    CHECK(found(beginning, "13812345678", 'p'));
    CHECK(found(beginning, "热线 13812345678", 't'));
    CHECK(!found(beginning, "02188886666", 'p'));
  }
  CHECK(found("138", "138", 't'));
  CHECK(found("1381", "1381", 't'));
  CHECK(!found("1382", "13812345678", 'p'));
  CHECK(found("2026-0007", "HT-2026-0007", 'c'));
  CHECK(found("2026-00", "HT-2026-0007", 'c'));
  CHECK(!found("202-0007", "HT-2026-0007", 'c'));
}

TEST_CASE("what a query looks like to the databases") {
  const FieldClass names[] = {{'n', TokenKind::Name}, {'t', TokenKind::Text}};
  const FieldClass phones[] = {{'p', TokenKind::Phone}};
  CHECK(fts5_match(query_tokens("13"), phones) == "pd13*");
  CHECK(fts5_match(query_tokens("138"), phones) == "(pd138 OR ph138)");
  CHECK(fts5_match(query_tokens("8001"), phones) == "(pd8001 OR ph8001 OR pt8001)");
  CHECK(tsquery_text(query_tokens("8001"), phones) == "(pd8001 | ph8001 | pt8001)");
  CHECK(tsquery_text(query_tokens("13800"), phones) == "(pd13800:* | pt13800)");
  CHECK(fts5_match(query_tokens("华为技"), names) ==
        "((nbggefga OR tbggefga) AND (nbfgajgg OR tbfgajgg))");
  CHECK(fts5_match(query_tokens(""), names) == "");
  CHECK(fts5_match(query_tokens("()\"'*:"), names) == "");
}

TEST_CASE("tokens are words of ASCII letters and digits whatever the text holds") {
  for (const std::string_view text :
       {"华为 AND OR NOT \"x\" * : ( ) ^ - NEAR", "😀😀 𠮷野家", "\xff\xfe", "a\u0301\u0301",
        "' OR 1=1 --", "한국어 ไทย עברית", "１２３ＡＢＣ", "\u202eabc"}) {
    for (const char field_class : {'n', 't', 'p', 'e', 'c'}) {
      for (const std::string& token : index_tokens(text, field_class)) {
        CHECK(token[0] == field_class);
        CHECK(token.size() > 2);
        CHECK(std::all_of(token.begin(), token.end(),
                          [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }));
      }
    }
    for (const QueryGroup& group : query_tokens(text).all) CHECK(!group.any.empty());
  }
  CHECK(index_tokens("", 'n').empty());
  const std::vector<std::string> tokens = index_tokens("华为华为", 'n');
  CHECK(std::is_sorted(tokens.begin(), tokens.end()));
  CHECK(std::adjacent_find(tokens.begin(), tokens.end()) == tokens.end());
}

TEST_CASE("long input is cut, not refused") {
  CHECK(query_tokens(std::string(100000, 'a')).all.size() == 1);
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "华 ";
  CHECK(query_tokens(many).all.size() == kMaxQueryGroups);
  CHECK(index_tokens(std::string(1000000, 'x'), 'n').size() == 1);
}
