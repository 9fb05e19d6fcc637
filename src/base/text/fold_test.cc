#include "base/text/fold.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/text/pinyin.h"
#include "base/text/utf8.h"

using namespace kehai::text;

TEST_CASE("fold: width, case, script and zero-width characters") {
  CHECK(fold("ＡＢＣ　１２３") == "abc 123");
  CHECK(fold("  华为\u200b ") == "华为");
  CHECK(fold("臺灣積體電路") == "台湾积体电路");
  CHECK(fold("瀋陽") == "沈阳");
  CHECK(fold("衞説線綫裡裏") == "卫说线线里里");
  CHECK(fold("Straße ＡＧ") == "strasse ag");
  CHECK(fold("ﬁrm ℡ ㈱") == "firm tel (株)");
  CHECK(fold("\u00ad\ufeff") == "");
  CHECK(fold("e\u0301") == fold("é"));
  CHECK(fold("") == "");
  // U+0000 goes, whether its neighbours need ICU's tables or not.
  CHECK(fold({"a\0b", 3}) == "ab");
  CHECK(fold({"a\0b\uF932", 6}) == "ab炉");
  CHECK(sort_key({"a\0b", 3}) == sort_key("ab"));
}

TEST_CASE("fold: a part of a text is a part of its fold, simplify keeps words") {
  CHECK(fold("乾隆") == fold("乾") + fold("隆"));
  CHECK(to_simplified("乾隆通寶") == "乾隆通宝");
  CHECK(to_simplified("乾燥設備") == "干燥设备");
  CHECK(to_simplified("旋轉乾坤之力") == "旋转乾坤之力");
  CHECK(to_simplified("台灣 ABC") == "台湾 ABC");
  CHECK(to_simplified("皇后大道") == "皇后大道");
  CHECK(to_simplified("积体电路") == "积体电路");
  CHECK(to_simplified("沈默") == "沈默");
}

TEST_CASE("fold is idempotent over all of the tables") {
  std::string all;
  for (char32_t c = 0x3400; c <= 0x9FFF; ++c) append_utf8(all, c);
  for (char32_t c = 0xF900; c <= 0xFAFF; ++c) append_utf8(all, c);
  for (char32_t c = 0x20; c < 0x3000; ++c) append_utf8(all, c);
  const std::string once = fold(all);
  CHECK(fold(once) == once);
  CHECK(to_simplified(to_simplified(all)) == to_simplified(all));
}

TEST_CASE("UTF-8: what is stored is well formed") {
  CHECK(is_valid_utf8("华为 abc 😀"));
  CHECK(!is_valid_utf8("\xff"));
  CHECK(!is_valid_utf8("\xc0\x80"));
  CHECK(!is_valid_utf8("\xed\xa0\x80"));
  CHECK(!is_valid_utf8("\xf4\x90\x80\x80"));
  CHECK(!is_valid_utf8("\xe5\x8d"));
  CHECK(count_code_points("华为a😀") == 4);
  CHECK(text_fault("abc", 3) == std::nullopt);
  CHECK(text_fault("华为技", 2) == "text.too_long");
  CHECK(text_fault(std::string_view("a\0b", 3), 9) == "text.nul");
  CHECK(text_fault("\xff", 9) == "text.encoding");
  CHECK(take_code_points("华为技术", 2) == "华为");
  CHECK(to_utf8(to_utf32("华为 abc 😀")) == "华为 abc 😀");
  CHECK(to_utf32("\xff"
                 "a") == U"\uFFFDa");
}

