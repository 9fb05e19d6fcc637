#include "modules/team/team.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "modules/action_input.h"
#include "modules/team/requests.h"
#include "platform/access/access.h"
#include "platform/notify/notify.h"
#include "platform/search/search.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;
using db::Compare;
using platform::Member;
using platform::member_rows;
using platform::MemberAccess;

namespace {

std::string name_of(record::Tx& tx, std::int64_t user) {
  const auto person = tx.find("user", user);
  return person ? person->text("name") : "";
}

std::optional<Member> find_member(db::Reader& reader, record::RecordId id, std::int64_t user) {
  for (const auto& member : platform::members_of(reader, id)) {
    if (member.user_id == user) return member;
  }
  return std::nullopt;
}

void write_down(record::Tx& tx, const record::Record& record, std::string_view what,
                const Member& member) {
  base::JsonObject data;
  data["user_id"] = member.user_id;
  data["access"] = platform::member_access_name(member.access);
  if (member.expires_at) data["expires_at"] = base::format_instant(*member.expires_at);
  data["name"] = name_of(tx, member.user_id);
  tx.audit(record, what, std::move(data));
}

// The person must be at work and read such records at all: a membership adds rows, not rights.
void check_person(record::Tx& tx, const record::Record& record, std::int64_t user,
                  std::string_view field) {
  const std::string name(field);
  const auto person = tx.find("user", user);
  if (!person || person->text("status") != "active") throw field_error(name, "member.not_active");
  if (record.definition().owned && record.integer("owner_id") == user)
    throw field_error(name, "member.is_owner", {{"name", person->text("name")}});
  auto& access = platform::access_of(tx.engine());
  if (!access.may(access.reader_inside(tx.writer(), user), record.definition(), "read"))
    throw field_error(name, "member.no_right", {{"name", person->text("name")}});
}

void check_room(record::Tx& tx, const record::Record& record, std::int64_t user) {
  const auto& object = record.definition().name;
  tx.writer().lock("record_member", std::to_string(user));
  const std::int64_t has = member_rows().count(
      tx.writer(), {{"user_id", Compare::Equal, user}, {"object", Compare::Equal, object}});
  if (has >= kMostMemberships) {
    throw Error(ErrorKind::Conflict, "member.too_many_records",
                {{"name", name_of(tx, user)}, {"limit", std::to_string(kMostMemberships)}});
  }
  if (platform::members_of(tx.writer(), record.id()).size() >= kMostMembers) {
    throw Error(ErrorKind::Conflict, "member.too_many", {{"limit", std::to_string(kMostMembers)}});
  }
}

const record::ObjectSchema& object_with_members(const record::Schema& schema,
                                                std::string_view object) {
  const auto* found = schema.find(object);
  if (found == nullptr || !found->definition().members)
    throw Error(ErrorKind::NotFound, "route.not_found");
  return *found;
}

}  // namespace

void announce_team(record::Tx& tx, const record::Record& record) {
  platform::access_of(tx.engine()).bump_members(tx.writer());
  tx.touch(record, platform::kMembersChanged);
  record::Event event;
  event.kind = "members_changed";
  event.object = record.definition().name;
  event.record_id = record.id();
  event.version = record.version();
  tx.emit(std::move(event));
}

bool may_manage_team(record::Engine& engine, const record::Actor& actor,
                     const record::Record& record) {
  auto& access = platform::access_of(engine);
  const auto& object = record.definition();
  if (actor.read_only || (object.owned && record.is_null("owner_id"))) return false;
  if (access.is_admin(actor)) return true;
  if (object.owned && record.integer("owner_id") == actor.user_id) return true;
  return access.may(actor, object, "transfer") &&
         record::admits(access.scope(actor, object, "transfer"), record);
}

void put_member(record::Tx& tx, const record::Record& record, Member member, std::string_view field,
                bool quiet) {
  check_person(tx, record, member.user_id, field);
  const auto before = find_member(tx.writer(), record.id(), member.user_id);
  if (before && before->access == member.access && before->expires_at == member.expires_at) return;
  if (!before) check_room(tx, record, member.user_id);
  member.added_by = before ? before->added_by : tx.actor().user_id;
  member.added_at = before ? before->added_at : tx.now();
  const db::Value end = member.expires_at ? db::Value(*member.expires_at) : db::Value();
  member_rows().upsert(tx.writer(), {"record_id", "user_id"},
                       {{"record_id", record.id()},
                        {"user_id", member.user_id},
                        {"object", record.definition().name},
                        {"access", platform::member_access_name(member.access)},
                        {"expires_at", end},
                        {"added_by", member.added_by},
                        {"added_at", member.added_at}});
  forget_join_requests(tx.writer(), record.id(), member.user_id);
  const bool is_new = !before || !before->is_current(tx.now());
  write_down(tx, record, is_new ? "member_added" : "member_changed", member);
  if (is_new && !quiet) {
    platform::notify(tx, member.user_id, "member_added",
                     {{"title", record.text(record.definition().title_field)}},
                     record.definition().name, record.id());
  }
  announce_team(tx, record);
}

