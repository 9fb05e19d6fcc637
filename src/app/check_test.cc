// A sound company is found sound; each kind of damage to its rows is found and named.
#include "app/check.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "app/application.h"
#include "app/demo/demo.h"
#include "base/error.h"
#include "db/bulk.h"
#include "db/search_table.h"
#include "db/test_databases.h"
#include "query/parser.h"
#include "record/tx.h"

namespace kehai::app {
namespace {

using db::Compare;
using db::Table;
using db::Value;

// The demo company after the program has ended, and the ids of some records in it.
class Company {
 public:
  explicit Company(db::Kind kind) : database_(kind) {
    auto options = options_of(kind);
    auto clock = std::make_unique<DemoClock>();
    DemoClock& demo_clock = *clock;
    application_ = std::make_unique<Application>(options, std::move(clock));
    fill_demo(*application_, demo_clock);
  }

  void restart(db::Kind kind) {
    application_.reset();
    application_ = std::make_unique<Application>(options_of(kind));
  }
  void run_jobs() { application_->jobs().run_all_now(); }
  db::Database& database() { return application_->database(); }
  std::vector<std::string> findings() { return check_database(database()); }

  std::int64_t first(std::string_view object, std::string_view filter) {
    std::int64_t id = 0;
    application_->engine().write(record::system_actor("test"), [&](record::Tx& tx) {
      id = tx.find_all(object, filter, {}, "id asc", 1).at(0).id();
    });
    return id;
  }
  void write(const std::function<void(db::Writer&)>& fn) { database().write(fn); }
  // Sets one column behind the engine's back; returns what stood there.
  Value set(const std::string& table, const std::string& column, std::int64_t id,
            const Value& value) {
    Value before;
    write([&](db::Writer& writer) {
      const std::vector<db::Condition> where = {{"id", Compare::Equal, id}};
      before = Table(table).select(writer, {{column}, where, {}, 0, false}).at(0).at(0);
      Table(table).update(writer, {{column, value}}, where);
    });
    return before;
  }

  // With one column set to `value` there are findings, each of these among them; then it is set
  // back.
  void check_found(const std::string& table, const std::string& column, std::int64_t id,
                   const Value& value, const std::vector<std::string>& expected) {
    CAPTURE(table + "." + column);
    const Value before = set(table, column, id, value);
    check_findings(expected);
    set(table, column, id, before);
  }
  void check_findings(const std::vector<std::string>& expected) {
    const auto found = findings();
    std::string all;
    for (const auto& finding : found) all += "\n  " + finding;
    CAPTURE(all);
    CHECK(found.size() >= expected.size());
    for (const auto& sentence : expected) {
      CAPTURE(sentence);
      CHECK(std::any_of(found.begin(), found.end(), [&](const std::string& finding) {
        return finding.find(sentence) != std::string::npos;
      }));
    }
  }

 private:
  Options options_of(db::Kind kind) {
    Options options;
    options.data_directory = database_.folder();
    if (kind == db::Kind::Postgres) options.database_url = database_.address();
    options.quiet_log = true;
    return options;
  }

