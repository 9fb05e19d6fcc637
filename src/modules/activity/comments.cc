#include "modules/activity/comments.h"

#include <algorithm>

#include "base/error.h"
#include "modules/action_input.h"
#include "modules/embedded_definitions.h"
#include "platform/notify/notify.h"
#include "record/engine.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;
using record::Draft;

namespace {

constexpr std::int64_t kTakenBack = 86'400'000;  // the author may take a comment back for 24 hours
// What decides who reads a follow-up; its owner's department follows the owner.
constexpr const char* kAccessColumns[] = {"owner_id", "parent_owner_id", "account_id", "lead_id",
                                          "opportunity_id"};

void check_deletion(record::Tx& tx, const record::Record& comment) {
  if (tx.actor().system || tx.is_erasing(comment.integer("activity_id"))) return;
  if (comment.integer("created_by") != tx.actor().user_id ||
      tx.now() - comment.integer("created_at") > kTakenBack) {
    throw Error(ErrorKind::Conflict, "activity_comment.stays");
  }
}

void before_save(record::Tx& tx, record::Change& change) {
  auto& comment = *change.after;
  if (change.operation == record::Operation::Delete) return check_deletion(tx, *change.before);
  if (change.operation == record::Operation::Update) {
    const bool says_else =
        change.changed("content") || change.changed("activity_id") || change.changed("mention_ids");
    if (says_else) throw Error(ErrorKind::Conflict, "activity_comment.is_fixed");
    return;
  }
  if (comment.is_null("activity_id")) return;  // told as a required field
  const auto activity = tx.find("activity", comment.integer("activity_id"));
  if (!activity) throw field_error("activity_id", "field.reference_not_found");
  for (const auto* column : kAccessColumns) comment.set(column, activity->get(column));
}

// How many there are stands in the follow-up, so that no timeline counts.
// Nothing when the follow-up goes, too.
std::optional<record::Record> keep_count(record::Tx& tx, std::int64_t activity_id) {
  if (tx.is_erasing(activity_id)) return std::nullopt;
  // First the lock, then the look: of two comments at once neither is forgotten.
  const auto activity = tx.find("activity", activity_id, record::Lock::ForUpdate, true);
  if (!activity) return std::nullopt;
  const auto count = tx.count("activity_comment", "activity_id eq @activity",
                              {{"activity", record::id_value(activity_id)}});
  if (activity->integer("comment_count") != count)
    tx.set_derived(*activity, "comment_count", record::Value(count));
  return activity;
}

// Whoever is named hears of it, and the author of the follow-up; nobody twice.
void after_save(record::Tx& tx, record::Change& change) {
  if (change.operation == record::Operation::Update) return;
  const auto activity = keep_count(tx, change.after->integer("activity_id"));
  if (change.operation != record::Operation::Create) return;
  const auto& comment = *change.after;
  const auto about = comment.integer("activity_id");
  const base::Params by{{"name", tx.actor().name}};
  const auto& named = comment.many("mention_ids");
  for (const auto& person : named)
    platform::notify(tx, person.as_int(), "comment_mentioned", by, "activity", about);
  if (!activity) return;
  const auto& author = activity->get("created_by");
  if (std::find(named.begin(), named.end(), author) == named.end())
    platform::notify(tx, author.int_or(0), "commented", by, "activity", about);
}

db::Breaches strayed(db::Reader& reader) {
  db::Partner activity{"activity", {{"activity_id", "id"}}, {}};
  for (const auto* column : kAccessColumns) activity.pairs.push_back({column, column, true});
  return db::without_partner(
      reader, {"activity_comment", {{"deleted_at", db::Compare::IsNull, {}}}}, {activity});
}

}  // namespace

void follow_activity(record::Tx& tx, const record::Change& change) {
  if (change.operation != record::Operation::Update) return;
  Draft draft;
  for (const auto* column : kAccessColumns) {
    if (change.changed(column)) draft.set(column, change.after->get(column));
  }
  if (draft.values.empty()) return;
  constexpr int kMany = 10'000;
  for (auto& comment :
       tx.find_all("activity_comment", "activity_id eq @activity",
                   {{"activity", record::id_value(change.after->id())}}, "id", kMany)) {
    tx.update(comment, draft);
  }
}

void register_comments(platform::Registrar& registrar) {
  auto& registry = registrar.registry;
  registry.add_definition(embedded_activity_comment());
  record::Hooks hooks;
  hooks.object = "activity_comment";
  hooks.name = "activity_comment";
  hooks.before_save = before_save;
  hooks.after_save = after_save;
  registry.add_hooks(std::move(hooks));
  registry.add_invariant(
      {"activity_comment: who reads it is not who reads its follow-up", strayed});
  registrar.merge_rules->add(platform::OwnerCopy{"activity_comment", "account_id", ""});
  registrar.merge_rules->add(platform::OwnerCopy{"activity_comment", "lead_id", "account_id"});
}

}  // namespace kehai::modules