bool remove_member(record::Tx& tx, const record::Record& record, std::int64_t user) {
  const auto member = find_member(tx.writer(), record.id(), user);
  if (!member) return false;
  member_rows().erase(
      tx.writer(), {{"record_id", Compare::Equal, record.id()}, {"user_id", Compare::Equal, user}});
  write_down(tx, record, user == tx.actor().user_id ? "member_left" : "member_removed", *member);
  announce_team(tx, record);
  return true;
}

std::vector<record::FieldDefinition> keep_owner_fields() {
  return {
      input_field(
          R"({"name":"keep_old_owner","type":"select","default":"none","label":{"zh-CN":"原负责人","zh-TW":"原負責人","en":"Former owner"},"options":[{"value":"none","label":{"zh-CN":"不再参与","zh-TW":"不再參與","en":"Leaves"}},{"value":"read","label":{"zh-CN":"留在团队，只读","zh-TW":"留在團隊，唯讀","en":"Stays in the team, reads"}},{"value":"edit","label":{"zh-CN":"留在团队，可编辑","zh-TW":"留在團隊，可編輯","en":"Stays in the team, edits"}}]})"),
      input_field(
          R"({"name":"keep_until","type":"datetime","label":{"zh-CN":"保留至","zh-TW":"保留至","en":"Until"}})")};
}

void keep_former_owner(record::Tx& tx, const record::Record& record, const record::Draft& input,
                       std::int64_t former) {
  const auto access = platform::parse_member_access(input_text(input, "keep_old_owner"));
  const auto& until = input_value(input, "keep_until");
  if (!until.is_null() && until.as_int() <= tx.now()) throw field_error("keep_until", "field.past");
  // Whoever left the company keeps nothing; a hand-over does not fail for that.
  const auto person = former == 0 ? std::nullopt : tx.find("user", former);
  if (!access || !person || person->text("status") != "active") return;
  Member member;
  member.user_id = former;
  member.access = *access;
  if (!until.is_null()) member.expires_at = until.as_int();
  put_member(tx, record, member, "keep_old_owner", true);
}

std::string members_json(record::Engine& engine, const record::Actor& actor,
                         std::string_view object, record::RecordId id) {
  const auto schema = engine.schema();
  object_with_members(*schema, object);
  const auto record = engine.read(actor, object, id);
  std::vector<Member> members;
  std::vector<JoinRequest> requests;
  engine.database().read([&](db::Reader& reader) {
    members = platform::members_of(reader, id);
    requests = join_requests_of(reader, id);
  });
  std::set<std::int64_t> people;
  for (const auto& member : members) people.insert({member.user_id, member.added_by});
  for (const auto& request : requests) people.insert(request.user_id);
  const auto names = engine.titles(actor, "user", {people.begin(), people.end()});
  const base::Instant now = engine.clock().now();
  std::string out;
  base::JsonWriter writer(out);
  const auto person = [&](std::string_view key, std::int64_t user) {
    const auto name = names.find(user);
    writer.key(key).begin_object().key("id").integer(user).key("name").text(
        name == names.end() ? "" : name->second);
    writer.end_object();
  };
  writer.begin_object().key("value").begin_array();
  for (const auto& member : members) {
    writer.begin_object();
    person("user", member.user_id);
    writer.key("access").text(platform::member_access_name(member.access)).key("expires_at");
    member.expires_at ? writer.text(base::format_instant(*member.expires_at)) : writer.null();
    writer.key("is_over").boolean(!member.is_current(now));
    person("added_by", member.added_by);
    writer.key("added_at").text(base::format_instant(member.added_at)).end_object();
  }
  writer.end_array();
  const bool manages = may_manage_team(engine, actor, record);
  writer.key("may_manage").boolean(manages);
  // Who asked is for those who answer.
  writer.key("requests").begin_array();
  for (const auto& request : manages ? requests : std::vector<JoinRequest>{}) {
    writer.begin_object();
    person("user", request.user_id);
    writer.key("access").text(platform::member_access_name(request.access));
    writer.key("note").text(request.note).key("at").text(base::format_instant(request.at));
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
  return out;
}

std::string unseeing_json(record::Engine& engine, const record::Actor& actor,
                          std::string_view object, record::RecordId id,
                          const std::vector<std::int64_t>& users) {
  const auto schema = engine.schema();
  const auto& found = object_with_members(*schema, object);
  const auto record = engine.read(actor, object, id);
  if (!may_manage_team(engine, actor, record)) throw Error(ErrorKind::Forbidden, "access.denied");
  if (users.size() > kMostMembers) {
    throw Error::fields({{"users", "field.too_many", {{"limit", std::to_string(kMostMembers)}}}});
  }
  auto& access = platform::access_of(engine);
  base::JsonArray unseeing;
  for (const std::int64_t user : users) {
    record::Actor person;
    person.user_id = user;
    access.attach_rights(person);
    // Somebody who may read no such records at all cannot be let in either.
    if (!person.rights || !access.may(person, found.definition(), "read")) continue;
    engine.database().read([&](db::Reader& reader) {
      if (!engine.can_see(reader, person, found, id)) unseeing.emplace_back(user);
    });
  }
  base::JsonObject out;
  out["users"] = std::move(unseeing);
  return boost::json::serialize(out);
}

}  // namespace kehai::modules
