// Writing through the engine on both databases: rules of fields, versions, deleting and restoring,
// what is left behind.
#include <doctest/doctest.h>

#include <algorithm>

#include "base/error.h"
#include "db/test_databases.h"
#include "query/parser.h"
#include "record/toy_company.h"

namespace kehai::record {

namespace {

struct Office {
  explicit Office(db::Database& database) : toys(database) {
    anna = toys.person("安娜");
    boris = toys.person("鲍里斯");
    toys.directory().departments = {{anna, 501}, {boris, 502}};
    auto& rights = toys.rights(anna);
    rights.read["folder"] = everything();
    rights.read["note"] = everything();
  }
  Actor actor() const { return ToyCompany::actor(anna); }
  Record create(std::string_view json) {
    return toys.engine().create(actor(), "folder", body(json));
  }
  Record update(const Record& record, std::string_view json) {
    return toys.engine().update(actor(), "folder", record.id(), body(json), record.version());
  }
  void erase(const Record& record) {
    toys.engine().erase(actor(), record.definition().name, record.id(), record.version());
  }
  Record read(RecordId id) { return toys.engine().read(actor(), "folder", id); }
  std::string error(const std::function<void()>& fn) { return error_code(fn); }

  // action|version|changes of a record, oldest first
  std::vector<std::string> audit(RecordId id) {
    std::vector<std::string> out;
    toys.database().read([&](db::Reader& reader) {
      out.clear();
      const Values key{Value(id)};
      reader.query(
          "SELECT \"action\", \"version\", \"changes\", \"actor_id\", \"via\", \"request_id\" FROM "
          "\"audit_entry\" "
          "WHERE \"record_id\" = ? ORDER BY \"id\"",
          key, [&](const db::Row& row) {
            CHECK(row.get_int(3) == anna);
            CHECK(row.get_text(4) == "test");
            CHECK(row.get_text(5) == "request-7");
            out.push_back(std::string(row.get_text(0)) + "|" + std::to_string(row.get_int(1)) +
                          "|" + std::string(row.get_text(2)));
          });
    });
    return out;
  }

  ToyCompany toys;
  RecordId anna = 0, boris = 0;
};

}  // namespace

TEST_CASE("create: defaults, derived columns, audit and a code") {
  db::on_each_database([](db::TestDatabase& database) {
    Office office(database.get());
    const auto made = office.create(R"({"name":"合同","owner_id":)" + std::to_string(office.anna) +
                                    R"(,"amount":12.5,"tint":["red","blue"]})");
    const auto stored = office.read(made.id());
    CHECK(stored.text("name") == "合同");
    CHECK(stored.integer("amount") == 1250);
    CHECK(stored.integer("size") == 7);
    CHECK(stored.get("is_thick") == Value(false));
    CHECK(stored.text("status") == "open");
    CHECK(stored.integer("scope_department_id") == 501);
    CHECK(stored.integer("owner_department_id") == 501);
    CHECK(stored.many("tint") == Values{Value("red"), Value("blue")});
    CHECK(stored.integer("created_by") == office.anna);
    CHECK(stored.integer("created_at") == office.toys.clock().now());
    CHECK(stored.version() == 1);
    CHECK(stored.text("code").starts_with("F20260101-"));
    const auto audit = office.audit(made.id());
    REQUIRE(audit.size() == 1);
    CHECK(audit[0].starts_with("created|1|{"));
    CHECK(audit[0].find(R"("amount":[null,1250])") != std::string::npos);
    CHECK(audit[0].find(R"("tint":[[],["red","blue"]])") == std::string::npos);
  });
}

TEST_CASE("fields: all faults at once, and nothing is stored") {
  db::on_each_database([](db::TestDatabase& database) {
    Office office(database.get());
    std::map<std::string, std::string> codes;
    try {
      office.create(
          R"({"name":"一二三四五六七八九十一二三四五六七八九十一","amount":-1,"size":100,"tint":["pink"],
        "due":"2026-02-30","nothing":1,"version":3,"status":"gone"})");
      FAIL("no error");
    } catch (const base::Error& error) {
      for (const auto& fault : error.field_errors()) codes[fault.field] = fault.code;
    }
    CHECK(codes.size() == 8);
    CHECK(codes["nothing"] == "field.unknown");
    CHECK(codes["version"] == "field.read_only");
    for (const char* field : {"name", "amount", "size", "tint", "due", "status"}) {
      CAPTURE(field);
      CHECK(!codes[field].empty());
    }
    CHECK(office.error([&] { office.create(R"({"amount":1})"); }) == "field.required");
    CHECK(office.error([&] { office.create(R"({"name":null})"); }) == "field.required");
    CHECK(office.error([&] { office.create(R"({"name":"a","colour_id":999999})"); }) ==
          "field.reference_not_found");
    CHECK(office.error([&] { office.create(R"({"name":"a","amount":1000000.01})"); }) != "");
    CHECK(office.toys.engine().count(office.actor(), "folder", {}) == 0);
    CHECK(office.create(R"({"name":"a","size":1,"amount":10000})").integer("size") == 1);
  });
}

