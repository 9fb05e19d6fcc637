// Real files of others, through upload, preview, mapping, check and import.
#include <filesystem>
#include <fstream>
#include <set>

#include "base/text/company_name.h"
#include "platform/transfer/formats/table_reader.h"
#include "transfer_world.h"

using namespace kehai;
using namespace kehai::transfer_test;

namespace {

constexpr std::string_view kSalesforceAccounts =
    R"({"mapping":{"ID":"external_id","NAME":"name","PHONE":null,
  "BILLINGSTREET":"address","BILLINGCITY":"address","BILLINGSTATE":"address","CREATEDDATE":"created_at",
  "DESCRIPTION":"description","ANNUALREVENUE":"annual_revenue"}})";

constexpr std::string_view kSalesforceOpportunities =
    R"({"mapping":{"ID":"external_id","ACCOUNTID":"account_id","NAME":"name",
  "STAGENAME":"stage_id","AMOUNT":"amount","PROBABILITY":"probability","CLOSEDATE":"expected_close_date",
  "DESCRIPTION":"description","CREATEDDATE":"created_at"},
  "values":{"STAGENAME":{"Closed Won":"赢单","Closed Lost":"输单","Prospecting":"初步接触","Qualification":"需求确认",
   "Needs Analysis":"需求确认","Value Proposition":"方案制定","Id. Decision Makers":"方案制定","Perception Analysis":"方案制定",
   "Proposal/Price Quote":"商务谈判","Negotiation/Review":"商务谈判"}}})";

struct FileRows {
  std::vector<std::vector<std::string>> rows;
  std::map<std::string, std::size_t> column;
};

FileRows read_rows(const std::filesystem::path& path) {
  FileRows out;
  const auto reader = platform::open_table(path);
  for (std::size_t i = 0; i < reader->info().columns.size(); ++i)
    out.column[reader->info().columns[i]] = i;
  std::vector<platform::Cell> cells;
  while (reader->next_row(cells)) {
    auto& row = out.rows.emplace_back();
    for (const auto& cell : cells) row.push_back(cell.text);
  }
  return out;
}

}  // namespace

TEST_CASE("import: a CRM's accounts and opportunities, the second file by the keys of the first") {
  KEHAI_NEED_DATA(data);
  const auto accounts_file = data / "crm" / "salesforce_accountData.csv";
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    Upload accounts(world, admin, "account", accounts_file);
    CHECK(accounts.status() == "uploaded");
    CHECK(accounts.columns().size() == 38);
    // Guessed from the headers, and proven on the first rows.
    CHECK(accounts.field_of("NAME") == "name");
    CHECK(accounts.field_of("ID") == "external_id");
    CHECK(accounts.field_of("CREATEDDATE") == "created_at");
    CHECK(accounts.field_of("OWNERID") == "");  // no such person here
    accounts.settings(kSalesforceAccounts).validate();
    CHECK(accounts.status() == "validated");
    CHECK(accounts.counted("rows") == 423);
    for (const auto& finding : accounts.findings()) MESSAGE(finding);
    CHECK(accounts.counted("bad") == 0);
    // Two rows of one company are one customer: as many as there are different exact names.
    const auto file = read_rows(accounts_file);
    REQUIRE(file.rows.size() == 423);
    std::set<std::string> names;
    for (const auto& row : file.rows)
      names.insert(text::company_keys(row[file.column.at("NAME")]).key_exact);
    CHECK(accounts.counted("good") == static_cast<std::int64_t>(names.size()));
    CHECK(accounts.counted("good") + accounts.counted("duplicates") == 423);
    CHECK(world.count("account") == 0);

    accounts.apply();
    CHECK(accounts.status() == "done");
    CHECK(accounts.counted("created") == static_cast<std::int64_t>(names.size()));
    CHECK(world.count("account") == static_cast<std::int64_t>(names.size()));
    // Windows-1252 was recognised, and the original dates are kept.
    CHECK(world.count("account", "name eq 'Pébéo of America'") == 1);
    CHECK(world.count("account", "created_at lt 2007-01-01T00:00:00Z") > 0);

    Upload deals(world, admin, "opportunity", data / "crm" / "salesforce_opportunityData.csv");
    CHECK(deals.field_of("ACCOUNTID") == "account_id");  // known from the first file
    CHECK(deals.field_of("NAME") == "name");
    CHECK(deals.field_of("AMOUNT") == "amount");
    CHECK(deals.field_of("CLOSEDATE") == "expected_close_date");
    // Five rows name no amount, which every deal owes; a value for empty cells lets them in.
    deals.settings(kSalesforceOpportunities).validate();
    CHECK(deals.counted("good") == 33);
    CHECK(deals.counted("bad") == 5);
    deals.settings(R"({"defaults":{"amount":0}})").validate();
    for (const auto& finding : deals.findings()) MESSAGE(finding);
    CHECK(deals.counted("rows") == 38);
    CHECK(deals.counted("good") == 38);
    deals.apply(true);
    CHECK(deals.status() == "done");
    CHECK(world.count("opportunity") == 38);
    const auto deal_rows = read_rows(data / "crm" / "salesforce_opportunityData.csv");
    std::int64_t won = 0;
    for (const auto& row : deal_rows.rows)
      won += row[deal_rows.column.at("STAGENAME")] == "Closed Won" ? 1 : 0;
    CHECK(won > 0);
    CHECK(world.count("opportunity", "status eq 'won'") == won);
    CHECK(world.count("opportunity", "amount eq 0") == 5);
    CHECK(world.count("opportunity", "account/name eq 'George Foundation Health'") == 2);

    // The same files again make nothing new, and the second upload knows its mapping.
    Upload again(world, admin, "account", accounts_file);
    CHECK(again.field_of("BILLINGCITY") == "address");
    again.validate().apply();
    CHECK(again.counted("created") == 0);
    CHECK(again.counted("duplicates") == 423);
    Upload deals_again(world, admin, "opportunity",
                       data / "crm" / "salesforce_opportunityData.csv");
    deals_again.validate().apply();
    CHECK(deals_again.counted("created") == 0);
    CHECK(world.count("account") == static_cast<std::int64_t>(names.size()));
    CHECK(world.count("opportunity") == 38);
  });
}

