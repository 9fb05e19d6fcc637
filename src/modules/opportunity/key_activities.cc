#include "modules/opportunity/key_activities.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "base/json.h"
#include "db/table.h"
#include "modules/action_input.h"
#include "query/parser.h"
#include "record/field_reader.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;

namespace {

const db::Table kDone("key_activity_done");

struct Tick {
  std::int64_t by = 0;
  std::int64_t at = 0;
};
using Ticks = std::map<std::pair<std::int64_t, std::string>, Tick>;  // by stage and name

Ticks ticks_of(db::Reader& reader, record::RecordId deal) {
  Ticks out;
  kDone.select_each(
      reader,
      {{"stage_id", "name", "done_by", "done_at"},
       {{"opportunity_id", db::Compare::Equal, deal}},
       {},
       0,
       false},
      [&](const db::Row& row) {
        out[{row.get_int(0), std::string(row.get_text(1))}] = {row.get_int(2), row.get_int(3)};
      });
  return out;
}

// What a deal that leaves `from` for `target` has to have done: the activities of the stage that
// it leaves and of those that it passes over.
bool owes(const record::Record& stage, const record::Record* from, const record::Record& target) {
  if (stage.text("kind") != "open") return false;
  const std::int64_t position = stage.integer("position");
  if (target.text("kind") == "open" && position >= target.integer("position")) return false;
  if (from != nullptr && stage.id() == from->id()) return true;
  if (stage.integer("is_optional") != 0) return false;
  return from == nullptr || position > from->integer("position");
}

record::Record stage_of_input(record::ActionContext& context) {
  const auto& deal = *context.record;
  if (deal.text("status") != "open") {
    throw Error(ErrorKind::Conflict, "opportunity.bad_transition",
                {{"action", "tick_activity"}, {"status", deal.text("status")}});
  }
  const std::int64_t given = input_id(context.input, "stage_id");
  const auto stage = context.tx.find("stage", given == 0 ? deal.integer("stage_id") : given);
  if (!stage || stage->integer("pipeline_id") != deal.integer("pipeline_id"))
    throw field_error("stage_id", "opportunity.stage_of_other_pipeline");
  const auto& known = stage->many("key_activities");
  const std::string name = input_text(context.input, "name");
  const bool has = std::any_of(known.begin(), known.end(),
                               [&](const auto& activity) { return activity.as_text() == name; });
  if (!has) throw field_error("name", "opportunity.unknown_activity");
  return *stage;
}

// The deal itself stays as it is; whoever looks at it is told.
void changed(record::ActionContext& context, std::string_view action) {
  context.tx.audit(*context.record, action, {{"reason", input_text(context.input, "name")}});
  record::Event event;
  event.kind = "updated";
  event.object = "opportunity";
  event.record_id = context.record->id();
  event.version = context.record->version();
  context.tx.emit(std::move(event));
}

void tick(record::ActionContext& context) {
  auto& tx = context.tx;
  const auto stage = stage_of_input(context);
  const bool is_new =
      kDone.insert_if_absent(tx.writer(), {{"opportunity_id", context.record->id()},
                                           {"stage_id", stage.id()},
                                           {"name", input_text(context.input, "name")},
                                           {"done_by", tx.actor().user_id},
                                           {"done_at", tx.now()}});
  if (!is_new) return;
  if (!context.record->is_null("stagnant_since"))
    tx.update(*context.record, record::Draft().set("stagnant_since", record::Value()));
  changed(context, "tick_activity");
}

void untick(record::ActionContext& context) {
  const auto stage = stage_of_input(context);
  const std::string name = input_text(context.input, "name");
  const auto gone = kDone.erase(context.tx.writer(),
                                {{"opportunity_id", db::Compare::Equal, context.record->id()},
                                 {"stage_id", db::Compare::Equal, stage.id()},
                                 {"name", db::Compare::Equal, name}});
  if (gone > 0) changed(context, "untick_activity");
}

record::Action ticking(const char* name, base::Labels labels, const char* icon,
                       void (*run)(record::ActionContext&)) {
  record::Action action;
  action.object = "opportunity";
  action.name = name;
  action.right = "move_stage";
  action.labels = std::move(labels);
  action.icon = icon;
  action.bulk = false;
  action.enabled_when = "status eq 'open'";
  action.input = {
      input_field(
          R"({"name":"name","type":"text","max_length":120,"required":true,"label":{"zh-CN":"关键活动","zh-TW":"關鍵活動","en":"Key activity"}})"),
      input_field(
          R"({"name":"stage_id","type":"reference","target":"stage","label":{"zh-CN":"阶段","zh-TW":"階段","en":"Stage"}})")};
  action.run = run;
  return action;
}

void write_activity(base::JsonWriter& writer, record::Engine& engine, const record::Actor& actor,
                    const std::string& name, const Tick* tick) {
  writer.begin_object().key("name").text(name).key("done").boolean(tick != nullptr);
  writer.key("at");
  tick == nullptr ? writer.null() : writer.text(base::format_instant(tick->at));
  writer.key("by");
  if (tick == nullptr) {
    writer.null();
  } else {
    const auto names = engine.titles(actor, "user", {tick->by});
    const auto known = names.find(tick->by);
    writer.begin_object().key("id").integer(tick->by).key("name");
    writer.text(known == names.end() ? std::string(record::kVeil) : known->second).end_object();
  }
  writer.end_object();
}

}  // namespace

