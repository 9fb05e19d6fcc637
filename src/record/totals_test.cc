// Kept totals: what they answer equals the sum over the rows, whatever was written, by whom and in
// which order.
#include "record/totals.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <thread>

#include "base/error.h"
#include "db/dialect.h"
#include "db/test_databases.h"
#include "query/parser.h"
#include "record/toy_company.h"

namespace kehai::record {

namespace {

constexpr RecordId kReader = 9'000;
constexpr std::int64_t kOwners = 5;
constexpr base::Instant kDay = 86'400'000;

struct Question {
  const char* apply;
  const char* filter;
  bool from_totals = true;
};

// Of those from totals some need the one, some the other; the last ones need the rows.
const std::vector<Question> kQuestions{
    {"groupby((size),aggregate(amount with sum as s,amount with average as a,$count as n))", ""},
    {"groupby((status,shelf_id),aggregate(secret with sum as s,$count as n))", "size lt 5"},
    {"aggregate(amount with sum as s,amount with average as a,$count as n)", "size eq 3"},
    {"aggregate(amount with sum as s,$count as n)", "size eq 77"},
    {"filter(size ne 2)/groupby((status),aggregate($count as n))", "shelf_id eq null"},
    // January in Shanghai begins at 16:00 of the day before.
    {"groupby((status),aggregate(amount with sum as s,$count as n))",
     "seen_at ge 2025-12-31T16:00:00Z and not (seen_at ge 2026-01-31T16:00:00Z)"},
    {"groupby((status),aggregate(amount with sum as s,$count as n))",
     "seen_at ge 2026-01-15T00:00:00Z", false},
    {"groupby((status),aggregate(amount with sum as s,$count as n))",
     "seen_at le 2026-01-31T16:00:00Z", false},
    {"groupby((size),aggregate(amount with max as m,$count as n))", "", false},
    {"groupby((status),aggregate(amount with sum as s))", "amount gt 100", false},
    {"groupby((status),aggregate(due with countdistinct as n))", "", false},
    {"groupby((owner_id),aggregate(amount with sum as s,$count as n))", ""},
    {"groupby((owner_id),aggregate(amount with sum as s,$count as n))",
     "due ge 2026-02-01 and due lt 2026-04-01"},
    {"aggregate(amount with sum as s,$count as n)", "owner_id eq 2 and due ge 2026-02-01"},
    {"groupby((owner_id),aggregate(amount with sum as s))", "due lt 2026-03-02", false},
    {"groupby((owner_id),aggregate(amount with sum as s))", "status eq 'open'", false}};

std::vector<RowScope> scopes() {
  return {
      everything(), where({{"scope_department_id", {11, 12}, {}}}),
      where({{"scope_department_id", {11}, {}}, {"owner_id", {2, 4}, {}}, {"shelf_id", {3}, {}}}),
      where({{"scope_department_id", {13}, {}}, {"shelf_id", {3, 4}, {"amount"}}}),
      where({{"owner_id", {1}, {}}})};
}

// `from_rows` adds a condition that is always true and that no totals know.
std::string answer(ToyCompany& toys, const Question& question, bool from_rows) {
  ListRequest request;
  request.options.apply = query::parse_apply(question.apply);
  std::string filter = question.filter;
  if (from_rows) filter = filter.empty() ? "version ge 0" : "(" + filter + ") and version ge 0";
  if (!filter.empty()) request.options.filter = query::parse_expression(filter);
  const auto found = toys.engine().apply_typed(ToyCompany::actor(kReader), "folder", request);
  std::vector<std::string> lines;
  for (const auto& row : found.rows) {
    std::string line;
    for (const auto& value : row)
      line += (value.is_null()  ? "null"
               : value.is_int() ? std::to_string(value.as_int())
                                : value.as_text()) +
              " ";
    lines.push_back(std::move(line));
  }
  std::sort(lines.begin(), lines.end());
  std::string out;
  for (const auto& line : lines) out += line + "\n";
  return out;
}

std::int64_t breaches(ToyCompany& toys) {
  std::int64_t count = 0;
  const auto schema = toys.engine().schema();
  const auto& folder = schema->at("folder").definition();
  toys.database().read([&](db::Reader& reader) {
    count = 0;
    for (const auto& totals : folder.totals) count += wrong_totals(reader, folder, totals).count;
  });
  return count;
}

void compare_all(ToyCompany& toys) {
  CHECK(breaches(toys) == 0);
  for (const auto& scope : scopes()) {
    toys.rights(kReader).read["folder"] = scope;
    for (const auto& question : kQuestions) {
      CAPTURE(question.apply);
      CAPTURE(question.filter);
      CHECK(answer(toys, question, false) == answer(toys, question, true));
    }
  }
}

// One person who does anything to folders.
class Writer {
 public:
  Writer(ToyCompany& toys, unsigned seed) : toys_(toys), random_(seed) {}

