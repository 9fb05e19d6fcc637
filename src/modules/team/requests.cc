#include "modules/team/requests.h"

#include "base/error.h"
#include "base/text/utf8.h"
#include "modules/action_input.h"
#include "platform/dedupe/tickets.h"
#include "platform/notify/notify.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;
using db::Compare;
using platform::MemberAccess;

namespace {

const db::Table kRequest("join_request");
constexpr std::size_t kLongestNote = 200;

// Of whichever kind the id is.
std::optional<record::Record> find_record(record::Tx& tx, record::RecordId id) {
  for (const auto& object : tx.schema().objects()) {
    if (!object->definition().members) continue;
    if (auto found = tx.find(object->definition().name, id, record::Lock::ForUpdate)) return found;
  }
  return std::nullopt;
}

void tell(record::Tx& tx, const record::Record& record, const JoinRequest& request) {
  base::JsonObject data;
  data["user_id"] = request.user_id;
  if (!request.note.empty()) data["reason"] = request.note;
  tx.audit(record, "join_asked", std::move(data));
  platform::notify(
      tx, record.integer("owner_id"), "join_asked",
      {{"title", record.text(record.definition().title_field)}, {"name", tx.actor().name}},
      record.definition().name, record.id());
}

void ask(record::Tx& tx, const record::Record& record, const JoinRequest& request) {
  if (record.is_null("owner_id") || record.integer("owner_id") == request.user_id) return;
  for (const auto& member : platform::members_of(tx.writer(), record.id())) {
    if (member.user_id == request.user_id && member.is_current(tx.now()) &&
        (member.access == MemberAccess::Edit || request.access == MemberAccess::Read)) {
      return;
    }
  }
  // One question at a time.
  if (!kRequest.insert_if_absent(tx.writer(),
                                 {{"record_id", record.id()},
                                  {"user_id", request.user_id},
                                  {"access", platform::member_access_name(request.access)},
                                  {"note", request.note},
                                  {"at", tx.now()}})) {
    return;
  }
  tell(tx, record, request);
}

}  // namespace

db::TableDefinition join_request_table() {
  return {"join_request",
          {{"record_id", false, true},
           {"user_id", false, true},
           {"access", true, true},
           {"note", true, true},
           {"at", false, true}},
          {"record_id", "user_id"},
          {},
          false};
}

std::vector<JoinRequest> join_requests_of(db::Reader& reader, record::RecordId record_id) {
  std::vector<JoinRequest> out;
  kRequest.select_each(
      reader,
      {{"user_id", "access", "note", "at"},
       {{"record_id", Compare::Equal, record_id}},
       {{"at", false}, {"user_id", false}},
       0,
       false},
      [&](const db::Row& row) {
        out.push_back({row.get_int(0),
                       platform::parse_member_access(row.get_text(1)).value_or(MemberAccess::Read),
                       std::string(row.get_text(2)), row.get_int(3)});
      });
  return out;
}

void forget_join_requests(db::Writer& writer, record::RecordId record_id, std::int64_t user) {
  std::vector<db::Condition> which{{"record_id", Compare::Equal, record_id}};
  if (user != 0) which.push_back({"user_id", Compare::Equal, user});
  kRequest.erase(writer, which);
}

void ask_to_join(record::Engine& engine, const record::Actor& actor, const base::JsonObject& body) {
  JoinRequest request;
  request.user_id = actor.user_id;
  const std::string access = base::json_text(body, "access", "read");
  const auto parsed = platform::parse_member_access(access);
  if (!parsed) throw field_error("access", "field.option");
  request.access = *parsed;
  request.note = base::json_text(body, "note");
  if (text::count_code_points(request.note) > kLongestNote)
    throw field_error("note", "field.too_long", {{"limit", std::to_string(kLongestNote)}});
  const auto record = platform::open_ticket(engine, actor.user_id, base::json_text(body, "ticket"));
  if (!record) throw Error(ErrorKind::Conflict, "join.ticket_over");
  engine.write(actor, [&](record::Tx& tx) {
    if (const auto found = find_record(tx, *record)) ask(tx, *found, request);
  });
}

void ask_to_join_visible(record::ActionContext& context) {
  JoinRequest request;
  request.user_id = context.tx.actor().user_id;
  request.access = platform::parse_member_access(input_text(context.input, "access"))
                       .value_or(MemberAccess::Read);
  request.note = input_text(context.input, "note");
  ask(context.tx, *context.record, request);
}

void answer_join(record::ActionContext& context) {
  auto& tx = context.tx;
  const auto& record = *context.record;
  if (!may_manage_team(tx.engine(), tx.actor(), record))
    throw Error(ErrorKind::Forbidden, "access.denied");
  const std::int64_t user = input_id(context.input, "user_id");
  bool is_asked = false;
  for (const auto& request : join_requests_of(tx.writer(), record.id()))
    is_asked = is_asked || request.user_id == user;
  if (!is_asked) throw Error(ErrorKind::Conflict, "join.not_asked");
  forget_join_requests(tx.writer(), record.id(), user);
  if (const auto access = platform::parse_member_access(input_text(context.input, "answer"))) {
    platform::Member member;
    member.user_id = user;
    member.access = *access;
    put_member(tx, record, member, "user_id");
    return;
  }
  const auto person = tx.find("user", user);
  base::JsonObject data;
  data["user_id"] = user;
  data["name"] = person ? person->text("name") : "";
  tx.audit(record, "join_declined", std::move(data));
  // No title and no record: he may still not see it.
  platform::notify(tx, user, "join_declined", {}, record.definition().name, 0);
}

}  // namespace kehai::modules
