#include "base/text/company_name.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "base/text/fold.h"
#include "base/text/utf8.h"

using namespace kehai::text;

TEST_CASE("company keys: the vectors of the rule book") {
  const CompanyKeys huawei = company_keys("ＨＵＡＷＥＩ（深圳） Co., Ltd.");
  CHECK(huawei.key_exact == "huawei深圳coltd");
  CHECK(huawei.key_norm == "huawei深圳");
  CHECK(huawei.key_core == "huawei");

  const CompanyKeys tsmc = company_keys("臺灣積體電路製造股份有限公司");
  CHECK(tsmc.key_exact == "台湾积体电路制造股份有限公司");
  CHECK(tsmc.key_norm == "台湾积体电路制造");
  CHECK(tsmc.key_core == "积体电路制造");

  const CompanyKeys a = company_keys("杭州尚祈科技 有限公司");
  const CompanyKeys b = company_keys("杭州尚祈科技有限责任公司");
  CHECK(a.key_exact == "杭州尚祈科技有限公司");
  CHECK(a.key_norm == "杭州尚祈科技");
  CHECK(a.key_norm == b.key_norm);
  CHECK(a.key_exact != b.key_exact);
  CHECK(a.key_core == "尚祈科技");

  CHECK(company_keys("上海华东电子有限公司").key_core ==
        company_keys("北京华东电子有限公司").key_core);
  CHECK(company_keys("上海华东电子有限公司").key_norm !=
        company_keys("北京华东电子有限公司").key_norm);
  CHECK(company_keys("上海华东电子有限公司").key_core == "华东电子");
}

TEST_CASE("company keys: legal forms strip until nothing strips") {
  CHECK(company_keys("华东集团股份有限公司").key_norm == "华东");
  CHECK(company_keys("X有限公司").key_norm == company_keys("X股份有限公司").key_norm);
  CHECK(company_keys("杭州云栖投资合伙企业（有限合伙）").key_norm == "杭州云栖投资");
  CHECK(company_keys("张三个体工商户").key_norm == "张三");
  CHECK(company_keys("老王五金经营部").key_norm == "老王五金");
  CHECK(company_keys("杭州云栖投资合伙企业（普通合伙）").key_norm == "杭州云栖投资");
  CHECK(company_keys("苏州李氏模具厂（个人独资企业）").key_norm == "苏州李氏模具");
  CHECK(company_keys("义乌小李个人独资企业").key_norm == "义乌小李");
  CHECK(company_keys("永安商行").key_norm == "永安");
  CHECK(company_keys("小张设计工作室").key_norm == "小张设计");
  CHECK(company_keys("江南造船股份公司").key_norm == "江南造船");
  CHECK(company_keys("Acme Trading LLC").key_norm == "acmetrading");
  CHECK(company_keys("Acme L.L.C.").key_norm == "acme");
  CHECK(company_keys("华为技术有限公司（深圳）").key_norm == "华为技术深圳");
  CHECK(company_keys("有限公司").key_norm == "有限公司");
  CHECK(company_keys("集团").key_norm == "集团");
}

TEST_CASE("company keys: Latin legal forms are whole words") {
  CHECK(company_keys("Acme Limited").key_norm == "acme");
  CHECK(company_keys("Acme Co.,Ltd").key_norm == "acme");
  CHECK(company_keys("ACME Corp.").key_norm == "acme");
  CHECK(company_keys("Acme Trading (HK) Ltd").key_core == "acmetrading");
  CHECK(company_keys("Müller GmbH").key_norm == "müller");
  CHECK(company_keys("Barclays PLC").key_norm == "barclays");
  CHECK(company_keys("Zinc").key_norm == "zinc");
  CHECK(company_keys("Cisco").key_norm == "cisco");
  CHECK(company_keys("尚祈Inc").key_norm == "尚祈");
  CHECK(company_keys("Ltd").key_norm == "ltd");
}

TEST_CASE("company keys: brackets stay in exact and norm and go in core") {
  const CompanyKeys east = company_keys("甲(东方)有限公司");
  CHECK(east.key_exact == "甲东方有限公司");
  CHECK(east.key_norm == "甲东方");
  CHECK(east.key_core == "甲");
  CHECK(east.key_norm != company_keys("甲有限公司").key_norm);
  CHECK(company_keys("【尚祈】科技").key_exact == "尚祈科技");
  CHECK(company_keys("（深圳）").key_core == "深圳");
  CHECK(company_keys("尚祈（科技").key_exact == "尚祈科技");
  CHECK(company_keys("联想（中国）有限公司").key_core == "联想");
}

TEST_CASE("company keys: regions stay where only a trade would remain") {
  CHECK(company_keys("海南航空").key_core == "海南航空");
  CHECK(company_keys("海南航空控股股份有限公司").key_core == "海南航空控股");
  CHECK(company_keys("中国银行股份有限公司").key_core == "中国银行");
  CHECK(company_keys("上海").key_core == "上海");
  CHECK(company_keys("浙江省杭州市余杭区尚祈科技有限公司").key_core == "尚祈科技");
  CHECK(company_keys("浙江尚祈科技有限公司").key_core == "尚祈科技");
  CHECK(company_keys("香港尚祈有限公司").key_core == "尚祈");
  CHECK(company_keys("澳門尚祈有限公司").key_core == "尚祈");
  CHECK(company_keys("延边朝鲜族自治州尚祈商贸有限公司").key_core == "尚祈商贸");
}

