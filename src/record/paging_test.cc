// Keyset pages over access branches against a plain model: the same rows sorted in memory. No row
// lost, none twice, in every order, under every filter, with pages of any size, and no row by a
// branch that hides what the query asks about.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "base/text/fold.h"
#include "db/test_databases.h"
#include "query/parser.h"
#include "record/toy_company.h"

namespace kehai::record {

namespace {

constexpr RecordId kReader = 9'000;
constexpr int kFolders = 260;
constexpr int kOwners = 70;  // more branch values than legs
constexpr int kPages = 20'000;

class Random {
 public:
  std::int64_t below(std::int64_t limit) {
    return std::uniform_int_distribution<std::int64_t>(0, limit - 1)(engine_);
  }
  bool chance(int percent) { return below(100) < percent; }
  template <typename T>
  const T& of(const std::vector<T>& values) {
    return values[static_cast<std::size_t>(below(static_cast<std::int64_t>(values.size())))];
  }

 private:
  std::mt19937_64 engine_{20260101};
};

struct Condition {
  std::string text;
  std::function<bool(const Record&)> holds;
  std::set<std::string> uses;
};

struct Term {
  std::string field;
  bool descending;
};

struct Model {
  Model(db::Database& database) : toys(database) {
    for (std::int64_t owner = 1; owner <= kOwners; owner += 2)
      toys.directory().departments[owner] = owner % 7;
    for (int i = 0; i < kFolders; ++i) create(i);
    toys.rights(kReader);
    toys.engine().database().read([&](db::Reader& reader) {
      rows.clear();
      std::vector<RecordId> ids;
      reader.query("SELECT \"id\" FROM \"folder\"", {},
                   [&](const db::Row& row) { ids.push_back(row.get_int(0)); });
      rows = toys.engine().store().load_many(reader, toys.engine().schema()->at("folder"), ids);
    });
    REQUIRE(rows.size() == kFolders);
  }

  void create(int i) {
    const std::vector<std::string> names{"阿里", "百度",   "华为", "Huawei", "zebra",
                                         "中心", "ａｂｃ", "b",    "重庆",   "长春"};
    Draft draft;
    draft.set("name",
              random.of(names) + (random.chance(50) ? std::to_string(random.below(3)) : ""));
    draft.set("owner_id", 1 + random.below(kOwners));
    const auto maybe = [&](const char* field, std::int64_t limit, std::int64_t factor) {
      if (random.chance(80)) draft.set(field, random.below(limit) * factor);
    };
    maybe("amount", 5, 150);
    maybe("due", 4, 10);
    maybe("seen_at", 3, 86'400'000);
    maybe("secret", 6, 1);
    maybe("shelf_id", 4, 1);
    draft.set("size", 1 + random.below(3)).set("is_thick", random.below(2));
    toys.write([&](Tx& tx) {
      if (!folder_ids.empty() && i % 3 == 0)
        draft.set("above_id", folder_ids[static_cast<std::size_t>(i) / 3]);
      auto record = tx.create("folder", draft);
      folder_ids.resize(static_cast<std::size_t>(i));
      folder_ids.push_back(record.id());
      if (i % 9 == 0) tx.erase(record);
    });
    if (random.chance(30)) toys.clock().advance(1);
  }

  RowScope some_scope() {
    if (random.chance(10)) return everything();
    RowScope scope;
    const std::vector<std::string> hideable{"secret", "amount", "due", "name", "seen_at"};
    const auto branch = [&](const std::string& column, std::int64_t limit, std::int64_t most) {
      Branch made{column, {}, {}};
      std::set<std::int64_t> values;
      for (std::int64_t i = 1 + random.below(most); i > 0; --i) values.insert(random.below(limit));
      made.values.assign(values.begin(), values.end());
      if (random.chance(40)) made.hidden_fields = {random.of(hideable)};
      if (random.chance(10)) made.hidden_fields.push_back(random.of(hideable));
      scope.branches.push_back(std::move(made));
    };
    if (random.chance(80)) branch("owner_id", kOwners + 1, random.chance(20) ? 90 : 12);
    if (random.chance(50)) branch("scope_department_id", 8, 3);
    if (random.chance(60)) branch("shelf_id", 5, 2);
    if (random.chance(30)) branch("shelf_id", 5, 2);
    if (random.chance(40)) {
      branch("id", kFolders, 30);
      // Ids of records, not of owners and shelves; some of nothing.
      for (auto& value : scope.branches.back().values)
        value = rows[static_cast<std::size_t>(value)].id() + (random.chance(5) ? 1'000'000 : 0);
      scope.branches.back().member_id = kReader;
    }
    if (random.chance(30)) {
      branch("above_id", kFolders, 30);
      for (auto& value : scope.branches.back().values)
        value = rows[static_cast<std::size_t>(value)].id();
      scope.branches.back().member_id = kReader;
    }
    if (random.chance(5)) scope.branches.push_back({"owner_id", {}, {}});
    if (random.chance(5)) scope.branches.push_back({"no_such_column", {1}, {}});
    return scope;
  }