TEST_CASE("unique: one live holder, given up by deleting, taken back by restoring") {
  db::on_each_database([](db::TestDatabase& database) {
    Office office(database.get());
    const auto first = office.create(R"({"name":"a","serial":"X-1"})");
    CHECK(office.error([&] { office.create(R"({"name":"b","serial":"X-1"})"); }) ==
          "field.not_unique");
    CHECK(office.error([&] { office.create(R"({"name":"b","serial":"ｘ-1"})"); }) ==
          "field.not_unique");
    const auto second = office.create(R"({"name":"b","serial":"X-2"})");
    CHECK(office.error([&] { office.update(second, R"({"serial":"x-1"})"); }) ==
          "field.not_unique");
    CHECK(office.read(second.id()).text("serial") == "X-2");
    // Its own key in another form is no clash.
    const auto changed = office.update(second, R"({"serial":"x-2"})");
    CHECK(changed.text("serial") == "x-2");
    office.erase(first);
    const auto third = office.create(R"({"name":"c","serial":"X-1"})");
    CHECK(office.error([&] {
      office.toys.engine().restore(office.actor(), "folder", first.id());
    }) == "field.not_unique");
    office.update(third, R"({"serial":null})");
    CHECK(office.toys.engine().restore(office.actor(), "folder", first.id()).text("serial") ==
          "X-1");
    CHECK(office.error([&] { office.create(R"({"name":"d","serial":"X-1"})"); }) ==
          "field.not_unique");
  });
}

TEST_CASE("update: the version decides, a stale one is told the differences") {
  db::on_each_database([](db::TestDatabase& database) {
    Office office(database.get());
    auto& engine = office.toys.engine();
    const auto first = office.create(R"({"name":"a","amount":1,"tint":["red"],"secret":5})");
    office.toys.clock().advance(1000);
    const auto second = office.update(first, R"({"name":"b","tint":["green"]})");
    CHECK(second.version() == 2);
    CHECK(second.integer("updated_at") == first.integer("updated_at") + 1000);
    CHECK(office.error([&] {
      engine.update(office.actor(), "folder", first.id(), body(R"({"name":"c"})"), {});
    }) == "record.version_required");
    std::string data;
    try {
      office.update(first, R"({"name":"c","amount":1,"tint":["blue"]})");
      FAIL("no error");
    } catch (const base::Error& error) {
      CHECK(error.code() == "record.stale");
      data = error.data();
    }
    const auto told = base::parse_json(data).as_object();
    CHECK(
        boost::json::serialize(told.at("conflicts")) ==
        R"([{"field":"name","yours":"c","theirs":"b"},{"field":"tint","yours":["blue"],"theirs":["green"]}])");
    CHECK(told.at("current").as_object().at("version").as_int64() == 2);
    CHECK(office.read(first.id()).text("name") == "b");
    CHECK(office.error([&] { office.erase(first); }) == "record.stale");
    // Masked fields are told neither way.
    office.toys.rights(office.anna).masked = {{"folder", "secret"}};
    try {
      office.update(first, R"({"secret":6})");
      FAIL("no error");
    } catch (const base::Error& error) {
      CHECK(error.data().find(R"("conflicts":[])") != std::string::npos);
      CHECK(error.data().find(R"("secret":5)") == std::string::npos);
    }
  });
}

