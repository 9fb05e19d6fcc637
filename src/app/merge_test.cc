// Merging random records of a company and taking it back leaves every table as it was; in between
// the database is sound. And one customer with very many children.
#include "platform/merge/merge.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>

#include "app/application.h"
#include "app/check.h"
#include "app/demo/demo.h"
#include "base/error.h"
#include "base/random.h"
#include "db/bulk.h"
#include "db/test_databases.h"
#include "record/migrator.h"

namespace kehai::app {
namespace {

using record::Record;
using record::RecordId;

// History, queues, what is kept about merges, and what deals out numbers.
const std::set<std::string> kNotCompared = {
    "audit_entry", "epoch",        "outbox_event", "record_merge", "merge_step",
    "id_block",    "code_counter", "notification", "schema_meta",  "schema_column"};

std::string name_of(db::Kind kind) {
  return kind == db::Kind::Sqlite ? "SQLite" : "PostgreSQL";
}

class Company {
 public:
  explicit Company(db::Kind kind) : database_(kind) {
    Options options;
    options.data_directory = database_.folder();
    if (kind == db::Kind::Postgres) options.database_url = database_.address();
    options.quiet_log = true;
    auto clock = std::make_unique<DemoClock>();
    DemoClock& demo_clock = *clock;
    application_ = std::make_unique<Application>(options, std::move(clock));
    fill_demo(*application_, demo_clock);
    actor_.user_id = find("user", "login eq 'admin'").at(0).id();
    application_->access().attach_rights(actor_);
  }

  Application& application() { return *application_; }
  record::Engine& engine() { return application_->engine(); }
  const record::Actor& actor() const { return actor_; }

  std::vector<Record> find(std::string_view object, std::string_view filter) {
    std::vector<Record> out;
    engine().write(record::system_actor("test"),
                   [&](record::Tx& tx) { out = tx.find_all(object, filter, {}, "id asc", 2000); });
    return out;
  }

  // Rows by table; versions only count on, so that whoever saw the merged state is stale.
  std::map<std::string, std::multiset<std::string>> rows() {
    const auto tables = program_tables();
    std::map<std::string, std::multiset<std::string>> out;
    application_->database().read([&](db::Reader& reader) {
      for (const auto& table : record::all_tables(tables.objects, tables.fixed)) {
        if (kNotCompared.contains(table.name)) continue;
        auto& rows = out[table.name];
        db::read_table(reader, table, [&](const db::Row& row) {
          std::string text;
          for (int i = 0; i < row.column_count(); ++i) {
            if (table.columns[static_cast<std::size_t>(i)].name == "version") continue;
            const auto value = row.get(i);
            text += value.is_null()  ? "\x1f-"
                    : value.is_int() ? "\x1f" + std::to_string(value.as_int())
                                     : "\x1f'" + value.as_text();
          }
          rows.insert(std::move(text));
        });
      }
    });
    return out;
  }

  std::string findings() {
    std::string all;
    for (const auto& finding : check_database(application_->database())) all += finding + "\n";
    return all;
  }

  void index() {
    while (application_->search().index_pending(engine()) > 0) {
    }
  }

 private:
  db::TestDatabase database_;
  std::unique_ptr<Application> application_;
  record::Actor actor_;
};

platform::MergeRequest random_request(Company& company, const std::string& object,
                                      base::Random& random) {
  const auto pick = [&](std::size_t size) {
    return static_cast<std::size_t>(random.below(static_cast<std::uint64_t>(size)));
  };
  auto all = company.find(object, "id gt 0");
  const std::size_t wanted = 2 + pick(platform::kMostMerged - 1);
  // Contacts of one customer; of the others any.
  if (object == "contact") {
    const auto account = all[pick(all.size())].integer("account_id");
    std::erase_if(all,
                  [&](const Record& record) { return record.integer("account_id") != account; });
  }
  platform::MergeRequest request;
  request.object = object;
  while (request.records.size() < wanted && !all.empty()) {
    const auto at = pick(all.size());
    request.records.emplace_back(all[at].id(), all[at].version());
    const auto& fields = all[at].definition().fields;
    const auto& field = fields[pick(fields.size())];
    if (!field.multiple && platform::is_choosable(all[at].definition(), field))
      request.choices[field.name] = all[at].id();
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(at));
  }
  if (!request.records.empty())
    request.master = request.records[pick(request.records.size())].first;
  return request;
}

// One contact through the engine, the others as copies of its row.
void add_contacts(Company& company, RecordId account, int count) {
  const auto system = record::system_actor("test");
  const auto schema = company.engine().schema();
  const auto& contacts = schema->at("contact");
  const auto table = record::object_table(contacts.definition());
  std::optional<Record> first;
  company.engine().write(system, [&](record::Tx& tx) {
    record::Draft draft;
    draft.set("name", "联系人").set("account_id", account);
    first = tx.create("contact", std::move(draft));
  });
  constexpr int kBatch = 2'000;
  for (int made = 1; made < count; made += kBatch) {
    company.engine().write(system, [&](record::Tx& tx) {
      std::vector<base::Values> rows;
      Record copy = *first;
      for (int i = made; i < std::min(count, made + kBatch); ++i) {
        copy.set("id", tx.engine().allocator().next_id("contact"));
        copy.set("code", "C-" + std::to_string(i));
        rows.push_back(record::Store::row_of(contacts, copy));
      }
      db::insert_rows(tx.writer(), table, rows);
    });
  }
}

}  // namespace