TEST_CASE("import: 4,521 leads of a marketing list, and the same file again") {
  KEHAI_NEED_DATA(data);
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    const auto import = [&] {
      Upload upload(world, admin, "lead", data / "leads" / "bank_marketing_10pct.csv");
      CHECK(upload.columns().size() == 17);
      upload.settings(
          R"({"mapping":{"job":"title","marital":"wechat","education":"description","age":"description",
        "balance":"description","duration":"description","day":"description"},"defaults":{"company":"银行营销名单"}})");
      return upload.validate().apply();
    };
    auto first = import();
    CHECK(first.status() == "done");
    CHECK(first.counted("rows") == 4521);
    CHECK(first.counted("created") == 4521);
    CHECK(world.count("lead") == 4521);
    auto second = import();
    CHECK(second.counted("created") == 0);
    CHECK(second.counted("duplicates") == 4521);
    CHECK(world.count("lead") == 4521);
  });
}

TEST_CASE("import: a list of company names without header") {
  KEHAI_NEED_DATA(data);
  constexpr std::int64_t kLines = 20'000;
  std::string content;
  std::set<std::string> names;
  {
    std::ifstream file(data / "china" / "names" / "company_short_names_dev.txt");
    std::string line;
    for (std::int64_t i = 0; i < kLines && std::getline(file, line); ++i) {
      content += line + "\n";
      names.insert(text::company_keys(line).key_exact);
    }
  }
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    Upload upload(world, world.actor("admin"), "lead", "names.txt", content);
    upload.settings(R"({"header_row":0,"delimiter":"none","mapping":{"#1":"company"}})");
    CHECK(upload.columns() == std::vector<std::string>{"#1"});
    upload.validate();
    CHECK(upload.counted("rows") == kLines);
    CHECK(upload.counted("bad") == 0);
    CHECK(upload.counted("good") == static_cast<std::int64_t>(names.size()));
    upload.apply();
    CHECK(upload.status() == "done");
    CHECK(upload.counted("created") == static_cast<std::int64_t>(names.size()));
    CHECK(world.count("lead") == static_cast<std::int64_t>(names.size()));
  });
}

TEST_CASE("import: statements of Chinese banks and shops open with their columns") {
  KEHAI_NEED_DATA(data);
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    const auto columns = [&](const char* name) {
      return Upload(world, admin, "lead", data / "formats" / "china-exports" / name).columns();
    };
    const auto has = [](const std::vector<std::string>& list, const char* name) {
      return std::find(list.begin(), list.end(), name) != list.end();
    };
    CHECK(has(columns("alipay_example-alipay-records.csv"), "交易对方"));
    CHECK(has(columns("wechat_example-wechat-records.csv"), "交易对方"));
    CHECK(has(columns("wechat_example-wechat-records.xlsx"), "交易对方"));
    CHECK(has(columns("jd_example-jd-records.csv"), "商户名称"));
    CHECK(has(columns("ccb_example.xls"), "对方户名"));
    int opened = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(data / "formats" / "china-exports")) {
      CAPTURE(entry.path().filename().string());
      Upload upload(world, admin, "lead", entry.path());
      CHECK(upload.columns().size() >= 4);
      ++opened;
    }
    CHECK(opened == 21);
  });
}

