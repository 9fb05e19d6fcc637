// A page that is written straight from its rows says of each record what the record says of itself;
// and what is kept of somebody's rights is never older than those rights.
#include "record/rows_writer.h"

#include <doctest/doctest.h>

#include "db/test_databases.h"
#include "query/parser.h"
#include "record/toy_company.h"

namespace kehai::record {

namespace {

constexpr RecordId kAnna = 901;
constexpr const char* kPlain =
    "tint,id,name,amount,size,due,seen_at,mobile,is_thick,status,colour_id,volume,owner_id,version";

struct Shelf {
  explicit Shelf(db::Database& database) : toys(database) {
    red = toys.create("colour", Draft().set("name", "红"));
    for (int i = 0; i < 9; ++i) {
      Draft draft;
      draft.set("name", "夹\"" + std::to_string(i)).set("owner_id", i % 3 == 0 ? kAnna : kAnna + 1);
      draft.set("mobile", "1380000000" + std::to_string(i)).set("due", 20'000 + i);
      if (i % 2 == 0) draft.set("amount", i * 1005).set("colour_id", red);
      if (i % 4 == 0) draft.set("seen_at", 1'767'225'600'000 + i * 250);
      if (i % 3 != 1) draft.many["tint"] = {Value("red"), Value("blue")};
      toys.create("folder", draft);
    }
    toys.rights(kAnna).read["folder"] =
        where({{"owner_id", {kAnna}, {}}, {"owner_id", {kAnna + 1}, {}}});
  }

  ListRequest request(const std::string& select, const std::string& order) const {
    ListRequest request;
    request.options.select = query::parse_select(select);
    request.options.order = query::parse_order(order);
    return request;
  }
  // The records of a page one by one, as each is answered alone.
  std::string one_by_one(const Actor& actor, const ListRequest& request) {
    std::string out;
    toys.engine().list_typed(actor, "folder", request, [&](const TypedRow& row) {
      query::QueryOptions options;
      options.select = request.options.select;
      out += (out.empty() ? "" : ",") +
             toys.engine().read_json(actor, "folder", row.record.id(), options);
    });
    return out;
  }
  std::string page(const Actor& actor, const ListRequest& request) {
    return toys.engine().list(actor, "folder", request).elements;
  }

  ToyCompany toys;
  RecordId red = 0;
};

}  // namespace

TEST_CASE("rows writer: a page says what its records say one by one") {
  db::on_each_database([](db::TestDatabase& database) {
    Shelf shelf(database.get());
    auto& rights = shelf.toys.rights(kAnna);
    const auto actor = ToyCompany::actor(kAnna);
    const std::string fewer = "name,tint,mobile";
    const auto check = [&](const std::string& select, bool masked) {
      if (masked) rights.masked.insert({"folder", "mobile"});
      for (const char* order : {"name asc", "due desc", "amount desc,id asc"}) {
        CAPTURE(select);
        CAPTURE(order);
        auto request = shelf.request(select, order);
        request.options.top = 4;
        for (const int skip : {0, 3, 8}) {
          request.options.skip = skip;
          const auto elements = shelf.page(actor, request);
          CHECK_FALSE(elements.empty());
          CHECK(elements == shelf.one_by_one(actor, request));
        }
      }
      rights.masked.clear();
    };
    check(kPlain, false);
    check(fewer, false);
    // One statement in place of several to be merged.
    rights.read["folder"] = everything();
    check(kPlain, true);
    check(fewer, true);
    // What is answered at reading time takes the way through records.
    check(std::string(kPlain) + ",is_late,colour_name", true);
    // Of what the ways in to a row hide, it hides what all of them do.
    const auto one_way =
        where({{"owner_id", {kAnna}, {}}, {"owner_id", {kAnna + 1}, {"mobile", "size", "tint"}}});
    auto two_ways = one_way;
    two_ways.branches.push_back({"colour_id", {shelf.red}, {"mobile"}});
    for (const auto& scope : {one_way, two_ways}) {
      rights.read["folder"] = scope;
      check(kPlain, false);
      check(fewer, false);
      const auto elements = shelf.page(actor, shelf.request(kPlain, "name asc"));
      CHECK(elements.find("13800000003") != std::string::npos);
      CHECK(elements.find("13800000004") == std::string::npos);
      CHECK(elements.find("13800000005") == std::string::npos);
    }
  });
}

TEST_CASE("rows among: what a search found, within rights, with what each row hides") {
  db::on_each_database([](db::TestDatabase& database) {
    Shelf shelf(database.get());
    auto& engine = shelf.toys.engine();
    std::vector<RecordId> all;
    engine.list_typed(ToyCompany::system(), "folder", {},
                      [&](const TypedRow& row) { all.push_back(row.record.id()); });
    REQUIRE(all.size() == 9);
    const auto schema = engine.schema();
    const auto rows = [&](const RowScope& scope) {
      std::vector<TypedRow> out;
      database.get().read([&](db::Reader& reader) {
        out = engine.rows_among(reader, schema->at("folder"), scope, all, {"name"});
      });
      return out;
    };
    const auto some =
        rows(where({{"owner_id", {kAnna}, {}}, {"owner_id", {kAnna + 1}, {"mobile"}}}));
    REQUIRE(some.size() == 9);
    int hiding = 0;
    for (std::size_t i = 0; i < some.size(); ++i) {
      CHECK(some[i].record.id() == all[i]);
      CHECK_FALSE(some[i].record.is_null("name"));
      CHECK(some[i].record.is_null("due"));
      hiding += some[i].hidden == std::vector<std::string>{"mobile"} ? 1 : 0;
    }
    CHECK(hiding == 6);
    CHECK(rows(where({{"owner_id", {kAnna}, {}}})).size() == 3);
    CHECK(rows(everything()).size() == 9);
    CHECK(rows({}).empty());
    shelf.toys.write([&](Tx& tx) {
      auto record = tx.get("folder", all[4]);
      tx.erase(record);
    });
    CHECK(rows(everything()).size() == 8);
  });
}

TEST_CASE("rows writer: other rights and another schema are seen with the next answer") {
  db::on_each_database([](db::TestDatabase& database) {
    Shelf shelf(database.get());
    auto& rights = shelf.toys.rights(kAnna);
    auto actor = ToyCompany::actor(kAnna);
    const auto with_new_rights = [&] { actor.rights = std::make_shared<int>(0); };
    auto request = shelf.request("*", "name asc");
    const auto shows = [&](const char* text) {
      return shelf.page(actor, request).find(text) != std::string::npos;
    };
    with_new_rights();
    CHECK(shows("\"mobile\":\"13800000000\""));
    CHECK(shows("\"mobile\":\"13800000000\""));
    rights.masked.insert({"folder", "mobile"});
    with_new_rights();
    CHECK(shows("\"mobile\":\""));
    CHECK_FALSE(shows("13800000000"));
    rights.hidden.insert({"folder", "mobile"});
    with_new_rights();
    CHECK_FALSE(shows("\"mobile\""));
    rights.hidden.clear();
    rights.masked.clear();
    // Somebody else with other rights at the same time.
    auto boris = ToyCompany::actor(kAnna + 1);
    boris.rights = std::make_shared<int>(1);
    shelf.toys.rights(kAnna + 1).read["folder"] = everything();
    shelf.toys.rights(kAnna + 1).hidden.insert({"folder", "amount"});
    CHECK(shelf.page(boris, request).find("\"amount\"") == std::string::npos);
    with_new_rights();
    CHECK(shows("\"amount\""));

    FieldsCache cache(shelf.toys.policy());
    const auto before = shelf.toys.engine().schema();
    const auto first = cache.of(actor, before, before->at("folder"));
    CHECK(cache.of(actor, before, before->at("folder")) == first);
    shelf.toys.engine().set_picklists({});
    const auto after = shelf.toys.engine().schema();
    const auto second = cache.of(actor, after, after->at("folder"));
    REQUIRE(second != first);
    CHECK(second->front().field == after->at("folder").definition().fields.data());
    // An object of a snapshot that has gone is answered, and not kept.
    CHECK(cache.of(actor, after, before->at("folder")) != first);
    const auto system = ToyCompany::system();
    CHECK(cache.of(system, after, after->at("folder")) !=
          cache.of(system, after, after->at("folder")));
  });
}

}  // namespace kehai::record