TEST_CASE("update: writing what is already there changes nothing at all") {
  db::on_each_database([](db::TestDatabase& database) {
    Office office(database.get());
    std::vector<std::string> events;
    const auto made = office.create(R"({"name":"a","amount":1,"tint":["red","blue"]})");
    office.toys.clock().advance(5000);
    const auto same = office.update(made, R"({"name":"a","amount":1.00,"tint":["red","blue"]})");
    CHECK(same.version() == 1);
    CHECK(same.integer("updated_at") == made.integer("updated_at"));
    CHECK(office.audit(made.id()).size() == 1);
    // The order of several values is part of the value.
    CHECK(office.update(made, R"({"tint":["blue","red"]})").version() == 2);
    const auto audit = office.audit(made.id());
    REQUIRE(audit.size() == 2);
    CHECK(audit[1] == R"(updated|2|{"tint":[["red","blue"],["blue","red"]]})");
    const auto cleared = office.update(office.read(made.id()), R"({"tint":null,"amount":null})");
    CHECK(cleared.many("tint").empty());
    CHECK(office.read(made.id()).many("tint").empty());
    CHECK(office.read(made.id()).is_null("amount"));
  });
}

TEST_CASE("delete and restore: recycle bin, cascade, restrict and keep") {
  db::on_each_database([](db::TestDatabase& database) {
    Office office(database.get());
    auto& engine = office.toys.engine();
    const auto colour = office.toys.create("colour", Draft().set("name", "朱"));
    const auto id = [](RecordId value) { return std::to_string(value); };
    const auto folder =
        office.create(R"({"name":"a","serial":"S","colour_id":)" + id(colour) + "}");
    const auto below = office.create(R"({"name":"b","above_id":)" + id(folder.id()) + "}");
    const auto note = engine.create(office.actor(), "note",
                                    body(R"({"text":"t","folder_id":)" + id(folder.id()) + "}"));
    CHECK(office.error([&] {
      office.toys.write([&](Tx& tx) {
        auto record = tx.get("colour", colour);
        tx.erase(record);
      });
    }) == "record.has_referrers");
    office.toys.clock().advance(10);
    office.erase(folder);
    CHECK(office.error([&] { office.read(folder.id()); }) == "record.not_found");
    CHECK(office.error([&] { engine.read(office.actor(), "note", note.id()); }) ==
          "record.not_found");
    CHECK(office.read(below.id()).integer("above_id") == folder.id());
    CHECK(office.audit(folder.id()).back() == "deleted|2|{}");
    CHECK(office.audit(note.id()).back() == "deleted|2|{}");
    ListRequest bin;
    bin.deleted = true;
    CHECK(engine.count(office.actor(), "folder", bin) == 1);
    CHECK(engine.count(office.actor(), "note", bin) == 1);
    CHECK(engine.read(office.actor(), "folder", folder.id(), nullptr, "read", true)
              .integer("deleted_by") == office.anna);
    // A deleted referrer no longer holds its target; afterwards the record comes back without it.
    office.toys.write([&](Tx& tx) {
      auto record = tx.get("colour", colour);
      tx.erase(record);
    });
    office.toys.clock().advance(10);
    const auto restored = engine.restore(office.actor(), "folder", folder.id());
    CHECK(restored.version() == 3);
    CHECK(restored.is_null("deleted_at"));
    CHECK(restored.is_null("deleted_by"));
    CHECK(office.read(folder.id()).text("name") == "a");
    CHECK(office.error([&] { engine.restore(office.actor(), "folder", folder.id()); }) ==
          "record.not_found");
    CHECK(engine.count(office.actor(), "folder", bin) == 0);
  });
}

