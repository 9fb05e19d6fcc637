// What a person may not see must not be guessed through a navigation: the answers to a true and to
// a false condition over rows out of scope are the same, byte for byte, as if those rows did not
// exist.
#include <doctest/doctest.h>

#include "base/error.h"
#include "db/test_databases.h"
#include "query/parser.h"
#include "record/toy_company.h"

namespace kehai::record {

namespace {

// anna owns the visible rows, boris the others. Every visible row refers to an invisible one and
// the other way round.
struct Shop {
  explicit Shop(db::Database& database) : toys(database) {
    anna = toys.person("安娜");
    boris = toys.person("鲍里斯");
    toys.directory().departments = {{anna, 501}, {boris, 502}};
    hidden_folder = folder("秘密文件", boris, 0, 777);
    shelved = folder("架上", boris, 3, 555);
    own = folder("自己的", anna, 0, 1, hidden_folder);
    other = folder("第二", anna, 0, 2, shelved);
    plain = folder("没有上级", anna, 0, 3);
    note(own, boris, "私下", 42);
    note(own, anna, "公开", 1);
    note(hidden_folder, anna, "我的", 2);
    note(shelved, anna, "架", 3);
    auto& rights = toys.rights(anna);
    rights.read["folder"] =
        where({{"owner_id", {anna}, {}}, {"shelf_id", {3}, {"secret", "mobile"}}});
    rights.read["note"] = where({{"owner_id", {anna}, {}}});
  }

  RecordId folder(const std::string& name, RecordId owner, std::int64_t shelf, std::int64_t secret,
                  RecordId above = 0) {
    Draft draft;
    draft.set("name", name)
        .set("owner_id", owner)
        .set("secret", secret)
        .set("amount", secret * 100);
    if (shelf != 0) draft.set("shelf_id", shelf);
    if (above != 0) draft.set("above_id", above);
    return toys.create("folder", draft);
  }
  RecordId note(RecordId on, RecordId owner, const std::string& text, std::int64_t points) {
    return toys.create("note", Draft()
                                   .set("folder_id", on)
                                   .set("owner_id", owner)
                                   .set("text", text)
                                   .set("points", points));
  }

  ListRequest request(const std::string& filter, const std::string& order = "id asc") const {
    ListRequest request;
    if (!filter.empty()) request.options.filter = query::parse_expression(filter);
    request.options.order = query::parse_order(order);
    return request;
  }
  // Ids of the page; the count must agree with it.
  std::vector<RecordId> find(const std::string& object, const std::string& filter,
                             const std::string& order = "id asc") {
    std::vector<RecordId> ids;
    const auto actor = ToyCompany::actor(anna);
    toys.engine().list_typed(actor, object, request(filter, order),
                             [&](const TypedRow& row) { ids.push_back(row.record.id()); });
    CHECK(toys.engine().count(actor, object, request(filter, order)) ==
          static_cast<std::int64_t>(ids.size()));
    return ids;
  }
  std::string apply(const std::string& object, const std::string& text,
                    const std::string& filter = "") {
    ListRequest request;
    if (!filter.empty()) request.options.filter = query::parse_expression(filter);
    request.options.apply = query::parse_apply(text);
    return toys.engine().apply(ToyCompany::actor(anna), object, request);
  }