  Condition some_condition(int depth) {
    if (depth > 0 && random.chance(50)) {
      auto a = some_condition(depth - 1);
      auto b = some_condition(depth - 1);
      Condition both{"", {}, a.uses};
      both.uses.insert(b.uses.begin(), b.uses.end());
      const std::int64_t kind = random.below(3);
      if (kind == 2)
        return {"not (" + a.text + ")", [a](const Record& row) { return !a.holds(row); }, a.uses};
      both.text = "(" + a.text + (kind == 0 ? " and " : " or ") + b.text + ")";
      both.holds = [a, b, kind](const Record& row) {
        return kind == 0 ? a.holds(row) && b.holds(row) : a.holds(row) || b.holds(row);
      };
      return both;
    }
    switch (random.below(6)) {
      case 0: {
        const std::int64_t limit = random.below(6);
        return {"secret ge " + std::to_string(limit),
                [limit](const Record& row) { return row.get("secret").int_or(-1) >= limit; },
                {"secret"}};
      }
      case 1:
        return {"due eq null", [](const Record& row) { return row.is_null("due"); }, {"due"}};
      case 2:
        return {"amount ne 3",
                [](const Record& row) { return row.get("amount").int_or(-1) != 300; },
                {"amount"}};
      case 3:
        return {
            "size in (1,3)", [](const Record& row) { return row.integer("size") != 2; }, {"size"}};
      case 4:
        return {"is_thick eq true",
                [](const Record& row) { return row.integer("is_thick") == 1; },
                {"is_thick"}};
      default:
        return {"startswith(name,'华')",
                [](const Record& row) { return row.text("name").starts_with("华"); },
                {"name"}};
    }
  }

  std::vector<Term> some_order() {
    std::vector<std::string> fields{"updated_at", "name",    "due",  "amount",
                                    "secret",     "seen_at", "size", "is_thick"};
    std::vector<Term> terms;
    for (std::int64_t i = random.below(4); i > 0; --i) {
      const auto at =
          static_cast<std::ptrdiff_t>(random.below(static_cast<std::int64_t>(fields.size())));
      terms.push_back({fields[static_cast<std::size_t>(at)], random.chance(50)});
      fields.erase(fields.begin() + at);
    }
    if (random.chance(20)) terms.push_back({"id", random.chance(50)});
    return terms;
  }

  // What the person sees of a query, in order.
  std::vector<const Record*> expect(const RowScope& scope, const std::set<std::string>& uses,
                                    const Condition* condition, const std::vector<Term>& order,
                                    bool deleted) const {
    std::vector<const Record*> out;
    for (const auto& row : rows) {
      bool seen = scope.all;
      for (const auto& branch : scope.branches) {
        const bool hides =
            std::any_of(branch.hidden_fields.begin(), branch.hidden_fields.end(),
                        [&](const std::string& field) { return uses.contains(field); });
        if (hides || row.definition().field(branch.column) == nullptr || row.is_null(branch.column))
          continue;
        const auto& values = branch.values;
        seen = seen ||
               std::find(values.begin(), values.end(), row.integer(branch.column)) != values.end();
      }
      if (seen && row.is_null("deleted_at") != deleted &&
          (condition == nullptr || condition->holds(row))) {
        out.push_back(&row);
      }
    }
    std::sort(out.begin(), out.end(),
              [&](const Record* a, const Record* b) { return before(*a, *b, order); });
    return out;
  }

  static bool before(const Record& a, const Record& b, const std::vector<Term>& order) {
    for (const auto& term : order) {
      const int sign = difference(a.get(term.field), b.get(term.field), term.field == "name");
      if (sign != 0) return term.descending ? sign > 0 : sign < 0;
    }
    const bool descending = !order.empty() && order.back().descending;
    return descending ? a.id() > b.id() : a.id() < b.id();
  }
  static int difference(const Value& a, const Value& b, bool is_name) {
    if (a.is_null() || b.is_null())
      return static_cast<int>(!a.is_null()) - static_cast<int>(!b.is_null());
    if (is_name) return text::sort_key(a.as_text()).compare(text::sort_key(b.as_text()));
    return a.as_int() < b.as_int() ? -1 : static_cast<int>(a.as_int() > b.as_int());
  }