TEST_CASE("delete: records that refer to each other in a ring end") {
  db::on_each_database([](db::TestDatabase& database) {
    Office office(database.get());
    auto& engine = office.toys.engine();
    const auto make = [&](const char* text, RecordId above) {
      Draft draft;
      draft.set("text", text);
      if (above != 0) draft.set("note_id", above);
      return office.toys.create("note", draft);
    };
    const auto first = make("1", 0);
    const auto second = make("2", first);
    office.toys.write([&](Tx& tx) {
      auto record = tx.get("note", first);
      tx.update(record, Draft().set("note_id", second));
    });
    engine.erase(office.actor(), "note", first, 2);
    CHECK(engine.count(office.actor(), "note", {}) == 0);
  });
}

TEST_CASE("owner and parent: scope columns follow, in both directions") {
  db::on_each_database([](db::TestDatabase& database) {
    Office office(database.get());
    auto& engine = office.toys.engine();
    const auto folder =
        office.toys.create("folder", Draft().set("name", "a").set("owner_id", office.anna));
    const auto other =
        office.toys.create("folder", Draft().set("name", "b").set("owner_id", office.boris));
    const auto note =
        office.toys.create("note", Draft().set("folder_id", folder).set("owner_id", office.boris));
    const auto stored = [&] { return engine.read(ToyCompany::system(), "note", note); };
    CHECK(stored().integer("parent_owner_id") == office.anna);
    CHECK(stored().integer("scope_department_id") == 502);
    office.toys.write([&](Tx& tx) {
      auto record = tx.get("folder", folder);
      tx.update(record, Draft().set("owner_id", office.boris));
      CHECK(record.integer("scope_department_id") == 502);
    });
    CHECK(stored().integer("parent_owner_id") == office.boris);
    CHECK(stored().version() == 1);
    office.toys.write([&](Tx& tx) {
      auto record = tx.get("folder", folder);
      tx.update(record, Draft().set("owner_id", Value()));
      CHECK(record.is_null("scope_department_id"));
    });
    CHECK(stored().is_null("parent_owner_id"));
    office.toys.write([&](Tx& tx) {
      auto record = tx.get("note", note);
      tx.update(record, Draft().set("folder_id", other));
    });
    CHECK(stored().integer("parent_owner_id") == office.boris);
  });
}

TEST_CASE(
    "rights: what is not in scope is not found, what may not be edited is denied, hidden fields "
    "are unknown") {
  db::on_each_database([](db::TestDatabase& database) {
    Office office(database.get());
    const auto foreign =
        office.toys.create("folder", Draft().set("name", "f").set("owner_id", office.boris));
    const auto own = office.toys.create(
        "folder",
        Draft().set("name", "o").set("owner_id", office.anna).set("shelf_id", 3).set("secret", 4));
    auto& rights = office.toys.rights(office.anna);
    rights.read["folder"] = where({{"owner_id", {office.anna}, {}}});
    auto& engine = office.toys.engine();
    const auto patch = [&](RecordId id, const char* json) {
      return office.error([&] { engine.update(office.actor(), "folder", id, body(json), 1); });
    };
    CHECK(patch(foreign, R"({"name":"x"})") == "record.not_found");
    CHECK(patch(424242, R"({"name":"x"})") == "record.not_found");
    rights.edit["folder"] = {};
    CHECK(patch(own, R"({"name":"x"})") == "access.denied");
    rights.edit.clear();
    rights.hidden = {{"folder", "secret"}};
    CHECK(patch(own, R"({"secret":1})") == "field.unknown");
    rights.hidden.clear();
    // Seen on the shelf only, without its secret.
    rights.read["folder"] = where({{"shelf_id", {3}, {"secret"}}});
    CHECK(patch(own, R"({"secret":1})") == "field.unknown");
    CHECK(patch(own, R"({"status":"shut"})") == "field.read_only");
    CHECK(patch(own, R"({"owner_id":null})") == "field.read_only");
    CHECK(patch(own, R"({"name":"x"})") == "");
    rights.denied.insert({"folder", "create"});
    CHECK(office.error([&] { office.create(R"({"name":"n"})"); }) == "access.denied");
    rights.denied.insert({"folder", "read"});
    CHECK(office.error([&] { office.create(R"({"name":"n"})"); }) == "record.not_found");
    auto reader = office.actor();
    reader.read_only = true;
    CHECK(office.error([&] { engine.write(reader, [](Tx&) {}); }) == "access.denied");
    // A reference to a record out of scope is as unknown as one that never was.
    rights.denied.clear();
    CHECK(office.error([&] {
      office.create(R"({"name":"n","above_id":)" + std::to_string(foreign) + "}");
    }) == "field.reference_not_found");
  });
}

