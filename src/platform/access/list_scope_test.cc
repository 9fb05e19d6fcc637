// Lists, counts, single reads and writes through the engine against the reference model: what a
// person may not see shows nowhere.
#include <doctest/doctest.h>

#include <set>

#include "base/error.h"
#include "db/test_databases.h"
#include "platform/access/memberships.h"
#include "platform/access/random_company.h"
#include "platform/access/reference_model.h"
#include "platform/access/test_company.h"
#include "query/parser.h"

namespace kehai::platform {

namespace {

const std::map<std::string, std::vector<std::string>> kObjects = {
    {"deal", {}}, {"visit", {}}, {"line", {}}};
const std::map<std::string, model::Kind> kKinds = {
    {"deal", model::Kind::Owned}, {"visit", model::Kind::OwnedChild}, {"line", model::Kind::Child}};

// A model company whose ids are those of real records.
struct Mirror {
  TestCompany& office;
  model::Company company;
  std::map<std::string, std::map<std::int64_t, model::Record>> records;  // by object and id

  void build(model::Dice& dice) {
    const auto drawn = model::random_company(dice, {5, 9, 5, 2}, 1, kObjects);
    std::map<std::int64_t, std::int64_t> ids{{0, 0}};
    for (const auto& [id, parent] : drawn.parent_department) {
      ids[id] = office.department("d" + std::to_string(id), ids.at(parent));
      company.parent_department[ids[id]] = ids.at(parent);
    }
    for (const auto& [id, role] : drawn.roles) {
      auto rights = role.rights;
      for (auto& [object, granted] : rights) {
        for (auto& department : granted.departments) department = ids.at(department);
      }
      ids[id] = role.is_admin ? office.built_in("admin")
                              : office.role("role" + std::to_string(id), rights);
      company.roles[ids[id]] = {role.is_admin, rights};
    }
    for (const auto& [id, drawn_user] : drawn.users) {
      model::User user = drawn_user;
      user.active = true;
      user.department = ids.at(user.department);
      user.superior = ids.at(user.superior);
      for (auto& role : user.roles) role = ids.at(role);
      user.id =
          office.user("user" + std::to_string(id), user.department, user.roles, user.superior);
      ids[id] = user.id;
      company.users[user.id] = user;
    }
    for (const auto& [id, members] : drawn.pool_members) {
      auto& mapped = company.pool_members[id];
      for (const std::int64_t member : members) mapped.push_back(ids.at(member));
    }
    add_records(dice);
  }

  // Some people are members of some deals, some of them were.
  void add_members(record::Tx& tx, model::Dice& dice, std::int64_t deal, model::Record& record,
                   const std::vector<std::int64_t>& users) {
    record.members.clear();
    for (const std::int64_t user : users) {
      if (!dice.one_in(6)) continue;
      const model::Membership membership{dice.one_in(2), dice.one_in(3)};
      const std::int64_t end = tx.now() + (membership.is_over ? 0 : 86'400'000);
      member_rows().insert(
          tx.writer(),
          {{"record_id", deal},
           {"user_id", user},
           {"object", "deal"},
           {"access", membership.edits ? "edit" : "read"},
           {"expires_at", membership.is_over || dice.one_in(2) ? db::Value(end) : db::Value()},
           {"added_by", user},
           {"added_at", tx.now()}});
      record.members[user] = membership;
    }
  }

  // Everybody's membership is another one.
  void change_members(model::Dice& dice) {
    std::vector<std::int64_t> users;
    for (const auto& [id, user] : company.users) users.push_back(id);
    office.write([&](record::Tx& tx) {
      member_rows().erase(tx.writer(), {});
      for (auto& [id, record] : records["deal"]) add_members(tx, dice, id, record, users);
      office.access().bump_members(tx.writer());
    });
    follow_parents();
  }

  void follow_parents() {
    for (const auto* object : {"visit", "line"}) {
      for (auto& [id, record] : records[object]) {
        const std::int64_t deal = office.get(object, id).integer("deal_id");
        record.parent_members = records["deal"][deal].members;
      }
    }
  }

  std::vector<Member> members(std::int64_t deal) {
    std::vector<Member> out;
    office.database().read([&](db::Reader& reader) { out = members_of(reader, deal); });
    return out;
  }

