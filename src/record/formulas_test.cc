// Computed fields, serial numbers and patterns, on both databases.
#include "record/formulas.h"

#include <doctest/doctest.h>

#include <thread>

#include "base/error.h"
#include "db/test_databases.h"
#include "query/parser.h"
#include "record/toy_company.h"

namespace kehai::record {

namespace {

constexpr std::int64_t kDay = 86'400'000;

struct Archive {
  explicit Archive(db::Database& database) : toys(database) {
    anna = toys.person("安娜");
    toys.rights(anna).read["folder"] = everything();
    toys.rights(anna).read["colour"] = everything();
  }
  Actor actor() const { return ToyCompany::actor(anna); }
  Record create(std::string_view json) {
    return toys.engine().create(actor(), "folder", body(json));
  }
  Record read(RecordId id) { return toys.engine().read(actor(), "folder", id); }
  const FieldDefinition& field(std::string_view name) {
    return *toys.engine().schema()->at("folder").definition().field(name);
  }
  std::int64_t wrong(std::string_view name) {
    std::int64_t count = 0;
    const auto schema = toys.engine().schema();
    toys.database().read([&](db::Reader& reader) {
      count = wrong_formulas(reader, schema->at("folder"), field(name), toys.engine().zone()).count;
    });
    return count;
  }
  std::string list(const std::string& filter, const std::string& order) {
    ListRequest request;
    if (!filter.empty()) request.options.filter = query::parse_expression(filter);
    request.default_order = order;
    std::string names;
    toys.engine().list_typed(actor(), "folder", request,
                             [&](const TypedRow& row) { names += row.record.text("name"); });
    return names;
  }