TEST_CASE("titles: only of rows in scope, and only while the title may be read") {
  db::on_each_database([](db::TestDatabase& database) {
    Office office(database.get());
    const auto own =
        office.toys.create("folder", Draft().set("name", "o").set("owner_id", office.anna));
    const auto shelved = office.toys.create("folder", Draft().set("name", "s").set("shelf_id", 3));
    const auto foreign =
        office.toys.create("folder", Draft().set("name", "f").set("owner_id", office.boris));
    auto& rights = office.toys.rights(office.anna);
    rights.read["folder"] = where({{"owner_id", {office.anna}, {}}, {"shelf_id", {3}, {"name"}}});
    const auto titles = [&] {
      return office.toys.engine().titles(office.actor(), "folder", {own, shelved, foreign});
    };
    CHECK(titles() == std::map<RecordId, std::string>{{own, "o"}});
    rights.masked = {{"folder", "name"}};
    CHECK(titles().empty());
  });
}

TEST_CASE("events and transitions: one event per change after the commit, none when it failed") {
  db::on_each_database([](db::TestDatabase& database) {
    Office office(database.get());
    std::vector<std::string> seen;
    office.toys.registry().add_event_handler([&](const Event& event) {
      std::string text = event.object + " " + event.kind + " " + std::to_string(event.version);
      for (const auto& field : event.changed_fields) text += " " + field;
      seen.push_back(text);
    });
    const auto made = office.create(R"({"name":"a","size":8})");
    office.update(made, R"({"name":"b"})");
    CHECK(office.error([&] { office.update(made, R"({"name":"c"})"); }) == "record.stale");
    CHECK(office.error([&] {
      office.toys.write([&](Tx& tx) {
        tx.create("folder", Draft().set("name", "gone"));
        throw base::Error(base::ErrorKind::Conflict, "test.failed");
      });
    }) == "test.failed");
    office.toys.write([&](Tx& tx) {
      auto record = tx.get("folder", made.id());
      tx.transition(record, "close", Draft().set("size", 9));
      CHECK(record.text("status") == "shut");
    });
    CHECK(office.error([&] {
      office.toys.write([&](Tx& tx) {
        auto record = tx.get("folder", made.id());
        tx.transition(record, "close");
      });
    }) == "folder.bad_transition");
    CHECK(seen == std::vector<std::string>{"folder created 1 name size is_thick status number "
                                           "has_notes is_bare",
                                           "folder updated 2 name",
                                           "folder updated 3 size status"});
  });
}

TEST_CASE("picklists: options come from the settings and bind writing") {
  db::on_each_database([](db::TestDatabase& database) {
    Office office(database.get());
    auto& engine = office.toys.engine();
    CHECK(office.error([&] { office.create(R"({"name":"a","level":"gold"})"); }) == "field.option");
    Option gold;
    gold.value = "gold";
    Option old;
    old.value = "old";
    old.active = false;
    engine.set_picklists({{"level", {gold, old}}});
    const auto made = office.create(R"({"name":"a","level":"gold"})");
    CHECK(made.text("level") == "gold");
    CHECK(engine.schema()->at("folder").definition().field("level")->options.size() == 2);
    engine.set_picklists({{"level", {old}}});
    // What was chosen once stays, and the rest of the record stays editable.
    CHECK(office.update(made, R"({"name":"b"})").text("level") == "gold");
  });
}

}  // namespace kehai::record
