#include "modules/territory/module.h"

#include <algorithm>

#include "base/error.h"
#include "modules/action_input.h"
#include "modules/embedded_definitions.h"
#include "modules/territory/territories.h"
#include "platform/access/access.h"
#include "record/engine.h"
#include "record/tx.h"

namespace kehai::modules {

namespace {

using record::Change;
using record::Operation;
using record::Tx;

// A territory lies neither in itself nor in one that lies in it.
void guard_territory(Tx& tx, Change& change) {
  if (change.operation == Operation::Delete || !change.changed("parent_id")) return;
  tx.writer().lock("territory", "");
  const auto above = path_up(read_territories(tx.writer()), change.after->integer("parent_id"));
  if (std::find(above.begin(), above.end(), change.after->id()) != above.end())
    throw field_error("parent_id", "territory.cycle");
}

// Who is responsible for a place: for integrations, and for whoever sets territories up.
void resolve(record::ActionContext& context) {
  auto& tx = context.tx;
  const auto region = static_cast<std::uint32_t>(input_id(context.input, "region_id"));
  const auto found = resolve_region(read_territories(tx.writer()), region);
  base::JsonObject result;
  result["territory"] = nullptr;
  if (const auto record = found == 0 ? std::nullopt : tx.find("territory", found)) {
    base::JsonObject territory;
    territory["id"] = record->id();
    territory["name"] = record->text("name");
    territory["manager_id"] =
        record->is_null("manager_id") ? base::Json() : base::Json(record->integer("manager_id"));
    result["territory"] = std::move(territory);
  }
  context.result = boost::json::serialize(result);
}

record::Action resolve_action() {
  record::Action action;
  action.object = "territory";
  action.name = "resolve";
  action.labels = {{"查询所属区域", "查詢所屬區域", "Find the territory of a place"}};
  action.icon = "map-pin";
  action.right = "read";
  action.on_collection = true;
  action.listed = false;
  action.input = {input_field(
      R"({"name":"region_id","type":"region","required":true,"label":{"zh-CN":"地区","zh-TW":"地區","en":"Region"}})")};
  action.run = resolve;
  return action;
}

}  // namespace

void register_territory(platform::Registrar& registrar) {
  auto& registry = registrar.registry;
  registry.add_definition(embedded_territory());
  record::Hooks hooks;
  hooks.object = "territory";
  hooks.name = "territory";
  hooks.before_save = guard_territory;
  // Who belongs to a territory may be a member of a pool: membership decides about access.
  hooks.after_save = [](Tx& tx, Change&) {
    platform::access_of(tx.engine()).bump_epoch(tx.writer());
  };
  registry.add_hooks(std::move(hooks));
  registry.add_action(resolve_action());
}

}  // namespace kehai::modules
