// Actions and hooks of teams, for every object with members.
#include "base/error.h"
#include "modules/action_input.h"
#include "modules/team/merging.h"
#include "modules/team/requests.h"
#include "modules/team/team.h"
#include "platform/access/access.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;
using platform::Member;
using record::Value;

namespace {

void require_manager(record::ActionContext& context) {
  if (!may_manage_team(context.tx.engine(), context.tx.actor(), *context.record))
    throw Error(ErrorKind::Forbidden, "access.denied");
}

const record::Values& people_of(const record::ActionContext& context) {
  return context.input.many.at("user_ids");
}

// Adds people, or gives those who are members another access or end.
void add(record::ActionContext& context) {
  require_manager(context);
  auto& tx = context.tx;
  const auto& end = input_value(context.input, "expires_at");
  if (!end.is_null() && end.as_int() <= tx.now()) throw field_error("expires_at", "field.past");
  for (const auto& person : people_of(context)) {
    Member member;
    member.user_id = person.as_int();
    member.access = platform::parse_member_access(input_text(context.input, "access"))
                        .value_or(platform::MemberAccess::Read);
    if (!end.is_null()) member.expires_at = end.as_int();
    put_member(tx, *context.record, member, "user_ids");
  }
}

void remove(record::ActionContext& context) {
  require_manager(context);
  for (const auto& person : people_of(context))
    remove_member(context.tx, *context.record, person.as_int());
}

void leave(record::ActionContext& context) {
  if (!remove_member(context.tx, *context.record, context.tx.actor().user_id))
    throw Error(ErrorKind::Conflict, "member.is_none");
}

// Without an owner there is no team, unless who gave the record back kept it (domain 3.2); an owner
// is no member.
void follow_owner(record::Tx& tx, record::Change& change) {
  if (change.operation != record::Operation::Update &&
      change.operation != record::Operation::Restore)
    return;
  if (!change.changed("owner_id")) return;
  const auto& record = *change.after;
  if (!record.is_null("owner_id")) {
    remove_member(tx, record, record.integer("owner_id"));
    return;
  }
  forget_join_requests(tx.writer(), record.id());
  const auto* kept = change.options.options.if_contains(kKeepTeam);
  if (kept != nullptr && kept->is_bool() && kept->get_bool()) return;
  for (const auto& member : platform::members_of(tx.writer(), record.id()))
    remove_member(tx, record, member.user_id);
}

record::Action action(const std::string& object, std::string name, base::Labels labels,
                      std::string icon, std::vector<record::FieldDefinition> input,
                      void (*run)(record::ActionContext&)) {
  record::Action value;
  value.object = object;
  value.name = std::move(name);
  value.labels = std::move(labels);
  value.icon = std::move(icon);
  // Whoever reads the record may ask; who may do it is no matter of a right alone.
  value.right = "read";
  value.input = std::move(input);
  value.listed = false;
  value.run = run;
  return value;
}

void add_actions(record::Registry& registry, const std::string& object) {
  const auto people = input_field(
      R"({"name":"user_ids","type":"user","multiple":true,"required":true,"label":{"zh-CN":"成员","zh-TW":"成員","en":"Members"}})");
  const auto access = input_field(
      R"({"name":"access","type":"select","label":{"zh-CN":"权限","zh-TW":"權限","en":"Access"},"options":[{"value":"read","label":{"zh-CN":"只读","zh-TW":"唯讀","en":"Read"}},{"value":"edit","label":{"zh-CN":"可编辑","zh-TW":"可編輯","en":"Edit"}}]})");
  const auto end = input_field(
      R"({"name":"expires_at","type":"datetime","label":{"zh-CN":"有效期至","zh-TW":"有效期至","en":"Until"}})");
  registry.add_action(action(object, "add_members",
                             {{"添加团队成员", "新增團隊成員", "Add team members"}}, "user-plus",
                             {people, access, end}, add));
  registry.add_action(action(object, "remove_members",
                             {{"移除团队成员", "移除團隊成員", "Remove team members"}},
                             "user-minus", {people}, remove));
  const auto person = input_field(
      R"({"name":"user_id","type":"user","required":true,"label":{"zh-CN":"申请人","zh-TW":"申請人","en":"Who asked"}})");
  const auto answer = input_field(
      R"({"name":"answer","type":"select","required":true,"label":{"zh-CN":"答复","zh-TW":"答覆","en":"Answer"},"options":[{"value":"read","label":{"zh-CN":"同意，只读","zh-TW":"同意，唯讀","en":"Yes, reads"}},{"value":"edit","label":{"zh-CN":"同意，可编辑","zh-TW":"同意，可編輯","en":"Yes, edits"}},{"value":"decline","label":{"zh-CN":"拒绝","zh-TW":"拒絕","en":"No"}}]})");
  auto reply =
      action(object, "answer_join", {{"答复加入申请", "答覆加入申請", "Answer who asks to join"}},
             "user-check", {person, answer}, answer_join);
  reply.bulk = false;
  registry.add_action(std::move(reply));
  const auto note = input_field(
      R"({"name":"note","type":"text","max_length":200,"label":{"zh-CN":"说明","zh-TW":"說明","en":"Note"}})");
  auto ask =
      action(object, "ask_to_join", {{"申请加入团队", "申請加入團隊", "Ask to join the team"}},
             "user-plus", {access, note}, ask_to_join_visible);
  ask.bulk = false;
  ask.enabled_when = "owner_id ne null and owner_id ne @me";
  registry.add_action(std::move(ask));
  registry.add_action(action(object, "leave_team", {{"退出团队", "退出團隊", "Leave the team"}},
                             "log-out", {}, leave));
}

}  // namespace

void register_team(platform::Registrar& registrar) {
  auto& registry = registrar.registry;
  registry.add_table(join_request_table());
  for (const auto& object : registry.definitions()) {
    if (!object.members) continue;
    add_actions(registry, object.name);
    record::Hooks hooks;
    hooks.object = object.name;
    hooks.name = "team";
    hooks.after_save = follow_owner;
    registry.add_hooks(std::move(hooks));
    add_team_merge_rules(registrar, object.name);
  }
}

}  // namespace kehai::modules