  Random random;
  ToyCompany toys;
  std::vector<Record> rows;
  std::vector<RecordId> folder_ids;
};

std::string order_text(const std::vector<Term>& order) {
  std::string text;
  for (const auto& term : order)
    text += (text.empty() ? "" : ",") + term.field + (term.descending ? " desc" : " asc");
  return text;
}

// What all branches that admit the row hide.
std::set<std::string> hidden_on(const RowScope& scope, const Record& row) {
  std::optional<std::set<std::string>> hidden;
  for (const auto& branch : scope.branches) {
    if (row.definition().field(branch.column) == nullptr || row.is_null(branch.column)) continue;
    if (std::find(branch.values.begin(), branch.values.end(), row.integer(branch.column)) ==
        branch.values.end())
      continue;
    const std::set<std::string> fields(branch.hidden_fields.begin(), branch.hidden_fields.end());
    if (!hidden) {
      hidden = fields;
    } else {
      std::erase_if(*hidden, [&](const std::string& field) { return !fields.contains(field); });
    }
  }
  if (scope.all || !hidden) return {};
  // "hint" and "is_bare" are computed from "secret", "is_late" from "due", "volume" from "amount"
  // and "size".
  if (hidden->contains("secret")) hidden->insert({"hint", "is_bare"});
  if (hidden->contains("due")) hidden->insert("is_late");
  if (hidden->contains("amount") || hidden->contains("size")) hidden->insert("volume");
  return *hidden;
}

// Reads one query from the first page to the last; returns the number of pages.
int walk(Model& model) {
  const RowScope scope = model.some_scope();
  model.toys.rights(kReader).read["folder"] = scope;
  ListRequest request;
  std::optional<Condition> condition;
  if (model.random.chance(60)) condition = model.some_condition(2);
  auto order = model.some_order();
  request.deleted = model.random.chance(10);
  std::set<std::string> uses = condition ? condition->uses : std::set<std::string>{};
  if (condition) request.options.filter = query::parse_expression(condition->text);
  if (!order.empty()) request.options.order = query::parse_order(order_text(order));
  if (order.empty()) order = {{request.deleted ? "deleted_at" : "updated_at", true}};
  for (const auto& term : order) uses.insert(term.field);
  const auto expected =
      model.expect(scope, uses, condition ? &*condition : nullptr, order, request.deleted);
  const std::string what = (condition ? condition->text : "") + " order " + order_text(order);
  CAPTURE(what);
  const auto actor = ToyCompany::actor(kReader);
  auto& engine = model.toys.engine();
  REQUIRE(engine.count(actor, "folder", request) == static_cast<std::int64_t>(expected.size()));

  std::size_t at = 0;
  if (model.random.chance(15)) request.options.skip = model.random.below(12);
  at = std::min(expected.size(), static_cast<std::size_t>(request.options.skip));
  const bool small = model.random.chance(70);
  for (int pages = 1;; ++pages) {
    request.options.top = 1 + model.random.below(small ? 4 : 40);
    std::size_t found = 0;
    const auto token = engine.list_typed(actor, "folder", request, [&](const TypedRow& row) {
      REQUIRE(at < expected.size());
      REQUIRE(row.record.id() == expected[at]->id());
      REQUIRE(std::set<std::string>(row.hidden.begin(), row.hidden.end()) ==
              hidden_on(scope, row.record));
      ++at;
      ++found;
    });
    request.options.skip = 0;
    if (token.empty()) {
      REQUIRE(at == expected.size());
      return pages;
    }
    REQUIRE(found == static_cast<std::size_t>(*request.options.top));
    request.options.skiptoken = token;
  }
}

}  // namespace

TEST_CASE(
    "paging: every query over every scope reads exactly the rows of the model, in its order") {
  db::on_each_database([](db::TestDatabase& database) {
    Model model(database.get());
    int pages = 0;
    int walks = 0;
    while (pages < kPages) {
      pages += walk(model);
      ++walks;
    }
    CHECK(walks > 500);
    MESSAGE(database.name(), ": ", walks, " queries, ", pages, " pages");
  });
}

TEST_CASE("paging: a token serves one query of one person only") {
  db::on_each_database([](db::TestDatabase& database) {
    Model model(database.get());
    model.toys.rights(kReader).read["folder"] = everything();
    model.toys.rights(kReader + 1).read["folder"] = everything();
    auto& engine = model.toys.engine();
    ListRequest request;
    request.options.top = 5;
    const auto ignore = [](const TypedRow&) {};
    request.options.skiptoken =
        engine.list_typed(ToyCompany::actor(kReader), "folder", request, ignore);
    REQUIRE(!request.options.skiptoken.empty());
    CHECK(error_code([&] {
            engine.list_typed(ToyCompany::actor(kReader + 1), "folder", request, ignore);
          }) == "query.bad_token");
    auto other = request;
    other.options.filter = query::parse_expression("size eq 1");
    CHECK(error_code([&] {
            engine.list_typed(ToyCompany::actor(kReader), "folder", other, ignore);
          }) == "query.bad_token");
    other = request;
    other.deleted = true;
    CHECK(error_code([&] {
            engine.list_typed(ToyCompany::actor(kReader), "folder", other, ignore);
          }) == "query.bad_token");
    other = request;
    other.options.skiptoken.back() = other.options.skiptoken.back() == 'A' ? 'B' : 'A';
    CHECK(error_code([&] {
            engine.list_typed(ToyCompany::actor(kReader), "folder", other, ignore);
          }) == "query.bad_token");
    CHECK(error_code([&] {
            engine.list_typed(ToyCompany::actor(kReader), "folder", request, ignore);
          }) == "");
  });
}

}  // namespace kehai::record
