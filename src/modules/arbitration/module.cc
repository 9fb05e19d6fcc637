#include "modules/arbitration/module.h"

#include "base/error.h"
#include "db/row_checks.h"
#include "modules/action_input.h"
#include "modules/arbitration/decision.h"
#include "modules/arbitration/disputes.h"
#include "modules/embedded_definitions.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;

namespace {

// Who has the record and what he did there, the claimant does not learn (domain 5.3).
const std::vector<std::string> kVeiledFromClaimant = {
    "lead_id",    "account_id",           "holder_id",
    "decider_id", "claimant_followed_at", "holder_followed_at",
    "proposal"};

// Who saw the record when he disputed it knows whose it is.
const std::vector<std::string> kVeiledFromSeeing = {"decider_id", "claimant_followed_at",
                                                    "holder_followed_at", "proposal"};

std::vector<record::Branch> branches(const record::Actor& actor,
                                     const record::ObjectDefinition& object,
                                     std::string_view right) {
  if (object.name != "arbitration") return {};
  const std::vector<std::int64_t> me = {actor.user_id};
  const record::Branch claimant{"claimant_id", me, kVeiledFromClaimant};
  const record::Branch seeing{"seeing_claimant_id", me, kVeiledFromSeeing};
  const record::Branch holder{"holder_id", me, {}};
  const record::Branch decider{"decider_id", me, {}};
  if (right == "read" || right == "export") return {claimant, seeing, holder, decider};
  if (right == "decide") return {decider};
  if (right == "withdraw") return {claimant};
  return {};
}

void before_save(record::Tx& tx, record::Change& change) {
  using record::Operation;
  // Disputes come from records and hits, with all that follows; nobody types one in.
  if (change.operation == Operation::Create && change.options.entry == "import")
    throw Error(ErrorKind::Forbidden, "access.denied");
  if (change.operation == Operation::Delete && change.before->text("status") == "open" &&
      !tx.actor().system) {
    throw Error(ErrorKind::Conflict, "arbitration.still_open");
  }
}

void arbitrate(record::ActionContext& context) {
  Plea plea;
  plea.evidence = input_text(context.input, "evidence");
  plea.lead_id = input_id(context.input, "lead_id");
  plea.sees_record = true;
  const auto dispute = raise_dispute(context.tx, *context.record, plea);
  context.result = "{\"arbitration_id\":" + std::to_string(dispute.id()) + "}";
}

void add_arbitrate(record::Registry& registry, const std::string& object) {
  record::Action action;
  action.object = object;
  action.name = "arbitrate";
  action.labels = {{"撞单仲裁", "撞單仲裁", "Dispute the ownership"}};
  action.icon = "scale";
  action.right = "read";
  action.needs = "create";
  action.enabled_when = "owner_id ne null and owner_id ne @me";
  if (object == "lead") action.enabled_when += " and status in ('pending','following','invalid')";
  action.bulk = false;
  action.listed = false;  // for whom the record is somebody else's: the team says so
  action.input = plea_fields();
  action.run = arbitrate;
  registry.add_action(std::move(action));
}

void add_ends(record::Registry& registry, std::shared_ptr<const Holding> holding) {
  record::Action decision;
  decision.object = "arbitration";
  decision.name = "decide";
  decision.labels = {{"裁决", "裁決", "Decide"}};
  decision.icon = "scale";
  decision.enabled_when = "status eq 'open'";
  decision.input = decision_fields();
  decision.bulk = false;
  decision.run = [holding](record::ActionContext& context) { decide(context, *holding); };
  registry.add_action(std::move(decision));
  record::Action back;
  back.object = "arbitration";
  back.name = "withdraw";
  back.labels = {{"撤回", "撤回", "Withdraw"}};
  back.icon = "undo-2";
  back.enabled_when = "status eq 'open' and claimant_id eq @me";
  back.danger = true;
  back.bulk = false;
  back.run = withdraw;
  registry.add_action(std::move(back));
}

// What is marked has an open dispute, and the other way round.
void add_invariants(record::Registry& registry, const std::string& object) {
  const db::Condition living{"deleted_at", db::Compare::IsNull, {}};
  const db::Condition marked{"is_disputed", db::Compare::Equal, 1};
  const db::Condition open{"status", db::Compare::Equal, "open"};
  registry.add_invariant(
      {object + ": marked as disputed without an open dispute", [=](db::Reader& reader) {
         return db::without_partner(reader, {object, {living, marked}},
                                    {{"arbitration", {{"id", object + "_id"}}, {living, open}}});
       }});
  registry.add_invariant(
      {"arbitration: open about a " + object + " that is not marked", [=](db::Reader& reader) {
         const db::Condition about{object + "_id", db::Compare::IsNotNull, {}};
         return db::without_partner(reader, {"arbitration", {living, open, about}},
                                    {{object, {{object + "_id", "id"}}, {marked}}});
       }});
}

}  // namespace

void register_arbitration(platform::Registrar& registrar, std::shared_ptr<const Holding> holding) {
  auto& registry = registrar.registry;
  registry.add_definition(embedded_arbitration());
  registry.add_branch_provider(branches);
  record::Hooks hooks;
  hooks.object = "arbitration";
  hooks.name = "arbitration";
  hooks.before_save = before_save;
  registry.add_hooks(std::move(hooks));
  for (const auto& kind : holding->kinds()) {
    add_arbitrate(registry, kind->object);
    add_invariants(registry, kind->object);
  }
  add_ends(registry, holding);
  registrar.schedules.push_back({"arbitration.overdue", 60'000, tell_overdue});
}

}  // namespace kehai::modules