  db::TestDatabase database_;
  std::unique_ptr<Application> application_;
};

std::string of(std::int64_t id) {
  return "(1 record, the first has the id " + std::to_string(id) + ")";
}

void check_links(Company& company) {
  const auto lead = company.first("lead", "status eq 'following'");
  const auto voided = company.first("lead", "status eq 'voided'");
  const auto pool = company.first("pool", "kind eq 'lead'");
  const auto contact = company.first("contact", "id gt 0");
  const auto account = company.first("account", "owner_id ne null");
  const auto user = company.first("user", "login eq 'sun'");
  company.check_found(
      "lead", "pool_id", lead, pool,
      {"lead: has an owner and a pool " + of(lead), "lead: the ownership history does not end"});
  company.check_found("lead", "owner_id", lead, Value(),
                      {"lead: has neither owner nor pool " + of(lead)});
  company.check_found("lead", "owner_id", voided, user,
                      {"lead: the ownership history does not end"});
  company.check_found("lead", "owner_id", lead, 4095, {"lead: owner_id names no living user"});
  company.check_found("lead", "scope_department_id", lead, 4095,
                      {"lead: scope_department_id is not the department of owner_id " + of(lead)});
  company.check_found("contact", "account_id", contact, 4095,
                      {"contact: account_id names no living account " + of(contact),
                       "contact: parent_owner_id is not the owner of account_id"});
  company.check_found("contact", "parent_owner_id", contact, user,
                      {"contact: parent_owner_id is not the owner of account_id " + of(contact)});
  company.check_found("account", "deleted_at", account, 1,
                      {"contact: account_id names no living account",
                       "opportunity: account_id names no living account"});
  company.check_found("lead", "account_id", company.first("lead", "status eq 'converted'"), 4095,
                      {"lead: account_id names no account"});
  company.check_found("lead", "version", lead, 0, {"lead: the version or the time of creation"});
  company.check_found("lead", "created_at", lead, Value(),
                      {"lead: the version or the time of creation"});
}

void check_history(Company& company) {
  const auto deal = company.first("opportunity", "status eq 'won'");
  const auto stage = company.first("stage", "kind eq 'open'");
  company.check_found(
      "opportunity", "stage_id", deal, stage,
      {"opportunity: the history of its stages has a gap or ends elsewhere " + of(deal),
       "opportunity: the totals stages are not the sums of the records (2 records"});
  const auto step = company.first("stage_change", "opportunity_id eq " + std::to_string(deal));
  company.check_found("stage_change", "from_stage_id", step, stage,
                      {"opportunity: the history of its stages "});
  company.check_found("stage_change", "deleted_at", step, 1,
                      {"opportunity: the history of its stages has a gap"});
}

void check_codes(Company& company) {
  const auto lead = company.first("lead", "status eq 'pending'");
  const auto other = company.first("lead", "status eq 'following'");
  Value code;
  company.database().read([&](db::Reader& reader) {
    code = Table("lead")
               .select(reader, {{"code"}, {{"id", Compare::Equal, other}}, {}, 0, false})
               .at(0)
               .at(0);
  });
  company.check_found("lead", "code", lead, code, {"lead: a code stands for two records"});
  const std::string& text = code.as_text();
  company.check_found("lead", "code", lead, text.substr(0, text.size() - 4) + "99999",
                      {"lead: the code is none that the counter has given out " + of(lead)});
  company.check_found("lead", "code", lead, "L-7", {"lead: the code is none"});
  const auto set_block = [&](const char* object) {
    company.write([&](db::Writer& writer) {
      Table("id_block")
          .update(writer, {{"object", object}}, {{"block", Compare::Equal, lead >> 12}});
    });
  };
  set_block("contact");
  company.check_findings({"lead: the id is out of another object's or nobody's block"});
  set_block("lead");
}

void check_keys(Company& company) {
  const auto lead = company.first("lead", "status eq 'pending'");
  const auto user = company.first("user", "login eq 'sun'");
  const Table unique("unique_key");
  const std::vector<db::Condition> login = {{"field", Compare::Equal, "user.login"},
                                            {"record_id", Compare::Equal, user}};
  company.write([&](db::Writer& writer) { unique.erase(writer, login); });
  company.check_findings({"user: login does not hold its unique key " + of(user)});
  company.write([&](db::Writer& writer) {
    unique.insert(writer, {{"field", "user.login"}, {"key", "sun"}, {"record_id", user}});
    unique.insert(writer, {{"field", "tag.name_key"}, {"key", "gone"}, {"record_id", lead}});
  });
  company.check_findings({"tag: a unique key of name_key belongs to no living record " + of(lead)});
  company.write([&](db::Writer& writer) {
    unique.erase(writer, {{"key", Compare::Equal, "gone"}});
    db::SearchTable::erase(writer, lead);
  });
  company.check_findings({"lead: is not in the search index " + of(lead)});
  company.write([&](db::Writer& writer) { db::SearchTable::put(writer, lead, "xtlead"); });
  const Table keys("dedupe_key");
  std::vector<db::Values> phones;
  const std::vector<db::Condition> mobile = {{"record_id", Compare::Equal, lead},
                                             {"field", Compare::Equal, "mobile"}};
  company.write([&](db::Writer& writer) {
    phones = keys.select(writer, {{"kind", "key"}, mobile, {}, 0, false});
    keys.erase(writer, mobile);
  });
  REQUIRE(phones.size() == 1);
  company.check_findings({"lead: the duplicate check does not know its values " + of(lead)});
  company.write([&](db::Writer& writer) {
    for (const std::int64_t id : {lead, std::int64_t{77}})
      keys.insert(writer, {{"kind", phones[0][0]},
                           {"key", phones[0][1]},
                           {"object", "lead"},
                           {"record_id", id},
                           {"field", "mobile"}});
  });
  company.check_findings({"lead: keys of the duplicate check belong to no record " + of(77)});
  company.write([&](db::Writer& writer) {
    keys.erase(writer, {{"record_id", Compare::Equal, 77}});
    Table("account__tag_ids").insert(writer, {{"record_id", 78}, {"position", 0}, {"value", 1}});
  });
  company.check_findings({"account: values of tag_ids belong to no record " + of(78)});
  company.write([&](db::Writer& writer) {
    Table("account__tag_ids").erase(writer, {{"record_id", Compare::Equal, 78}});
  });
}

// The keys that an older program did not make are there after the start of a newer one.
void check_older_keys(Company& company, db::Kind kind) {
  company.write([](db::Writer& writer) {
    Table("dedupe_key").erase(writer, {{"object", Compare::Equal, "contact"}});
    Table("setting").update(writer, {{"value", "fewer fields"}},
                            {{"key", Compare::Equal, "duplicate.keys_of"}});
  });
  company.check_findings({"contact"});
  company.restart(kind);
  CHECK(company.findings() == std::vector<std::string>{});
}

// The same with the search index, which a job completes.
void check_older_index(Company& company, db::Kind kind) {
  const auto contact = company.first("contact", "id gt 0");
  const auto task = company.first("task", "id gt 0");
  company.write([&](db::Writer& writer) {
    db::SearchTable::erase(writer, contact);
    db::SearchTable::erase(writer, task);
    Table("setting").update(writer, {{"value", "contact:name=n,;"}},
                            {{"key", Compare::Equal, "search.fields_of"}});
  });
  company.check_findings({"contact: is not in the search index", "task: is not in the search"});
  company.restart(kind);
  company.run_jobs();
  CHECK(company.findings() == std::vector<std::string>{});
}

void check_tables(Company& company) {
  company.database().migrate(
      [](db::Writer& writer) { writer.execute("DROP INDEX \"ix_ownership_record\""); });
  company.check_findings({"The index ix_ownership_record is missing"});
  company.database().migrate(
      [](db::Writer& writer) { writer.execute("DROP TABLE \"claim_ledger\""); });
  company.check_findings({"The table claim_ledger is missing"});
  company.write([](db::Writer& writer) {
    Table("schema_meta")
        .update(writer, {{"value", "other"}}, {{"key", Compare::Equal, "fingerprint"}});
  });
  company.check_findings({"another version of Kehai"});
}

}  // namespace

TEST_CASE("check: a sound company, and every damage to it") {
  for (const auto kind : db::test_kinds()) {
    CAPTURE(static_cast<int>(kind));
    Company company(kind);
    CHECK(company.findings() == std::vector<std::string>{});
    check_links(company);
    check_history(company);
    check_codes(company);
    check_keys(company);
    // All damage was taken back.
    CHECK(company.findings() == std::vector<std::string>{});
    check_older_keys(company, kind);
    check_older_index(company, kind);
    check_tables(company);
  }
}

TEST_CASE("check: a database without a company") {
  db::on_each_database([](db::TestDatabase& database) {
    try {
      check_database(database.get());
      FAIL("no error");
    } catch (const base::Error& error) {
      CHECK(error.code() == "data.no_database");
    }
  });
}

}  // namespace kehai::app