  ToyCompany toys;
  RecordId anna = 0;
};

std::string definition_error(const std::string& fields) {
  return error_code([&] {
    const auto parse = [](const std::string& json) {
      return parse_definition(base::parse_json(json));
    };
    const auto user = parse(R"({"object":"user","collection":"users"})");
    const auto thing = parse(
        R"({"object":"thing","collection":"things","fields":[{"name":"pay","type":"money"},)" +
        fields + "]}");
    check_formulas(Schema({user, thing}), base::TimeZone("UTC"));
  });
}

}  // namespace

TEST_CASE("a formula over the record's own fields is a column: kept, filtered and sorted by") {
  db::on_each_database([](db::TestDatabase& database) {
    Archive archive(database.get());
    const auto a = archive.create(R"({"name":"a","amount":12.5,"size":4})");
    CHECK(archive.read(a.id()).integer("volume") == 5000);
    archive.create(R"({"name":"b","amount":1,"size":3})");
    archive.create(R"({"name":"c","size":3})");
    CHECK(archive.list("volume gt 3", "name") == "a");
    CHECK(archive.list("volume eq null", "name") == "c");
    CHECK(archive.list("", "volume desc") == "abc");
    archive.toys.engine().update(archive.actor(), "folder", a.id(), body(R"({"size":5})"), 1);
    CHECK(archive.read(a.id()).integer("volume") == 6250);
    archive.toys.write([&](Tx& tx) { tx.set_derived(tx.get("folder", a.id()), "size", Value(2)); });
    CHECK(archive.read(a.id()).integer("volume") == 2500);
    CHECK(archive.wrong("volume") == 0);
  });
}

TEST_CASE("nobody writes a computed field or a serial number") {
  db::on_each_database([](db::TestDatabase& database) {
    Archive archive(database.get());
    for (const std::string name : {"volume", "is_late", "number"}) {
      CHECK(error_code([&] { archive.create(R"({"name":"a",")" + name + R"(":null})"); }) ==
            "field.read_only");
    }
  });
}

TEST_CASE("a formula about the day or another record is answered when it is read") {
  db::on_each_database([](db::TestDatabase& database) {
    Archive archive(database.get());
    const auto red = archive.toys.create("colour", Draft().set("name", "红"));
    const auto a = archive.create(R"({"name":"a","due":"2026-01-02","colour_id":)" +
                                  std::to_string(red) + "}");
    const auto b = archive.create(R"({"name":"b"})");
    CHECK(archive.read(a.id()).get("is_late") == Value(false));
    archive.toys.clock().advance(2 * kDay);
    CHECK(archive.read(a.id()).get("is_late") == Value(true));
    CHECK(archive.read(a.id()).text("colour_name") == "红");
    CHECK(archive.read(b.id()).is_null("colour_name"));
    CHECK(error_code([&] { archive.list("is_late", "name"); }) == "query.not_filterable");
    CHECK(error_code([&] { archive.list("", "colour_name"); }) == "query.not_filterable");
    // It speaks with the reader's eyes.
    auto& rights = archive.toys.rights(archive.anna);
    rights.denied.insert({"colour", "read"});
    CHECK(archive.read(a.id()).is_null("colour_name"));
    rights.denied.clear();
    CHECK(archive.read(a.id()).text("colour_name") == "红");
    rights.hidden.insert({"colour", "name"});
    CHECK(archive.read(a.id()).is_null("colour_name"));
  });
}

TEST_CASE("rows that hide a field hide what is computed from it, and cannot be asked about it") {
  db::on_each_database([](db::TestDatabase& database) {
    Archive archive(database.get());
    archive.create(R"({"name":"a","secret":21,"shelf_id":9})");
    Branch shelf{"shelf_id", {9}, {"secret"}};
    archive.toys.rights(archive.anna).read["folder"] = where({shelf});
    ListRequest request;
    std::vector<std::string> hidden;
    archive.toys.engine().list_typed(archive.actor(), "folder", request,
                                     [&](const TypedRow& row) { hidden = row.hidden; });
    CHECK(hidden == std::vector<std::string>{"secret", "hint", "is_bare"});
    CHECK(archive.list("", "name") == "a");
    CHECK(archive.list("hint eq 42", "name") == "");
    CHECK(archive.list("", "hint") == "");
  });
}

TEST_CASE("a formula that is new or was changed is computed for the records that are there") {
  db::on_each_database([](db::TestDatabase& database) {
    Archive archive(database.get());
    const auto a = archive.create(R"({"name":"a","amount":2,"size":4})");
    archive.toys.database().write([&](db::Writer& writer) {
      const Values id{Value(a.id())};
      writer.execute("UPDATE \"folder\" SET \"volume\" = 7 WHERE \"id\" = ?", id);
    });
    CHECK(archive.wrong("volume") == 1);
    archive.toys.engine().prepare_derived();
    CHECK(archive.wrong("volume") == 1);
    archive.toys.database().write([&](db::Writer& writer) {
      const Values other{Value("amount")};
      writer.execute(
          "UPDATE \"schema_meta\" SET \"value\" = ? WHERE \"key\" = 'formula:folder.volume'",
          other);
    });
    archive.toys.engine().prepare_derived();
    CHECK(archive.wrong("volume") == 0);
    CHECK(archive.read(a.id()).integer("volume") == 800);
  });
}

TEST_CASE("formulas that make no sense are refused with the definition") {
  const auto formula = [](const std::string& result, const std::string& text) {
    return R"({"name":"x","type":"formula","result":")" + result + R"(","formula":")" + text +
           R"("})";
  };
  CHECK(definition_error(formula("money", "pay mul 2")) == "");
  CHECK(definition_error(formula("integer", "pay mul 2")) == "definition.invalid");
  CHECK(definition_error(formula("money", "price")) == "definition.invalid");
  CHECK(definition_error(formula("money", "pay add")) == "query.syntax");
  CHECK(definition_error(formula("money", "x")) == "definition.invalid");
  CHECK(definition_error(formula("money", "pay") +
                         R"(,{"name":"y","type":"formula","result":"money","formula":"x"})") ==
        "definition.invalid");
  CHECK(definition_error(R"({"name":"x","type":"formula","result":"money"})") ==
        "definition.invalid");
  CHECK(definition_error(R"({"name":"x","type":"money","formula":"pay"})") == "definition.invalid");
}