  void add_records(model::Dice& dice) {
    std::vector<std::int64_t> users, pools, deals;
    for (const auto& [id, user] : company.users) users.push_back(id);
    for (const auto& [id, members] : company.pool_members) pools.push_back(id);
    office.write([&](record::Tx& tx) {
      // The closure runs again when it needs a new block of ids.
      records.clear();
      deals.clear();
      for (int i = 0; i < 60; ++i) {
        model::Record record;
        record::Draft draft;
        draft.set("name", "deal" + std::to_string(i)).set("mobile", "13800138000");
        if (dice.one_in(5)) {
          record.pool = dice.pick(pools);
          draft.set("pool_id", record.pool);
        } else {
          record.owner = dice.pick(users);
          draft.set("owner_id", record.owner);
        }
        deals.push_back(tx.create("deal", std::move(draft)).id());
        add_members(tx, dice, deals.back(), record, users);
        records["deal"][deals.back()] = record;
      }
      for (int i = 0; i < 60; ++i) {
        const std::int64_t deal = dice.pick(deals);
        model::Record record;
        record.parent_owner = records["deal"][deal].owner;
        record.parent_members = records["deal"][deal].members;
        record::Draft line;
        line.set("name", "line").set("deal_id", deal);
        records["line"][tx.create("line", std::move(line)).id()] = record;
        record.owner = dice.pick(users);
        record::Draft visit;
        visit.set("name", "visit").set("deal_id", deal).set("owner_id", record.owner);
        records["visit"][tx.create("visit", std::move(visit)).id()] = record;
      }
      office.access().bump_members(tx.writer());
    });
  }