TEST_CASE("merging random records and taking it back leaves every table as it was") {
  for (const auto kind : db::test_kinds()) {
    CAPTURE(name_of(kind));
    Company company(kind);
    const auto random = base::make_seeded_random(20'260'301);
    std::map<std::string, int> merged;
    constexpr int kRounds = 45;
    const std::vector<std::string> objects{"account", "contact", "lead"};
    for (int round = 0; round < kRounds; ++round) {
      const auto& object = objects[static_cast<std::size_t>(round) % objects.size()];
      const auto request = random_request(company, object, *random);
      CAPTURE(round);
      CAPTURE(object);
      const auto before = company.rows();
      platform::MergeResult result;
      try {
        result = company.application().merges().merge(company.engine(), company.actor(), request);
      } catch (const base::Error& error) {
        // Refused: nothing happened.
        CAPTURE(error.code());
        CHECK(error.kind() != base::ErrorKind::Internal);
        CHECK(company.rows() == before);
        continue;
      }
      ++merged[object];
      company.index();
      CHECK(company.findings() == "");
      CHECK(company.rows() != before);
      company.application().merges().undo(company.engine(), company.actor(), result.merge_id);
      company.index();
      CHECK(company.findings() == "");
      const auto after = company.rows();
      for (const auto& [table, rows] : before) {
        CAPTURE(table);
        CHECK(rows == after.at(table));
      }
    }
    for (const auto& object : objects) {
      CAPTURE(object);
      CHECK(merged[object] >= 3);
    }
  }
}

TEST_CASE("a customer with very many contacts is merged in one transaction") {
  const char* wanted = std::getenv("KEHAI_MERGE_CHILDREN");
  const int children = wanted == nullptr ? 6'000 : std::atoi(wanted);
  for (const auto kind : db::test_kinds()) {
    CAPTURE(name_of(kind));
    Company company(kind);
    RecordId master = 0;
    RecordId loser = 0;
    const auto system = record::system_actor("test");
    company.engine().write(system, [&](record::Tx& tx) {
      for (RecordId* id : {&master, &loser}) {
        record::Draft draft;
        draft.set("name", id == &master ? "很大的客户" : "更大的客户")
            .set("owner_id", company.actor().user_id);
        *id = tx.create("account", std::move(draft)).id();
      }
    });
    add_contacts(company, loser, children);
    platform::MergeRequest request;
    request.object = "account";
    request.master = master;
    request.records = {{master, 1}, {loser, 1}};
    const auto begin = std::chrono::steady_clock::now();
    const auto result =
        company.application().merges().merge(company.engine(), company.actor(), request);
    const auto middle = std::chrono::steady_clock::now();
    CHECK(result.children ==
          std::vector<std::pair<std::string, std::int64_t>>{{"contact", children}});
    company.application().merges().undo(company.engine(), company.actor(), result.merge_id);
    const auto end = std::chrono::steady_clock::now();
    const auto milliseconds = [](auto duration) {
      return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
    };
    std::cout << name_of(kind) << ": " << children << " contacts merged in "
              << milliseconds(middle - begin) << " ms, back in " << milliseconds(end - middle)
              << " ms\n";
    std::int64_t back = 0;
    company.engine().write(system, [&](record::Tx& tx) {
      back = tx.count("contact", "account_id eq @loser", {{"loser", record::id_value(loser)}});
    });
    CHECK(back == children);
  }
}

}  // namespace kehai::app