  ToyCompany toys;
  RecordId anna = 0, boris = 0;
  RecordId hidden_folder = 0, shelved = 0, own = 0, other = 0, plain = 0;
};

using Ids = std::vector<RecordId>;

}  // namespace

TEST_CASE("row access: a filter through a reference says nothing about rows out of scope") {
  db::on_each_database([](db::TestDatabase& database) {
    Shop shop(database.get());
    // above of `own` is invisible, above of `other` is visible only with hidden fields.
    for (const char* field : {"above/secret", "above/amount", "above/size"}) {
      const std::string path = field;
      for (const std::string condition :
           {" eq 777", " eq 778", " gt 0", " lt 100000", " ge 777.00"}) {
        CHECK(shop.find("folder", path + condition + " and owner_id eq @me") == Ids{});
      }
      CHECK(shop.find("folder", path + " eq null and owner_id eq @me") ==
            Ids{shop.own, shop.other, shop.plain});
    }
    CHECK(shop.find("folder", "above/name eq '秘密文件'") == Ids{});
    CHECK(shop.find("folder", "contains(above/name,'秘')") == Ids{});
    CHECK(shop.find("folder", "not (above/name eq '秘密文件') and owner_id eq @me") ==
          shop.find("folder", "not (above/name eq '别的') and owner_id eq @me"));
    // Two hops: the first row is invisible, so nothing behind it exists.
    CHECK(shop.find("note", "folder/above/secret eq 777") ==
          shop.find("note", "folder/above/secret eq 778"));
    CHECK(shop.find("note", "folder/secret eq 777") == Ids{});
    CHECK(shop.find("note", "folder/secret eq 555") == Ids{});
    // The visible side works.
    CHECK(shop.find("note", "folder/secret eq 1").size() == 1);
  });
}

TEST_CASE("row access: any, all and $count see only rows in scope") {
  db::on_each_database([](db::TestDatabase& database) {
    Shop shop(database.get());
    CHECK(shop.find("folder", "notes/any(n:n/points eq 42)") == Ids{});
    CHECK(shop.find("folder", "notes/any(n:n/points eq 1)") == Ids{shop.own});
    CHECK(shop.find("folder", "notes/all(n:n/points eq 1) and id eq " + std::to_string(shop.own)) ==
          Ids{shop.own});
    CHECK(shop.find("folder", "notes/$count eq 1 and owner_id eq @me") == Ids{shop.own});
    CHECK(shop.find("folder", "notes/$count eq 2") == Ids{});
    CHECK(shop.find("folder", "folders/any(f:f/secret gt 0) and owner_id eq @me") == Ids{});
    // From an invisible record back into its notes.
    CHECK(shop.find("note", "folder/notes/any(n:n/points eq 2)") == Ids{});
  });
}

TEST_CASE(
    "row access: order and aggregates through navigations treat rows out of scope as absent") {
  db::on_each_database([](db::TestDatabase& database) {
    Shop shop(database.get());
    // All three have no visible row above: only the id decides.
    CHECK(shop.find("folder", "owner_id eq @me", "above/secret desc,id asc") ==
          Ids{shop.own, shop.other, shop.plain});
    CHECK(shop.find("folder", "owner_id eq @me", "above/name asc,id asc") ==
          Ids{shop.own, shop.other, shop.plain});
    CHECK(shop.apply("folder", "aggregate(above/secret with sum as s,$count as n)",
                     "owner_id eq @me") == R"({"s":null,"n":3})");
    CHECK(shop.apply("folder", "groupby((above/name),aggregate($count as n))", "owner_id eq @me") ==
          R"({"above_name":null,"n":3})");
    CHECK(shop.apply("folder", "filter(above/secret eq 777)/aggregate($count as n)") ==
          R"({"n":0})");
  });
}

TEST_CASE(
    "row access: rows that hide fields leave a query that uses them, also by a reference or a "
    "related list") {
  db::on_each_database([](db::TestDatabase& database) {
    Shop shop(database.get());
    CHECK(shop.find("folder", "") == Ids{shop.shelved, shop.own, shop.other, shop.plain});
    CHECK(shop.find("folder", "secret ge 0") == Ids{shop.own, shop.other, shop.plain});
    CHECK(shop.find("folder", "", "secret desc") == Ids{shop.plain, shop.other, shop.own});
    CHECK(shop.apply("folder", "aggregate(secret with max as m)") == R"({"m":3})");
    shop.toys.rights(shop.anna).read["folder"] =
        where({{"owner_id", {shop.anna}, {}}, {"shelf_id", {3}, {"above_id"}}});
    shop.toys.write([&](Tx& tx) {
      auto record = tx.get("folder", shop.shelved);
      tx.update(record, Draft().set("above_id", shop.own));
    });
    CHECK(shop.find("folder", "above/secret eq 1") == Ids{});
    CHECK(shop.find("folder", "above_id eq " + std::to_string(shop.own)) == Ids{});
    ListRequest below;
    below.fixed = {{"above_id", Value(shop.own)}};
    CHECK(shop.toys.engine().list(ToyCompany::actor(shop.anna), "folder", below).elements.empty());
    // The row itself is seen, its reference and what is behind it is not.
    query::QueryOptions options;
    options.select = query::parse_select("name,above_id");
    options.expand = query::parse_expand("above($select=name)");
    CHECK(shop.toys.engine().read_json(ToyCompany::actor(shop.anna), "folder", shop.shelved,
                                       options) ==
          R"({"@odata.etag":"W/\"2\"","name":"架上","above":null})");
  });
}

