#include "modules/task/module.h"

#include "modules/action_input.h"
#include "modules/embedded_definitions.h"
#include "platform/notify/notify.h"
#include "record/engine.h"

namespace kehai::modules {

using record::Draft;
using record::Value;

namespace {

void before_save(record::Tx& tx, record::Change& change) {
  auto& task = *change.after;
  if (change.operation == record::Operation::Create) {
    if (task.is_null("owner_id")) task.set("owner_id", tx.actor().user_id);
    if (task.is_null("remind_at") && !task.is_null("due_at")) task.set("remind_at", task.get("due_at"));
  }
  if (change.operation == record::Operation::Update && change.changed("due_at")) {
    const bool later = !change.before->is_null("due_at") && task.integer("due_at") > change.before->integer("due_at");
    if (later) task.set("postponed_count", task.integer("postponed_count") + 1);
    if (!change.changed("remind_at")) task.set("remind_at", task.get("due_at"));
    task.set("reminded_at", Value());
  }
}

record::Action move(std::string name, base::Labels labels, std::string icon, std::string enabled_when) {
  record::Action action;
  action.object = "task";
  action.name = name;
  action.labels = std::move(labels);
  action.icon = std::move(icon);
  action.right = "edit";
  action.enabled_when = std::move(enabled_when);
  action.run = [name](record::ActionContext& context) {
    Draft draft;
    draft.set("completed_at", name == "complete" ? Value(context.tx.now()) : Value());
    context.tx.transition(*context.record, name, std::move(draft), context.options);
  };
  return action;
}

void transfer(record::ActionContext& context) {
  const auto person = context.tx.find("user", input_id(context.input, "owner_id"));
  if (!person || person->text("status") != "active") throw field_error("owner_id", "holding.owner_not_active");
  context.tx.update(*context.record, Draft().set("owner_id", person->id()), context.options);
}

// Tasks whose reminder has come; each told once, also after the program was down.
void remind(record::Engine& engine) {
  record::Actor actor;
  actor.system = true;
  actor.via = "job";
  constexpr int kAtOnce = 200;
  bool more = true;
  while (more) {
    engine.write(
        actor,
        [&](record::Tx& tx) {
          auto due = tx.find_all("task", "status in ('todo','doing') and remind_at le @now and reminded_at eq null", {},
                                 "remind_at asc", kAtOnce);
          more = due.size() == kAtOnce;
          for (auto& task : due) {
            platform::notify(tx, task.integer("owner_id"), "task_due", {{"title", task.text("title")}}, "task", task.id());
            tx.update(task, Draft().set("reminded_at", tx.now()));
          }
        },
        db::Lane::Bulk);
  }
}

}  // namespace

void register_task(platform::Registrar& registrar) {
  auto& registry = registrar.registry;
  registry.add_definition(embedded_task());
  record::Hooks hooks;
  hooks.object = "task";
  hooks.name = "task";
  hooks.before_save = before_save;
  registry.add_hooks(std::move(hooks));
  registry.add_action(move("start", {{"开始", "開始", "Start"}}, "play", "status eq 'todo'"));
  registry.add_action(move("complete", {{"完成", "完成", "Complete"}}, "check", "status in ('todo','doing')"));
  registry.add_action(move("cancel", {{"取消任务", "取消任務", "Cancel task"}}, "x", "status in ('todo','doing')"));
  registry.add_action(move("reopen", {{"重新打开", "重新開啟", "Reopen"}}, "rotate-ccw", "status in ('done','cancelled')"));
  registrar.schedules.push_back({"task.remind", 15'000, remind});
  record::Action hand_over;
  hand_over.object = "task";
  hand_over.name = "transfer";
  hand_over.labels = {{"转移", "移轉", "Transfer"}};
  hand_over.icon = "arrow-right-left";
  hand_over.right = "edit";
  hand_over.enabled_when = "status in ('todo','doing')";
  hand_over.input = {input_field(
      R"({"name":"owner_id","type":"user","required":true,"label":{"zh-CN":"负责人","zh-TW":"負責人","en":"Owner"}})")};
  hand_over.run = transfer;
  registry.add_action(std::move(hand_over));
}

}  // namespace kehai::modules
