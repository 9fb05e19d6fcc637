// The format audit's walk on stored values that no door would let in today: what it finds, that a
// crash costs one slice, that what is mended goes away; and the columns that data quality rests on.
#include <doctest/doctest.h>

#include <set>

#include "app/application.h"
#include "app/check.h"
#include "app/demo/demo.h"
#include "db/table.h"
#include "db/test_databases.h"
#include "modules/data_quality/figures.h"
#include "modules/data_quality/rules.h"
#include "modules/data_quality/walk.h"
#include "query/parser.h"
#include "record/tx.h"

namespace kehai::app {
namespace {

using db::Compare;
using db::Table;
using modules::QualityJob;
using record::Draft;
using record::RecordId;

class Company {
 public:
  explicit Company(db::Kind kind) : database_(kind), kind_(kind) { open(); }

  // As after a crash: nothing of the program's memory is left.
  void open() {
    application_.reset();
    Options options;
    options.data_directory = database_.folder();
    if (kind_ == db::Kind::Postgres) options.database_url = database_.address();
    options.quiet_log = true;
    application_ = std::make_unique<Application>(options);
  }
  Application& application() { return *application_; }
  record::Engine& engine() { return application_->engine(); }

  RecordId create(const std::string& object, const Draft& draft) {
    RecordId id = 0;
    engine().write(record::system_actor("test"),
                   [&](record::Tx& tx) { id = tx.create(object, draft).id(); });
    return id;
  }
  RecordId account(const std::string& name) {
    const Table pool("pool");
    std::int64_t home = 0;
    engine().database().read([&](db::Reader& reader) {
      home = pool.select(reader, {{"id"}, {{"kind", Compare::Equal, "account"}}, {}, 1, false})
                 .at(0)
                 .at(0)
                 .as_int();
    });
    return create("account", Draft().set("name", name).set("pool_id", home));
  }
  // Past every door.
  void set(const std::string& table, RecordId id, const std::string& column,
           const db::Value& value) {
    engine().database().write([&](db::Writer& writer) {
      Table(table).update(writer, {{column, value}}, {{"id", Compare::Equal, id}});
    });
  }
  void set_and_touch(RecordId id, const std::string& column, const db::Value& value) {
    set("account", id, column, value);
    set("account", id, "updated_at", engine().clock().now());
  }
  std::set<std::string> findings(const std::string& object = "account") {
    std::set<std::string> out;
    engine().database().read([&](db::Reader& reader) {
      out.clear();
      Table("quality_finding")
          .select_each(
              reader,
              {{"record_id", "field", "rule"}, {{"object", Compare::Equal, object}}, {}, 0, false},
              [&](const db::Row& row) {
                out.insert(std::to_string(row.get_int(0)) + " " + std::string(row.get_text(1)) +
                           " " + std::string(row.get_text(2)));
              });
    });
    return out;
  }
  modules::QualityRun state() {
    std::optional<modules::QualityRun> run;
    engine().database().read([&](db::Reader& reader) { run = modules::read_run(reader); });
    return run.value_or(modules::QualityRun{});
  }
  void want() {
    engine().write(record::system_actor("test"), [](record::Tx& tx) { modules::want_run(tx); });
  }
  // Returns the number of slices.
  int walk() {
    int steps = 0;
    while (QualityJob().step(engine())) ++steps;
    return steps;
  }
  std::vector<std::string> faults() { return check_database(engine().database()); }