  void step(std::vector<RecordId>& ids) {
    switch (draw(12)) {
      case 0:
      case 1:
      case 2: {
        const auto draft = anything(true);
        ids.push_back(toys_.create("folder", draft));
        break;
      }
      case 3:
        with_one(ids, [](Tx& tx, Record& record) { tx.erase(record); });
        break;
      case 4:
        restore_one(ids);
        break;
      case 5:
        with_one(ids, [](Tx& tx, Record& record) {
          if (record.text("status") == "open") tx.transition(record, "close");
        });
        break;
      case 6:
        move_somebody();
        break;
      case 7:
        with_one(ids, [&](Tx& tx, Record& record) {
          tx.set_derived(record, "size", Value(static_cast<std::int64_t>(1 + draw(6))));
        });
        break;
      case 8:
        fail_halfway(ids);
        break;
      default: {
        const auto draft = anything(false);
        with_one(ids, [&](Tx& tx, Record& record) { tx.update(record, draft); });
      }
    }
  }

 private:
  std::uint64_t draw(std::uint64_t below) { return random_() % below; }

  Draft anything(bool whole) {
    Draft draft;
    draft.set("name", "f" + std::to_string(draw(100)));
    const auto some = [&] { return whole || draw(3) == 0; };
    if (some()) draft.set("owner_id", static_cast<std::int64_t>(1 + draw(kOwners)));
    if (some()) draft.set("size", static_cast<std::int64_t>(1 + draw(6)));
    if (some())
      draft.set("amount",
                draw(4) == 0 ? Value() : Value(static_cast<std::int64_t>(draw(1'000'000))));
    if (some())
      draft.set("secret", draw(2) == 0 ? Value() : Value(static_cast<std::int64_t>(draw(9)) - 4));
    if (some()) draft.set("shelf_id", draw(3) == 0 ? Value(3) : draw(2) == 0 ? Value(4) : Value());
    if (some())
      draft.set("seen_at", draw(5) == 0 ? Value()
                                        : Value(toys_.clock().now() +
                                                static_cast<std::int64_t>(draw(90)) * kDay / 2));
    if (some())
      draft.set("due", draw(5) == 0 ? Value()
                                    : Value(base::date_from_civil(2026, 1, 15) +
                                            static_cast<std::int64_t>(draw(120))));
    return draft;
  }
  void with_one(const std::vector<RecordId>& ids, const std::function<void(Tx&, Record&)>& fn) {
    if (ids.empty()) return;
    const RecordId id = ids[draw(ids.size())];
    toys_.write([&](Tx& tx) {
      // As hooks and jobs do: what was read may be older than what the row holds by now.
      if (auto record = tx.find("folder", id)) fn(tx, *record);
    });
  }
  void restore_one(const std::vector<RecordId>& ids) {
    if (ids.empty()) return;
    const RecordId id = ids[draw(ids.size())];
    toys_.write([&](Tx& tx) {
      auto record = tx.find("folder", id, Lock::ForUpdate, true);
      if (record && !record->is_null("deleted_at")) tx.restore(*record);
    });
  }
  // The directory keeps what it said: who owns what is the test's, not the policy's.
  void move_somebody() {
    const auto owner = static_cast<std::int64_t>(1 + draw(kOwners));
    const Value department =
        draw(4) == 0 ? Value() : Value(static_cast<std::int64_t>(11 + draw(3)));
    const auto schema = toys_.engine().schema();
    toys_.database().write([&](db::Writer& writer) {
      set_scope_department(writer, toys_.engine().zone(), schema->at("folder").definition(), owner,
                           department);
    });
  }
  void fail_halfway(const std::vector<RecordId>& ids) {
    with_one(ids, [&](Tx& tx, Record& record) {
      const auto draft = anything(false);
      try {
        tx.attempt([&] {
          tx.update(record, draft);
          throw base::Error(base::ErrorKind::Conflict, "test.undone");
        });
      } catch (const base::Error&) {
        return;
      }
    });
  }