  bool allowed(const model::User& user, const std::string& object, const std::string& right,
               std::int64_t id) const {
    return model::allowed(company, user, object, kKinds.at(object), right,
                          records.at(object).at(id));
  }
};

// All ids over all pages of seven.
std::vector<std::int64_t> listed(record::Engine& engine, const record::Actor& actor,
                                 const std::string& object, const std::string& order) {
  std::vector<std::int64_t> ids;
  record::ListRequest request;
  request.default_top = 7;
  request.options.order = query::parse_order(order);
  do {
    request.options.skiptoken =
        engine.list_typed(actor, object, request,
                          [&](const record::TypedRow& row) { ids.push_back(row.record.id()); });
  } while (!request.options.skiptoken.empty());
  return ids;
}

// The rows of every right, also of those that a membership must never give.
void check_rights(Mirror& mirror, const model::User& user, const std::string& object) {
  auto& engine = mirror.office.engine();
  const auto actor = mirror.office.actor(user.id);
  const auto schema = engine.schema();
  const auto& definition = schema->at(object).definition();
  std::vector<std::int64_t> ids;
  for (const auto& [id, record] : mirror.records.at(object)) ids.push_back(id);
  std::vector<record::Record> stored;
  engine.database().read([&](db::Reader& reader) {
    stored = engine.store().load_many(reader, schema->at(object), ids);
  });
  REQUIRE(stored.size() == ids.size());
  for (const auto* right : {"edit", "export", "delete", "claim"}) {
    CAPTURE(right);
    const auto scope = mirror.office.access().scope(actor, definition, right);
    for (const auto& record : stored)
      CHECK(record::admits(scope, record) == mirror.allowed(user, object, right, record.id()));
  }
}

void check_user(Mirror& mirror, const model::User& user, int& visible, int& hidden) {
  auto& engine = mirror.office.engine();
  const auto actor = mirror.office.actor(user.id);
  for (const auto& [object, records] : mirror.records) {
    CAPTURE(object);
    CAPTURE(user.id);
    const bool may =
        mirror.office.access().may(actor, engine.schema()->at(object).definition(), "read");
    std::set<std::int64_t> expected;
    for (const auto& [id, record] : records) {
      if (mirror.allowed(user, object, "read", id)) expected.insert(id);
    }
    visible += static_cast<int>(expected.size());
    hidden += static_cast<int>(records.size() - expected.size());
    if (!may) {
      CHECK(expected.empty());
      CHECK(error_code([&] { listed(engine, actor, object, "id"); }) == "record.not_found");
      CHECK(error_code([&] { engine.count(actor, object, {}); }) == "record.not_found");
    } else {
      for (const auto* order : {"updated_at desc", "name", "id"}) {
        const auto ids = listed(engine, actor, object, order);
        CHECK(ids.size() == expected.size());  // no row twice
        CHECK(std::set<std::int64_t>(ids.begin(), ids.end()) == expected);
      }
      CHECK(engine.count(actor, object, {}) == static_cast<std::int64_t>(expected.size()));
    }
    check_rights(mirror, user, object);
    for (const auto& [id, record] : records) {
      const std::string code = error_code([&] { engine.read(actor, object, id); });
      CHECK(code == (expected.contains(id) ? std::string() : "record.not_found"));
    }
  }
}

// Editing what may only be read is refused, what may not be seen does not exist; nothing changes
// either way.
void check_writes(Mirror& mirror, const model::User& user) {
  auto& engine = mirror.office.engine();
  const auto actor = mirror.office.actor(user.id);
  const auto& definition = engine.schema()->at("deal").definition();
  const bool reads = mirror.office.access().may(actor, definition, "read");
  const bool edits = mirror.office.access().may(actor, definition, "edit");
  // The same answer as for an id that never was.
  const std::string unknown = error_code([&] { engine.update(actor, "deal", 1, {}, 1); });
  CHECK(unknown == (reads && !edits ? "access.denied" : "record.not_found"));
  int number = 0;
  for (const auto& [id, record] : mirror.records.at("deal")) {
    if (++number % 6 != 0) continue;
    const auto before = mirror.office.get("deal", id);
    const std::string name = "n" + std::to_string(user.id) + "_" + std::to_string(before.version());
    base::JsonObject body;
    body["name"] = name;
    const std::string code =
        error_code([&] { engine.update(actor, "deal", id, body, before.version()); });
    const auto after = mirror.office.get("deal", id);
    if (code.empty()) {
      CHECK(mirror.allowed(user, "deal", "edit", id));
      CHECK(after.text("name") == name);
    } else {
      CHECK_FALSE(
          (mirror.allowed(user, "deal", "edit", id) && mirror.allowed(user, "deal", "read", id)));
      CHECK(code == (mirror.allowed(user, "deal", "read", id) ? "access.denied" : unknown));
      CHECK(after.version() == before.version());
    }
  }
}

}  // namespace

TEST_CASE("lists, counts, reads and writes show each person exactly what the model allows") {
  db::on_each_database([](db::TestDatabase& database) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      CAPTURE(seed);
      TestCompany office(database.get());
      Mirror mirror{office, {}, {}};
      office.registry().add_branch_provider([&](const record::Actor& actor,
                                                const record::ObjectDefinition& object,
                                                std::string_view right) {
        std::vector<record::Branch> branches;
        if (object.name != "deal" || (right != "read" && right != "claim")) return branches;
        record::Branch branch{"pool_id", {}, {"mobile"}};
        for (const auto& [pool, members] : mirror.company.pool_members) {
          if (std::find(members.begin(), members.end(), actor.user_id) != members.end())
            branch.values.push_back(pool);
        }
        branches.push_back(std::move(branch));
        return branches;
      });
      model::Dice dice(seed);
      mirror.build(dice);
      int visible = 0;
      int hidden = 0;
      std::string phase = "at first";
      CAPTURE(phase);
      for (const auto& [id, user] : mirror.company.users) check_user(mirror, user, visible, hidden);
      for (const auto& [id, user] : mirror.company.users) check_writes(mirror, user);
      CHECK(visible > 100);
      CHECK(hidden > 100);
      // Everybody moves to another department; everything follows.
      phase = "after everybody moved";
      std::vector<std::int64_t> departments{0};
      for (const auto& [id, parent] : mirror.company.parent_department) departments.push_back(id);
      for (auto& [id, user] : mirror.company.users) {
        user.department = dice.pick(departments);
        office.write([&, user_id = id, department = user.department](record::Tx& tx) {
          auto record = tx.get("user", user_id);
          tx.update(record, record::Draft().set("department_id", department == 0
                                                                     ? record::Value()
                                                                     : record::Value(department)));
        });
      }
      for (const auto& [id, user] : mirror.company.users) check_user(mirror, user, visible, hidden);
      phase = "after everybody's memberships changed";
      mirror.change_members(dice);
      for (const auto& [id, user] : mirror.company.users) check_user(mirror, user, visible, hidden);
      for (const auto& [id, user] : mirror.company.users) check_writes(mirror, user);
      phase = "after a day, when those that end are over";
      office.clock().advance(86'400'000);
      for (auto& [id, record] : mirror.records["deal"]) {
        for (auto& [user, membership] : record.members) {
          for (const auto& member : mirror.members(id)) {
            if (member.user_id == user && member.expires_at) membership.is_over = true;
          }
        }
      }
      mirror.follow_parents();
      for (const auto& [id, user] : mirror.company.users) check_user(mirror, user, visible, hidden);
      // The next company of this database starts without these.
      office.write([&](record::Tx& tx) {
        for (const auto* object : {"visit", "line", "deal"}) {
          for (auto& [id, record] : mirror.records.at(object)) {
            auto stored = tx.get(object, id);
            tx.erase(stored);
          }
        }
        for (const auto* table : {"user", "user__role_ids", "unique_key"})
          db::Table(table).erase(tx.writer(), {});
        db::Table("role").erase(tx.writer(), {{"built_in", db::Compare::Equal, db::Value(0)}});
        member_rows().erase(tx.writer(), {});
        office.access().bump_members(tx.writer());
        office.access().bump_epoch(tx.writer());
      });
    }
  });
}

}  // namespace kehai::platform