void check_key_activities(record::Tx& tx, const Stages& stages, record::RecordId deal,
                          const record::Record* from, const record::Record& target) {
  const Ticks done = ticks_of(tx.writer(), deal);
  base::JsonArray missing;
  std::string names;
  std::string first_stage;
  for (const auto& stage : stages.all()) {
    if (!owes(stage, from, target)) continue;
    base::JsonArray open;
    for (const auto& activity : stage.many("key_activities")) {
      const std::string name(activity.as_text());
      if (done.contains({stage.id(), name})) continue;
      open.emplace_back(name);
      names += (names.empty() ? "" : "、") + name;
    }
    if (open.empty()) continue;
    if (first_stage.empty()) first_stage = stage.text("name");
    missing.emplace_back(base::JsonObject{
        {"stage_id", stage.id()}, {"stage", stage.text("name")}, {"activities", std::move(open)}});
  }
  if (missing.empty()) return;
  throw Error(ErrorKind::Conflict, "opportunity.activities_missing",
              {{"stage", first_stage}, {"activities", names}})
      .with_data(boost::json::serialize(base::JsonObject{{"missing", std::move(missing)}}));
}

std::int64_t last_ticked_at(record::Tx& tx, record::RecordId deal) {
  std::int64_t last = 0;
  for (const auto& [key, tick] : ticks_of(tx.writer(), deal)) last = std::max(last, tick.at);
  return last;
}

std::string key_activities_json(record::Engine& engine, const record::Actor& actor,
                                record::RecordId id) {
  const auto deal = engine.read(actor, "opportunity", id);
  Ticks done;
  engine.database().read([&](db::Reader& reader) { done = ticks_of(reader, id); });
  record::ListRequest request;
  request.default_top = 500;
  request.default_order = "position asc";
  request.options.filter = query::parse_expression("kind eq 'open' and pipeline_id eq " +
                                                   std::to_string(deal.integer("pipeline_id")));
  std::vector<record::Record> stages;
  engine.list_typed(actor, "stage", request,
                    [&](const record::TypedRow& row) { stages.push_back(row.record); });
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object().key("value").begin_array();
  for (const auto& stage : stages) {
    const auto& activities = stage.many("key_activities");
    if (activities.empty()) continue;
    writer.begin_object().key("stage").begin_object().key("id").integer(stage.id());
    writer.key("name").text(stage.text("name")).end_object().key("activities").begin_array();
    for (const auto& activity : activities) {
      const std::string name(activity.as_text());
      const auto found = done.find({stage.id(), name});
      write_activity(writer, engine, actor, name, found == done.end() ? nullptr : &found->second);
    }
    writer.end_array().end_object();
  }
  writer.end_array().end_object();
  return out;
}

void add_key_activities(record::Registry& registry) {
  registry.add_table({"key_activity_done",
                      {{"opportunity_id", false, true},
                       {"stage_id", false, true},
                       {"name", true, true},
                       {"done_by", false, true},
                       {"done_at", false, true}},
                      {"opportunity_id", "stage_id", "name"},
                      {},
                      false});
  registry.add_action(ticking("tick_activity",
                              {{"完成关键活动", "完成關鍵活動", "Key activity done"}},
                              "square-check", tick));
  registry.add_action(ticking("untick_activity",
                              {{"取消关键活动", "取消關鍵活動", "Key activity not done"}}, "square",
                              untick));
}

}  // namespace kehai::modules
