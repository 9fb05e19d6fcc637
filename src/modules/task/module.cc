#include "modules/task/module.h"

#include "base/language.h"
#include "modules/action_input.h"
#include "modules/by_hand.h"
#include "modules/embedded_definitions.h"
#include "modules/task/reminders.h"
#include "modules/task/repeat.h"
#include "platform/notify/notify.h"
#include "record/engine.h"

namespace kehai::modules {

using record::Draft;
using record::Value;

namespace {

void before_save(record::Tx& tx, record::Change& change) {
  auto& task = *change.after;
  if (change.operation != record::Operation::Delete) check_repeat(tx, change);
  if (change.operation == record::Operation::Create) {
    if (task.is_null("owner_id")) task.set("owner_id", tx.actor().user_id);
    check_named_owner(tx, change);
    const std::string status = task.text("status");
    if (is_by_hand(tx, change.options) && status != "todo" && status != "doing") {
      throw field_error("status", "field.read_only");
    }
  }
  set_reminder(tx, change);
  if (change.operation != record::Operation::Update) return;
  if (change.changed("due_at")) {
    const bool later = !change.before->is_null("due_at") &&
                       task.integer("due_at") > change.before->integer("due_at");
    if (later) task.set("postponed_count", task.integer("postponed_count") + 1);
  }
  if (change.changed("due_at")) task.set("overdue_told_at", Value());
}

void after_save(record::Tx& tx, record::Change& change) {
  const auto& task = *change.after;
  const bool given = change.operation == record::Operation::Create ||
                     (change.operation == record::Operation::Update && change.changed("owner_id"));
  if (given && !change.options.quiet) {
    platform::notify(tx, task.integer("owner_id"), "task_assigned", {{"title", task.text("title")}},
                     "task", task.id());
  }
}

record::Action move(std::string name, base::Labels labels, std::string icon,
                    std::string enabled_when) {
  record::Action action;
  action.object = "task";
  action.name = name;
  action.labels = std::move(labels);
  action.icon = std::move(icon);
  action.enabled_when = std::move(enabled_when);
  if (name == "cancel") {
    action.input = {input_field(
        R"({"name":"reason","type":"text","max_length":200,"label":{"zh-CN":"原因","zh-TW":"原因","en":"Reason"}})")};
  }
  action.run = [name](record::ActionContext& context) {
    Draft draft;
    draft.set("completed_at", name == "complete" ? Value(context.tx.now()) : Value());
    draft.set("cancel_reason", name == "cancel" ? input_value(context.input, "reason") : Value());
    auto& task = *context.record;
    if (name == "reopen") {
      withdraw_next(context.tx, task);
      draft.set("next_task_id", Value());
    }
    if (name == "complete") {
      if (const auto next = create_next(context.tx, task)) draft.set("next_task_id", *next);
    }
    context.tx.transition(task, name, std::move(draft), context.options);
  };
  return action;
}

void transfer(record::ActionContext& context) {
  auto& task = *context.record;
  const std::int64_t owner = input_id(context.input, "owner_id");
  if (task.integer("owner_id") == owner) throw field_error("owner_id", "holding.same_owner");
  check_active_owner(context.tx, owner);
  context.tx.update(task, Draft().set("owner_id", owner), context.options);
}

// What leaves its owner for a pool, or is voided, leaves no work behind.
void close_tasks_of(record::Tx& tx, record::Change& change, const std::string& filter) {
  if (change.operation != record::Operation::Update) return;
  const auto& record = *change.after;
  const bool returned = change.changed("pool_id") && !record.is_null("pool_id") &&
                        !change.before->is_null("owner_id");
  const bool voided = change.changed("status") && record.text("status") == "voided";
  if (!returned && !voided) return;
  const auto reason = tx.engine().texts().text(
      tx.actor().language, returned ? "task.closed_on_return" : "task.closed_on_void");
  constexpr int kMany = 10'000;
  for (auto& task : tx.find_all("task", filter + " and status in ('todo','doing')",
                                {{"record", record::id_value(record.id())}}, "id", kMany)) {
    tx.transition(task, "cancel", Draft().set("cancel_reason", reason));
  }
}

// A reminder was told, or that the task is overdue. No new version: whoever has the task open may
// still save it.
void note_told(record::Tx& tx, const record::Record& task, bool is_overdue) {
  const auto set = [&](const char* column, const Value& value) {
    tx.engine().store().set_column(tx.writer(), "task", "id", task.id(), column, value);
  };
  if (is_overdue) return set("overdue_told_at", tx.now());
  if (const auto next = reminder_after(task, tx.now())) return set("remind_at", *next);
  set("reminded_at", tx.now());
}

// Reminders that have come, or tasks that the end of their day found open: each told once, also
// after the program was down; those that came while it was, as one.
void tell_once(record::Engine& engine, bool is_overdue) {
  const auto actor = record::system_actor("job");
  const std::string mark = is_overdue ? "overdue_told_at" : "reminded_at";
  const std::string filter = "status in ('todo','doing') and " + mark + " eq null and " +
                             (is_overdue ? "due_at lt @until" : "remind_at le @until");
  const std::int64_t now = engine.clock().now();
  const std::int64_t until =
      is_overdue ? engine.zone().start_of_day(engine.zone().local_date(now)) : now;
  const record::ExpressionParameters parameters{
      {"until", query::AliasValue::one({query::Type::Instant, 0}, Value(until))}};
  constexpr int kAtOnce = 200;
  bool more = true;
  while (more) {
    engine.write(
        actor,
        [&](record::Tx& tx) {
          auto due = tx.find_all("task", filter, parameters, "id", kAtOnce);
          more = due.size() == kAtOnce;
          for (auto& task : due) {
            platform::notify(tx, task.integer("owner_id"), is_overdue ? "task_overdue" : "task_due",
                             {{"title", task.text("title")}}, "task", task.id());
            note_told(tx, task, is_overdue);
          }
        },
        db::Lane::Bulk);
  }
}

void remind(record::Engine& engine) {
  tell_once(engine, false);
  tell_once(engine, true);
}

}  // namespace

void register_task(platform::Registrar& registrar) {
  auto& registry = registrar.registry;
  registry.add_definition(embedded_task());
  record::Hooks hooks;
  hooks.object = "task";
  hooks.name = "task";
  hooks.before_save = before_save;
  hooks.after_save = after_save;
  registry.add_hooks(std::move(hooks));
  for (const auto& [object, filter] :
       {std::pair{"lead", "lead_id eq @record"}, std::pair{"account", "account_id eq @record"}}) {
    record::Hooks holder;
    holder.object = object;
    holder.name = "task";
    holder.after_save = [filter = std::string(filter)](record::Tx& tx, record::Change& change) {
      close_tasks_of(tx, change, filter);
    };
    registry.add_hooks(std::move(holder));
  }
  registry.add_action(move("start", {{"开始", "開始", "Start"}}, "play", "status eq 'todo'"));
  registry.add_action(
      move("complete", {{"完成", "完成", "Complete"}}, "check", "status in ('todo','doing')"));
  registry.add_action(
      move("cancel", {{"取消任务", "取消任務", "Cancel task"}}, "x", "status in ('todo','doing')"));
  registry.add_action(move("reopen", {{"重新打开", "重新開啟", "Reopen"}}, "rotate-ccw",
                           "status in ('done','cancelled')"));
  registrar.schedules.push_back({"task.remind", 15'000, remind});
  record::Action hand_over;
  hand_over.object = "task";
  hand_over.name = "transfer";
  hand_over.labels = {{"转移", "移轉", "Transfer"}};
  hand_over.icon = "arrow-right-left";
  hand_over.enabled_when = "status in ('todo','doing')";
  hand_over.input = {input_field(
      R"({"name":"owner_id","type":"user","required":true,"label":{"zh-CN":"负责人","zh-TW":"負責人","en":"Owner"}})")};
  hand_over.run = transfer;
  registry.add_action(std::move(hand_over));
}

}  // namespace kehai::modules