TEST_CASE("pinyin: words decide about characters with several readings") {
  CHECK(pinyin("重庆银行") == "chong qing yin hang");
  CHECK(pinyin("重慶銀行") == "chong qing yin hang");
  CHECK(pinyin("长沙市") == "chang sha shi");
  CHECK(pinyin("重庆长安") == "chong qing chang an");
  CHECK(pinyin("厦门") == "xia men");
  CHECK(pinyin("厦工机械") == "xia gong ji xie");
  CHECK(pinyin("西藏") == "xi zang");
  CHECK(pinyin("音乐") == "yin yue");
  CHECK(pinyin("快乐") == "kuai le");
  CHECK(pinyin("瀋陽") == "shen yang");
  CHECK(pinyin("乾隆") == "qian long");
  CHECK(pinyin("乾燥") == "gan zao");
  CHECK(pinyin("绿地") == "lv di");
  CHECK(pinyin("成都") == "cheng du");
  CHECK(pinyin("六安") == "lu an");
  CHECK(pinyin("TCL集团") == "tcl ji tuan");
  CHECK(pinyin("华为技术有限公司") == "hua wei ji shu you xian gong si");
}

TEST_CASE("pinyin: surnames are read as surnames in names of persons") {
  CHECK(pinyin("曾国藩", NameKind::Person) == "zeng guo fan");
  CHECK(pinyin("单雄信", NameKind::Person) == "shan xiong xin");
  CHECK(pinyin("朴树", NameKind::Person) == "piao shu");
  CHECK(pinyin("仇英", NameKind::Person) == "qiu ying");
  CHECK(pinyin("解晓东", NameKind::Person) == "xie xiao dong");
  CHECK(pinyin("单于夜", NameKind::Person) == "chan yu ye");
  CHECK(pinyin("万俟卨", NameKind::Person).starts_with("mo qi"));
  CHECK(pinyin("尉迟恭", NameKind::Person) == "yu chi gong");
  CHECK(pinyin("任正非", NameKind::Person) == "ren zheng fei");
  CHECK(pinyin("曾经") == "ceng jing");
}

TEST_CASE("initials") {
  CHECK(initials("杭州尚祈") == "hzsq");
  CHECK(initials("华为") == "hw");
  CHECK(initials("TCL集团") == "tcljt");
  CHECK(initials("厦门航空") == "xmhk");
}

TEST_CASE("sort keys: digits, Latin, Han by pinyin; one order by bytes") {
  const std::vector<std::string> ordered = {
      "360安全", "ABB",  "abc",  "Zara",     "Яндекс", "阿里巴巴", "安踏", "长安汽车", "重庆银行",
      "单一",    "杭州", "华为", "厦门航空", "张三",   "张四",     "章一", "중앙"};
  for (std::size_t i = 0; i + 1 < ordered.size(); ++i) {
    CHECK_MESSAGE(sort_key(ordered[i]) < sort_key(ordered[i + 1]), ordered[i], " < ",
                  ordered[i + 1]);
  }
  CHECK(sort_key("重慶銀行") == sort_key("重庆银行"));
  CHECK(sort_key("ＡＢＣ") == sort_key("abc"));
  CHECK(sort_key("张") < sort_key("张三"));
  CHECK(sort_key("西安") < sort_key("先锋"));
  CHECK(sort_key("曾国藩", NameKind::Person) > sort_key("于谦", NameKind::Person));
  CHECK(sort_key("曾国藩") < sort_key("于谦"));
  CHECK(sort_key("𠮷野家") > sort_key("abc"));
  CHECK(is_valid_utf8(sort_key("华为 𠮷 😀 カナ 한국 \xff")));
  CHECK(sort_key(std::string(1000, 'a')).size() == kSortKeyCodePoints);
}

TEST_CASE("sort keys of different simple texts differ") {
  std::vector<std::string> keys;
  for (char32_t c = 0x4E00; c <= 0x9FFF; ++c) {
    std::string text;
    append_utf8(text, c);
    if (to_simplified(text) == text) keys.push_back(sort_key(text));
  }
  std::sort(keys.begin(), keys.end());
  CHECK(std::adjacent_find(keys.begin(), keys.end()) == keys.end());
  CHECK(keys.size() > 15000);
}