 private:
  db::TestDatabase database_;
  db::Kind kind_;
  std::unique_ptr<Application> application_;
};

template <typename Test>
void on_each(const Test& test) {
  for (const auto kind : db::test_kinds()) {
    CAPTURE(kind == db::Kind::Sqlite);
    Company company(kind);
    test(company);
  }
}

std::string named(RecordId id, const std::string& what) {
  return std::to_string(id) + " " + what;
}

}  // namespace

TEST_CASE(
    "data quality: values that no door lets in today are found, and go when they are mended") {
  on_each([](Company& company) {
    const auto good = company.account("规矩有限公司");
    const auto bad = company.account("走样有限公司");
    company.set("account", good, "phone", "13700001111");
    company.set("account", bad, "phone", "12");
    company.set("account", bad, "email", "nobody at all");
    company.set("account", bad, "uscc", "91350100M000100Y44");
    company.set("account", bad, "industry", "alchemy");
    company.set("account", bad, "name", "走\xE2\x80\x8B样有限公司");
    company.walk();
    CHECK(company.findings() ==
          std::set<std::string>{named(bad, "email email"), named(bad, "industry option"),
                                named(bad, "name odd_character"), named(bad, "phone phone"),
                                named(bad, "uscc uscc")});
    // Nothing has changed: the next run reads what is listed and what is new, and finds the same.
    company.want();
    company.walk();
    CHECK(company.findings().size() == 5);
    // A mended value goes, another way of writing it does not.
    company.set_and_touch(bad, "phone", "+86 137 0000 2222");
    company.set_and_touch(bad, "email", db::Value());
    company.want();
    company.walk();
    CHECK(company.findings() ==
          std::set<std::string>{named(bad, "industry option"), named(bad, "name odd_character"),
                                named(bad, "phone not_normalised"), named(bad, "uscc uscc")});
    // What goes to the recycle bin takes its findings along.
    company.engine().write(record::system_actor("test"), [&](record::Tx& tx) {
      auto record = tx.get("account", bad);
      tx.erase(record);
    });
    company.want();
    company.walk();
    CHECK(company.findings().empty());
  });
}

TEST_CASE("data quality: a walk that was killed at any slice goes on where it was") {
  on_each([](Company& company) {
    std::set<std::string> expected;
    constexpr int kAccounts = 1100;  // more than two slices
    std::vector<RecordId> ids;
    company.engine().write(record::system_actor("test"), [&](record::Tx& tx) {
      ids.clear();
      const auto pools = tx.find_all("pool", "kind eq 'account'", {}, "id", 1);
      for (int i = 0; i < kAccounts; ++i) {
        Draft draft;
        draft.set("name", "第" + std::to_string(i) + "公司").set("pool_id", pools.at(0).id());
        ids.push_back(tx.create("account", draft).id());
      }
    });
    for (std::size_t i = 0; i < ids.size(); i += 100) {
      company.set("account", ids[i], "phone", "12");
      expected.insert(named(ids[i], "phone phone"));
    }
    int steps = 0;
    while (QualityJob().step(company.engine())) {
      // A job knows nothing by itself; some of the time the whole program begins anew.
      if (++steps % 4 == 2) company.open();
    }
    CHECK(steps > 8);
    CHECK(company.findings() == expected);
    CHECK(company.state().checked == kAccounts);
    CHECK(company.state().stage == 0);
    CHECK(company.state().finished_at > 0);
    // The next one looks at what changed since, not at everything: nothing that old is read again.
    for (const auto id : ids) company.set("account", id, "updated_at", 1);
    company.want();
    company.walk();
    CHECK(company.state().checked == 0);
    CHECK(company.findings() == expected);
  });
}

TEST_CASE("data quality: other rules make the walk look at everything anew") {
  on_each([](Company& company) {
    const auto id = company.account("一家有限公司");
    company.walk();
    company.set("account", id, "phone", "12");
    company.set("account", id, "updated_at", 1);
    company.want();
    company.walk();
    CHECK(company.findings().empty());
    company.engine().database().write([](db::Writer& writer) {
      Table("quality_walk").update(writer, {{"rules", "those of yesterday"}}, {});
    });
    company.want();
    company.walk();
    CHECK(company.findings() == std::set<std::string>{named(id, "phone phone")});
  });
}

TEST_CASE("data quality: check finds a wrong shell, and a start fills what an older program left") {
  on_each([](Company& company) {
    const auto id = company.account("空壳有限公司");
    company.create("contact", Draft().set("name", "周全").set("account_id", id));
    CHECK(company.faults().empty());
    company.set("account", id, "has_contacts", 0);
    const auto faults = company.faults();
    REQUIRE(faults.size() >= 1);
    CHECK(faults[0].find("has_contacts") != std::string::npos);
    // As an older program would have left it.
    for (const auto* column : {"has_contacts", "is_shell", "quiet_since"})
      company.set("account", id, column, db::Value());
    company.engine().database().write([](db::Writer& writer) {
      for (const auto* column : {"has_contacts", "is_shell", "quiet_since"}) {
        Table("schema_meta")
            .erase(writer, {{"key", Compare::Equal, std::string("formula:account.") + column}});
      }
    });
    company.open();
    CHECK(company.faults().empty());
    company.engine().write(record::system_actor("test"), [&](record::Tx& tx) {
      const auto account = tx.get("account", id);
      CHECK(account.integer("has_contacts") == 1);
      CHECK(account.get("is_shell") == db::Value(true));
      CHECK(account.get("quiet_since") == account.get("created_at"));
    });
  });
}

}  // namespace kehai::app