TEST_CASE("import: hostile files are refused with a clear word or stored as what they are") {
  KEHAI_NEED_DATA(data);
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    const base::Texts texts;
    int refused = 0;
    int opened = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(data / "hostile")) {
      if (!entry.is_regular_file()) continue;
      CAPTURE(entry.path().string());
      const std::string code = code_of([&] {
        Upload upload(world, admin, "lead", entry.path());
        ++opened;
      });
      if (code.empty()) continue;
      ++refused;
      CHECK(code.starts_with("import."));
      for (const auto language : {base::Language::SimplifiedChinese,
                                  base::Language::TraditionalChinese, base::Language::English}) {
        CHECK(texts.has(language, code));
      }
    }
    CHECK(refused >= 8);
    CHECK(opened > 0);
    const struct {
      const char* name;
      const char* code;
    } known[] = {{"poc-xmlbomb.xlsx", "import.dtd_refused"},
                 {"utf8entity.xlsx", "import.dtd_refused"},
                 {"utf16entity.xlsx", "import.file_broken"},
                 {"xlsx-corrupted.xlsx", "import.file_broken"},
                 {"protected_passtika.xlsx", "import.file_encrypted"}};
    for (const auto& file : known) {
      CAPTURE(std::string(file.name));
      CHECK(code_of([&] { Upload(world, admin, "lead", data / "hostile" / "xlsx" / file.name); }) ==
            file.code);
    }
    // Formulas are text.
    Upload upload(world, admin, "lead", data / "hostile" / "csv" / "csv-injection-payloads.txt");
    upload.settings(R"({"header_row":0,"delimiter":"none","mapping":{"#1":"company"}})")
        .validate()
        .apply();
    CHECK(upload.counted("created") ==
          upload.counted("rows") - upload.counted("bad") - upload.counted("duplicates"));
    CHECK(world.count("lead", "startswith(company,'=')") > 0);
  });
}

TEST_CASE("import: 500 odd texts are stored exactly or refused by name") {
  KEHAI_NEED_DATA(data);
  std::ifstream file(data / "hostile" / "blns.json");
  const std::string json(std::istreambuf_iterator<char>(file), {});
  const auto list = base::parse_json(json).as_array();
  std::string content = "公司名称,备注\n";
  for (const auto& element : list) {
    std::string quoted;
    for (const char c : std::string_view(element.as_string()))
      quoted += c == '"' ? "\"\"" : std::string(1, c);
    content += "公司,\"" + quoted + "\"\n";
  }
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    Upload upload(world, world.actor("admin"), "lead", "blns.csv", content);
    upload
        .settings(
            R"({"mapping":{"公司名称":"company","备注":"description"},"duplicates":"create"})")
        .validate()
        .apply();
    CHECK(upload.counted("rows") == static_cast<std::int64_t>(list.size()));
    CHECK(upload.counted("created") + upload.counted("bad") == upload.counted("rows"));
    CHECK(upload.counted("created") > 480);
    std::set<std::string> stored;
    for (const auto& text : world.texts("lead", "description")) stored.insert(text);
    std::size_t exact = 0;
    for (const auto& element : list)
      exact += stored.contains(std::string(element.as_string())) ? 1 : 0;
    CHECK(exact + static_cast<std::size_t>(upload.counted("bad")) + 10 >=
          list.size());  // 10: only blanks around differ
  });
}

TEST_CASE("import: an empty file, and what is no table") {
  db::on_each_database([&](db::TestDatabase& database) {
    CAPTURE(database.name());
    World world(database);
    const auto admin = world.actor("admin");
    CHECK(code_of([&] { Upload(world, admin, "lead", "empty.csv", ""); }) == "import.empty_file");
    CHECK(code_of([&] {
            Upload(world, admin, "lead", "a.xlsx",
                   std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16));
          }) == "import.binary_file");
    Upload only_header(world, admin, "lead", "header.csv", "公司名称,手机\n");
    only_header.validate();
    CHECK(only_header.counted("rows") == 0);
    CHECK(only_header.status() == "validated");
  });
}