TEST_CASE("row access: $expand shows no row and no hidden field out of scope, and no deleted one") {
  db::on_each_database([](db::TestDatabase& database) {
    Shop shop(database.get());
    const auto actor = ToyCompany::actor(shop.anna);
    query::QueryOptions options;
    options.select = query::parse_select("name");
    options.expand = query::parse_expand("above($select=name,secret),notes($select=text)");
    CHECK(shop.toys.engine().read_json(actor, "folder", shop.own, options) ==
          R"({"@odata.etag":"W/\"1\"","name":"自己的","above":null,"notes":[{"text":"公开"}]})");
    CHECK(shop.toys.engine().read_json(actor, "folder", shop.other, options) ==
          R"({"@odata.etag":"W/\"1\"","name":"第二","above":{"name":"架上"},"notes":[]})");
    // A condition inside $expand is a condition of the target's own list.
    options.expand = query::parse_expand("notes($filter=folder/above/secret eq 777;$select=text)");
    CHECK(shop.toys.engine().read_json(actor, "folder", shop.own, options) ==
          R"({"@odata.etag":"W/\"1\"","name":"自己的","notes":[]})");
    shop.toys.write([&](Tx& tx) {
      auto record = tx.get("folder", shop.shelved);
      tx.erase(record);
    });
    options.expand = query::parse_expand("above($select=name)");
    CHECK(shop.toys.engine().read_json(actor, "folder", shop.other, options) ==
          R"({"@odata.etag":"W/\"1\"","name":"第二","above":null})");
  });
}

TEST_CASE("row access: what the actor may not read at all does not exist for navigations") {
  db::on_each_database([](db::TestDatabase& database) {
    Shop shop(database.get());
    auto& rights = shop.toys.rights(shop.anna);
    rights.denied.insert({"note", "read"});
    CHECK(error_code([&] { shop.find("folder", "notes/any(n:n/points eq 42)"); }) ==
          "query.unknown_field");
    query::QueryOptions options;
    options.expand = query::parse_expand("notes");
    CHECK(error_code([&] {
            shop.toys.engine().read_json(ToyCompany::actor(shop.anna), "folder", shop.own, options);
          }) == "query.unknown_field");
    rights.denied.clear();
    rights.hidden.insert({"note", "folder_id"});
    CHECK(error_code([&] { shop.find("folder", "notes/any()"); }) == "query.unknown_field");
    CHECK(error_code([&] {
            shop.toys.engine().read_json(ToyCompany::actor(shop.anna), "folder", shop.own, options);
          }) == "query.unknown_field");
    rights.hidden = {{"folder", "secret"}};
    for (const char* filter :
         {"secret eq 1", "above/secret eq 1", "folders/any(f:f/secret eq 1)"}) {
      CHECK(error_code([&] { shop.find("folder", filter); }) == "query.unknown_field");
    }
    CHECK(error_code([&] { shop.apply("folder", "aggregate(secret with sum as s)"); }) ==
          "query.unknown_field");
    rights.hidden.clear();
    rights.masked = {{"folder", "mobile"}};
    CHECK(error_code([&] { shop.find("folder", "mobile eq '13800000000'"); }) ==
          "query.not_filterable");
    CHECK(error_code([&] { shop.find("folder", "above/mobile eq '13800000000'"); }) ==
          "query.not_filterable");
    CHECK(error_code([&] { shop.apply("folder", "groupby((mobile),aggregate($count as n))"); }) ==
          "query.not_filterable");
    CHECK(error_code([&] { shop.find("folder", "", "mobile asc"); }) != "");
  });
}

TEST_CASE("row access: rows seen through two hiding branches hide only what both hide") {
  db::on_each_database([](db::TestDatabase& database) {
    Shop shop(database.get());
    shop.toys.rights(shop.anna).read["folder"] =
        where({{"shelf_id", {3}, {"secret", "mobile"}},
               {"scope_department_id", {502}, {"secret", "due"}}});
    std::map<RecordId, std::vector<std::string>> hidden;
    shop.toys.engine().list_typed(
        ToyCompany::actor(shop.anna), "folder", {},
        [&](const TypedRow& row) { hidden[row.record.id()] = row.hidden; });
    CHECK(hidden.size() == 2);
    CHECK(hidden[shop.shelved] == std::vector<std::string>{"secret", "hint", "is_bare"});
    CHECK(hidden[shop.hidden_folder] ==
          std::vector<std::string>{"secret", "due", "hint", "is_late", "is_bare"});
    std::vector<std::string> read;
    shop.toys.engine().read(ToyCompany::actor(shop.anna), "folder", shop.shelved, &read);
    CHECK(read == hidden[shop.shelved]);
  });
}

}  // namespace kehai::record