TEST_CASE("serial numbers begin anew with their period") {
  db::on_each_database([](db::TestDatabase& database) {
    Archive archive(database.get());
    const auto number = [&] { return archive.create(R"({"name":"a"})").text("number"); };
    CHECK(number() == "N2026-0001");
    archive.toys.clock().advance(40 * kDay);
    CHECK(number() == "N2026-0002");
    archive.toys.clock().advance(365 * kDay);
    CHECK(number() == "N2027-0001");
  });
  FieldDefinition field;
  field.serial_prefix = "Q";
  const base::Date day = base::date_from_civil(2026, 11, 22);
  const auto text = [&](SerialReset reset) {
    field.serial_reset = reset;
    return format_serial(field, serial_period(reset, day), 12'345);
  };
  CHECK(text(SerialReset::Daily) == "Q20261122-12345");
  CHECK(text(SerialReset::Monthly) == "Q202611-12345");
  CHECK(text(SerialReset::Never) == "Q-12345");
}

TEST_CASE("a pattern is a rule of the whole text") {
  db::on_each_database([](db::TestDatabase& database) {
    Archive archive(database.get());
    CHECK(archive.create(R"({"name":"a","postcode":"310000"})").text("postcode") == "310000");
    CHECK(error_code([&] { archive.create(R"({"name":"a","postcode":"3100001"})"); }) ==
          "field.pattern");
  });
  CHECK(definition_error(R"({"name":"x","type":"text","pattern":"[a"})") == "definition.invalid");
}

TEST_CASE("a column follows the children: those that come, go, move and come back") {
  db::on_each_database([](db::TestDatabase& database) {
    Archive archive(database.get());
    auto& toys = archive.toys;
    const auto a = archive.create(R"({"name":"a","secret":1})").id();
    const auto b = archive.create(R"({"name":"b","secret":1})").id();
    const auto state = [&](RecordId id) {
      const auto folder = archive.read(id);
      return std::to_string(folder.integer("has_notes")) +
             std::to_string(folder.integer("is_bare"));
    };
    CHECK(state(a) == "01");
    const auto note = toys.create("note", Draft().set("folder_id", a));
    CHECK(state(a) == "10");
    CHECK(archive.read(a).version() == 1);
    toys.write([&](Tx& tx) {
      auto record = tx.get("note", note);
      tx.update(record, Draft().set("folder_id", b));
    });
    CHECK(state(a) == "01");
    CHECK(state(b) == "10");
    toys.write([&](Tx& tx) {
      auto record = tx.get("note", note);
      tx.erase(record);
    });
    CHECK(state(b) == "01");
    toys.write([&](Tx& tx) {
      auto record = *tx.find("note", note, Lock::ForUpdate, true);
      tx.restore(record);
    });
    CHECK(state(b) == "10");
    // The folder takes its notes to the recycle bin and back.
    toys.write([&](Tx& tx) {
      auto record = tx.get("folder", b);
      tx.erase(record);
    });
    CHECK(archive.wrong("has_notes") == 0);
    toys.write([&](Tx& tx) {
      auto record = *tx.find("folder", b, Lock::ForUpdate, true);
      tx.restore(record);
    });
    CHECK(state(b) == "10");
    CHECK(archive.list("has_notes eq true", "name") == "b");
    CHECK(archive.wrong("has_notes") == 0);
    CHECK(archive.wrong("is_bare") == 0);
  });
}

TEST_CASE("what is computed from the children knows those that came after the record was read") {
  db::on_each_database([](db::TestDatabase& database) {
    Archive archive(database.get());
    const auto a = archive.create(R"({"name":"a"})").id();
    archive.toys.write([&](Tx& tx) {
      auto folder = tx.get("folder", a);
      tx.create("note", Draft().set("folder_id", a));
      tx.update(folder, Draft().set("secret", 1));
    });
    CHECK(archive.read(a).integer("is_bare") == 0);
    CHECK(archive.wrong("is_bare") == 0);
    archive.toys.write([&](Tx& tx) {
      auto folder = tx.get("folder", a);
      tx.update(folder, Draft().set("name", "aa"));
    });
    CHECK(archive.read(a).integer("has_notes") == 1);
  });
}

TEST_CASE("two who take away the last two children at once leave none behind") {
  db::on_each_database([](db::TestDatabase& database) {
    Archive archive(database.get());
    auto& toys = archive.toys;
    constexpr int kRounds = 20;
    for (int round = 0; round < kRounds; ++round) {
      const auto a = archive.create(R"({"name":"a"})").id();
      const RecordId notes[] = {toys.create("note", Draft().set("folder_id", a)),
                                toys.create("note", Draft().set("folder_id", a))};
      std::vector<std::thread> threads;
      for (const auto note : notes) {
        threads.emplace_back([&toys, note] {
          toys.write([&](Tx& tx) {
            auto record = tx.get("note", note);
            tx.erase(record);
          });
        });
      }
      for (auto& thread : threads) thread.join();
      CHECK(archive.read(a).integer("has_notes") == 0);
    }
    CHECK(archive.wrong("has_notes") == 0);
  });
}

TEST_CASE("only children that there are can be followed") {
  CHECK(
      definition_error(
          R"json({"name":"has_any","type":"formula","result":"boolean","formula":"others/any()"})json") ==
      "definition.invalid");
}

}  // namespace kehai::record