  ToyCompany& toys_;
  std::mt19937_64 random_;
};

void put_people_into_departments(ToyCompany& toys) {
  for (std::int64_t owner = 1; owner < kOwners; ++owner)
    toys.directory().departments[owner] = 11 + owner % 3;
}

void execute(ToyCompany& toys, const std::string& sql) {
  toys.database().write([&](db::Writer& writer) { writer.execute(sql); });
}

}  // namespace

TEST_CASE("totals: after any writes every answer is that of the rows") {
  db::on_each_database([](db::TestDatabase& database) {
    ToyCompany toys(database.get());
    put_people_into_departments(toys);
    std::vector<RecordId> ids;
    Writer writer(toys, 3);
    for (int step = 1; step <= 300; ++step) {
      writer.step(ids);
      if (step % 100 == 50) toys.engine().fold_totals();
      if (step % 50 == 0) compare_all(toys);
    }
  });
}

TEST_CASE("totals: writers at the same time lose nothing") {
  db::on_each_database([](db::TestDatabase& database) {
    ToyCompany toys(database.get());
    put_people_into_departments(toys);
    std::vector<RecordId> shared;
    Writer first(toys, 5);
    for (int i = 0; i < 60; ++i) first.step(shared);
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        Writer writer(toys, 100 + thread);
        std::vector<RecordId> ids = shared;
        for (int i = 0; i < 60; ++i) {
          try {
            writer.step(ids);
          } catch (const base::Error& error) {
            // Somebody else was faster with this record.
            if (error.kind() != base::ErrorKind::Stale) throw;
          }
          if (i % 20 == 10) toys.engine().fold_totals();
        }
      });
    }
    for (auto& thread : threads) thread.join();
    compare_all(toys);
  });
}

TEST_CASE("totals: answer what they can, and nothing else; a wrong one is found and made right") {
  db::on_each_database([](db::TestDatabase& database) {
    ToyCompany toys(database.get());
    put_people_into_departments(toys);
    std::vector<RecordId> ids;
    Writer writer(toys, 9);
    for (int i = 0; i < 120; ++i) writer.step(ids);
    toys.rights(kReader).read["folder"] = everything();
    std::vector<std::string> right;
    for (const auto& question : kQuestions) right.push_back(answer(toys, question, false));
    // Every total of every key is one row too many.
    for (const auto* table :
         {"folder_totals_sizes", "folder_totals_months", "folder_totals_owners"})
      execute(toys, "UPDATE " + std::string(table) + " SET row_count = row_count + 7");
    for (std::size_t i = 0; i < kQuestions.size(); ++i) {
      CAPTURE(std::string(kQuestions[i].apply));
      CAPTURE(std::string(kQuestions[i].filter));
      const bool nothing_found = std::string(kQuestions[i].filter) == "size eq 77";
      const bool changed = kQuestions[i].from_totals && !nothing_found;
      CHECK((answer(toys, kQuestions[i], false) != right[i]) == changed);
      CHECK(answer(toys, kQuestions[i], true) == right[i]);
    }
    CHECK(breaches(toys) > 0);
    // As they are: the state says that they are current.
    toys.engine().prepare_derived();
    CHECK(breaches(toys) > 0);
    execute(toys, "DELETE FROM totals_state");
    toys.engine().prepare_derived();
    compare_all(toys);
    // Rows that came by another way, as from a backup.
    execute(toys, "UPDATE folder SET size = 6 WHERE size = 1");
    CHECK(breaches(toys) > 0);
    execute(toys, "DELETE FROM totals_state");
    toys.engine().prepare_derived();
    compare_all(toys);
  });
}

TEST_CASE("totals: folding leaves one row for each key, and none for nothing") {
  db::on_each_database([](db::TestDatabase& database) {
    ToyCompany toys(database.get());
    for (int i = 0; i < 40; ++i) {
      const RecordId id =
          toys.create("folder", Draft().set("name", "f").set("size", 1 + i % 2).set("amount", i));
      if (i % 2 == 0) continue;
      toys.write([&](Tx& tx) {
        auto record = tx.get("folder", id);
        tx.erase(record);
      });
    }
    const auto rows = [&] {
      std::int64_t count = 0;
      toys.database().read([&](db::Reader& reader) {
        count = reader.scalar("SELECT COUNT(*) FROM folder_totals_sizes").as_int();
      });
      return count;
    };
    CHECK(rows() == 60);
    toys.engine().fold_totals();
    CHECK(rows() == 1);
    compare_all(toys);
  });
}

TEST_CASE("totals: sums that one number does not hold are kept in several") {
  db::on_each_database([](db::TestDatabase& database) {
    ToyCompany toys(database.get());
    for (int i = 0; i < 3; ++i)
      toys.create("folder",
                  Draft().set("name", "f").set("secret", std::numeric_limits<std::int64_t>::max()));
    toys.engine().fold_totals();
    CHECK(breaches(toys) == 0);
    execute(toys, "DELETE FROM totals_state");
    toys.engine().prepare_derived();
    CHECK(breaches(toys) == 0);
  });
}

}  // namespace kehai::record