TEST_CASE("company keys: script, width, case, spaces and marks do not matter") {
  const std::string expected = company_keys("华为技术有限公司").key_exact;
  for (const std::string_view spelling :
       {"華為技術有限公司", " 华为 技术 有限公司 ", "华为·技术有限公司", "华为\u200b技术有限公司",
        "华为技术有限公司。", "「华为」技术有限公司", "华为-技术_有限公司"}) {
    CHECK_MESSAGE(company_keys(spelling).key_exact == expected, spelling);
  }
  CHECK(company_keys("TCL科技").key_exact == company_keys("ｔｃｌ 科技").key_exact);
  CHECK(company_keys("乾隆酒業有限公司").key_norm == "乾隆酒业");
  CHECK(company_keys("乾燥設備有限公司").key_norm == "干燥设备");
  CHECK(company_keys("C++").key_exact != company_keys("C#").key_exact);
}

TEST_CASE("a branch is a child of its head office") {
  const CompanyName branch = explain_company_name("华为技术有限公司上海分公司");
  CHECK(branch.is_branch);
  CHECK(branch.keys.key_norm == "华为技术上海分公司");
  CHECK(branch.head_norm == company_keys("华为技术有限公司").key_norm);
  CHECK(branch.keys.key_norm != branch.head_norm);
  CHECK(explain_company_name("中国工商银行股份有限公司杭州分行").head_norm == "中国工商银行");
  CHECK(explain_company_name("华为技术有限公司（上海分公司）").head_norm == "华为技术");
  CHECK(is_branch("尚祈科技驻沪办事处"));
  CHECK(!is_branch("余杭街道办事处"));
  CHECK(!is_branch("上海分众传媒有限公司"));
}

TEST_CASE("the evidence names every part that was left out") {
  const CompanyName name = explain_company_name("杭州尚祈（中国）科技集团有限公司");
  REQUIRE(name.steps.size() == 3);
  CHECK(name.steps[0].part == NamePart::LegalForm);
  CHECK(name.steps[0].text == "集团有限公司");
  CHECK(name.steps[1].part == NamePart::Bracket);
  CHECK(name.steps[1].text == "中国");
  CHECK(name.steps[2].part == NamePart::Region);
  CHECK(name.steps[2].text == "杭州");
  CHECK(name.keys.key_core == "尚祈科技");
}

TEST_CASE("keys are stable under themselves and never empty") {
  const std::string_view names[] = {"华东集团股份有限公司",
                                    "杭州尚祈科技有限公司",
                                    "臺灣積體電路製造股份有限公司",
                                    "HUAWEI（深圳） Co., Ltd.",
                                    "A公司B有限公司上海分公司",
                                    "某集团信息技术有限公司上海分公司",
                                    "甲(东方)有限公司",
                                    "甲厂(乙)",
                                    "店",
                                    "厂店",
                                    "...",
                                    "（）",
                                    "!",
                                    "有限公司有限公司",
                                    "海南航空",
                                    "中国",
                                    "杭州杭州杭州",
                                    "Co. Ltd.",
                                    "Inc Inc",
                                    "甲分店店",
                                    "乾隆",
                                    "康乾盛世文化",
                                    "😀公司",
                                    "ABC(DEF(GHI))Ltd",
                                    "公司厂店集团",
                                    "上海分公司",
                                    "分公司"};
  for (const std::string_view name : names) {
    const CompanyKeys keys = company_keys(name);
    CHECK_MESSAGE(!keys.key_exact.empty(), name);
    CHECK_MESSAGE(!keys.key_norm.empty(), name);
    CHECK_MESSAGE(!keys.key_core.empty(), name);
    CHECK_MESSAGE(company_keys(keys.key_exact).key_exact == keys.key_exact, name);
    CHECK_MESSAGE(company_keys(keys.key_norm).key_norm == keys.key_norm, name);
    CHECK_MESSAGE(company_keys(keys.key_core).key_core == keys.key_core, name);
  }
  CHECK(company_keys("") == CompanyKeys{});
  CHECK(company_keys(" \u3000") == CompanyKeys{});
}

TEST_CASE("likeness: the vectors of the rule book") {
  CHECK(name_similarity("尚祈科技", "尚棋科技") == 8800);
  CHECK(name_similarity("离火网络科技", "离火网络") == 9000);
  CHECK(name_similarity("简道云软件", "简道云软件科技") == 9000);
  CHECK(name_similarity("海明智业电子商务", "海明智业电商") == 7500);
  CHECK(name_similarity("华为", "华为") == 10000);
  CHECK(name_similarity("华为", "中兴") == 0);
  CHECK(name_similarity("", "中兴") == 0);
  CHECK(name_similarity("甲", "甲乙丙丁") == 2500);
  CHECK(name_similarity("重庆啤酒", "重庆皮酒") == 8800);
}

TEST_CASE("likeness is symmetric and bounded") {
  const std::string_view names[] = {"尚祈科技", "尚棋科技", "尚祈",    "海明智业电商",
                                    "a",        "abcdefg",  "华为技术"};
  for (const auto a : names) {
    for (const auto b : names) {
      const int score = name_similarity(a, b);
      CHECK(score == name_similarity(b, a));
      CHECK(score >= 0);
      CHECK(score <= 10000);
      CHECK((score == 10000) == (a == b));
    }
  }
}

TEST_CASE("a masked name shows its first and last character only") {
  CHECK(masked_name("杭州尚祈科技有限公司") == "杭＊＊＊＊司");
  CHECK(masked_name("张三丰") == "张＊＊＊＊丰");
  CHECK(masked_name("张三") == "张＊＊＊＊");
  CHECK(masked_name("张") == "张＊＊＊＊");
  CHECK(masked_name(" 杭州公司 ") == "杭＊＊＊＊司");
  CHECK(masked_name("𠮷野家").starts_with("𠮷"));
  CHECK(masked_name("") == "");
}
