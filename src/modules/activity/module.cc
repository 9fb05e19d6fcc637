#include "modules/activity/module.h"

#include <algorithm>

#include "base/error.h"
#include "base/text/utf8.h"
#include "modules/action_input.h"
#include "modules/activity/comments.h"
#include "modules/by_hand.h"
#include "modules/embedded_definitions.h"
#include "platform/access/memberships.h"
#include "platform/notify/notify.h"
#include "record/engine.h"

namespace kehai::modules {

using base::Error;
using base::ErrorKind;
using record::Draft;
using record::Value;

namespace {

constexpr std::int64_t kEditable = 86'400'000;     // the author may change an entry for 24 hours
constexpr std::int64_t kClockTolerance = 300'000;  // five minutes of a phone's clock running ahead
constexpr std::int64_t kBackdated = 7 * 86'400'000LL;
constexpr std::size_t kEffectiveCharacters = 10;
constexpr const char* kTargets[] = {"lead", "opportunity", "contact", "account"};

// Everything hangs on the customer in the end: a follow-up on a contact or deal is one on its
// account as well.
void complete_targets(record::Tx& tx, record::Record& activity) {
  if (activity.is_null("account_id")) {
    for (const auto* via : {"opportunity", "contact"}) {
      const std::string field = std::string(via) + "_id";
      if (activity.is_null(field)) continue;
      if (const auto record = tx.find(via, activity.integer(field)))
        activity.set("account_id", record->get("account_id"));
      if (!activity.is_null("account_id")) break;
    }
  }
  Value owner;
  for (const auto* target : {"account", "lead"}) {
    const std::string field = std::string(target) + "_id";
    if (activity.is_null(field)) continue;
    if (const auto record = tx.find(target, activity.integer(field), record::Lock::None, true)) {
      owner = record->get("owner_id");
      break;
    }
  }
  activity.set("parent_owner_id", owner);
}

// The author must be allowed to see what he writes about; a hidden target is the same as none.
void check_target_access(record::Tx& tx, const record::Record& activity) {
  for (const auto* target : kTargets) {
    const std::string field = std::string(target) + "_id";
    if (activity.is_null(field) || tx.actor().system) continue;
    if (!tx.engine().can_see(tx.writer(), tx.actor(), tx.schema().at(target),
                             activity.integer(field))) {
      throw field_error(field, "field.reference_not_found");
    }
  }
}

// What was said stays said: its author may change it or take it back for a day, afterwards only
// correct it with another follow-up. What goes with its record is nobody's doing.
void check_editable(record::Tx& tx, const record::Change& change) {
  if (tx.actor().system || change.operation == record::Operation::Create) return;
  const auto& before = *change.before;
  if (change.operation == record::Operation::Update &&
      (change.options.entry == "convert" || change.changed("parent_owner_id") ||
       change.changed("owner_id")))
    return;
  const bool is_fresh = tx.now() - before.integer("created_at") <= kEditable;
  if (change.operation != record::Operation::Restore &&
      (!is_fresh || before.integer("created_by") != tx.actor().user_id))
    throw Error(ErrorKind::Conflict, "activity.no_longer_editable");
}

// A correction says which follow-up of its author it corrects, about the same record, and stands
// wherever that one stands: what was said of a lead belongs to its customer, too, once it is one.
void follow_corrected(record::Tx& tx, record::Record& activity) {
  if (activity.is_null("corrects_id")) return;
  const auto corrected = tx.find("activity", activity.integer("corrects_id"));
  const bool is_own = corrected && corrected->integer("created_by") == tx.actor().user_id;
  const bool is_here =
      is_own && std::any_of(std::begin(kTargets), std::end(kTargets), [&](const char* target) {
        const std::string column = std::string(target) + "_id";
        return !activity.is_null(column) && activity.get(column) == corrected->get(column);
      });
  if (!is_here) throw field_error("corrects_id", "activity.cannot_correct");
  for (const auto* target : kTargets) {
    const std::string column = std::string(target) + "_id";
    if (activity.is_null(column)) activity.set(column, corrected->get(column));
  }
}

void before_save(record::Tx& tx, record::Change& change) {
  auto& activity = *change.after;
  check_editable(tx, change);
  if (change.operation == record::Operation::Delete) return;
  if (change.operation == record::Operation::Create) {
    const bool has_target = std::any_of(
        std::begin(kTargets), std::end(kTargets),
        [&](const char* target) { return !activity.is_null(std::string(target) + "_id"); });
    if (!has_target) throw field_error("account_id", "activity.target_required");
    if (change.options.entry != "convert") check_target_access(tx, activity);
    if (activity.is_null("owner_id")) activity.set("owner_id", tx.actor().user_id);
    // Nobody writes in another's name.
    if (is_by_hand(tx, change.options) && activity.integer("owner_id") != tx.actor().user_id) {
      throw field_error("owner_id", "holding.may_not_assign");
    }
    if (activity.is_null("happened_at")) activity.set("happened_at", tx.now());
    follow_corrected(tx, activity);
  } else if (change.changed("corrects_id")) {
    throw field_error("corrects_id", "field.read_only");
  }
  const bool is_dated =
      change.operation == record::Operation::Create || change.changed("happened_at");
  if (is_dated && activity.integer("happened_at") > tx.now() + kClockTolerance) {
    throw field_error("happened_at", "activity.in_the_future");
  }
  if (is_dated && activity.integer("happened_at") > tx.now()) activity.set("happened_at", tx.now());
  const std::int64_t written_at =
      activity.is_null("created_at") ? tx.now() : activity.integer("created_at");
  activity.set("is_backdated", written_at - activity.integer("happened_at") > kBackdated ? 1 : 0);
  if (!activity.is_null("next_contact_at") && change.changed("next_contact_at") &&
      activity.integer("next_contact_at") < activity.integer("happened_at")) {
    throw field_error("next_contact_at", "activity.next_before_this");
  }
  complete_targets(tx, activity);
}

// Work on the record is what its owner does, and a member who may change it.
bool is_by_its_people(record::Tx& tx, const record::Record& activity,
                      const record::Record& target) {
  const std::int64_t author = activity.integer("owner_id");
  return author == target.integer("owner_id") ||
         (target.definition().members &&
          platform::edits_as_member(tx.writer(), target.id(), author, tx.now()));
}

// Said in earnest and written down in time.
bool is_valid(const record::Record& activity) {
  return activity.integer("is_failed_attempt") == 0 && activity.integer("is_backdated") == 0 &&
         text::count_code_points(activity.text("content")) >= kEffectiveCharacters;
}

// What keeps a record from going back to the pool: a valid one by its people.
bool is_effective(record::Tx& tx, const record::Record& activity, const record::Record& target) {
  return is_valid(activity) && is_by_its_people(tx, activity, target);
}

// L4: the first follow-up by the lead's people; L6: a manager's, too.
bool moves_lead(record::Tx& tx, const record::Record& activity, const record::Record& lead) {
  if (is_by_its_people(tx, activity, lead)) return true;
  return lead.text("status") == "invalid" &&
         record::admits(tx.engine().access().scope(tx.actor(), lead.definition(), "edit"), lead);
}

void stamp(record::Tx& tx, const char* target, const record::Record& activity) {
  const std::string field = std::string(target) + "_id";
  if (activity.is_null(field)) return;
  auto record = tx.find(target, activity.integer(field), record::Lock::ForUpdate);
  if (!record) return;
  Draft draft;
  const std::int64_t happened_at = activity.integer("happened_at");
  const bool is_newest = happened_at >= record->integer("last_activity_at");
  if (happened_at > record->integer("last_activity_at")) {
    const std::int64_t author = activity.integer("created_by");
    draft.set("last_activity_at", happened_at)
        .set("last_activity_by_id", author == 0 ? Value() : Value(author));
  }
  if (record->definition().field("last_effective_at") != nullptr &&
      is_effective(tx, activity, *record) && happened_at > record->integer("last_effective_at")) {
    draft.set("last_effective_at", happened_at);
  }
  // The newest follow-up decides about the next contact; without one, what is past is done.
  if (is_newest && !activity.is_null("next_contact_at")) {
    draft.set("next_contact_at", activity.get("next_contact_at"));
  } else if (!record->is_null("next_contact_at") &&
             record->integer("next_contact_at") <= happened_at) {
    draft.set("next_contact_at", Value());
  }
  if (std::string_view(target) != "lead") {
    tx.update(*record, std::move(draft));
    return;
  }
  const std::string status = record->text("status");
  if (status == "converted" || status == "voided") return;
  if (is_newest && !activity.is_null("outcome")) draft.set("outcome", activity.get("outcome"));
  const bool effective =
      activity.integer("is_failed_attempt") == 0 && moves_lead(tx, activity, *record);
  if (effective && record->is_null("first_followed_at"))
    draft.set("first_followed_at", happened_at);
  if (effective && (status == "pending" || status == "invalid") && !record->is_null("owner_id")) {
    if (status == "invalid") draft.set("invalid_reason", Value());
    tx.transition(*record, "follow", std::move(draft));
  } else {
    tx.update(*record, std::move(draft));
  }
}

void after_save(record::Tx& tx, record::Change& change) {
  const bool created = change.operation == record::Operation::Create;
  const bool corrected = change.operation == record::Operation::Update &&
                         (change.changed("next_contact_at") || change.changed("happened_at") ||
                          change.changed("is_failed_attempt") || change.changed("outcome"));
  if (created || corrected) {
    for (const auto* target : kTargets) stamp(tx, target, *change.after);
  }
  if (change.operation == record::Operation::Delete) return;
  follow_activity(tx, change);
  // Mentioning tells somebody; it grants no access to what it is about. Who was named before hears
  // nothing new.
  const auto before =
      change.before == nullptr ? record::Values{} : change.before->many("mention_ids");
  for (const auto& person : change.after->many("mention_ids")) {
    if (std::find(before.begin(), before.end(), person) != before.end()) continue;
    platform::notify(tx, person.as_int(), "mentioned", {}, "activity", change.after->id());
  }
}

// Rows follow the owner of what they are about, so that a new owner reads the whole history.
void follow_owner(record::Tx& tx, record::Change& change, std::string_view column) {
  if (change.operation != record::Operation::Update || !change.changed("owner_id")) return;
  for (const auto* object : {"activity", "activity_comment"}) {
    tx.engine().store().set_column(tx.writer(), object, column, change.after->id(),
                                   "parent_owner_id", change.after->get("owner_id"));
  }
}

// What all of them were told counts for the one that stays (domain 5.8).
void merge_stamps(const platform::MergeSet& set, Draft& draft) {
  const auto& object = set.object->definition();
  for (const auto* field : {"last_activity_at", "last_effective_at"}) {
    if (object.field(field) == nullptr) continue;
    const record::Record* latest = &set.master();
    for (const auto& record : set.records) {
      if (record.integer(field) > latest->integer(field)) latest = &record;
    }
    draft.set(field, latest->get(field));
    if (std::string_view(field) == "last_activity_at")
      draft.set("last_activity_by_id", latest->get("last_activity_by_id"));
  }
}

}  // namespace

std::optional<base::Instant> first_valid_follow_up(record::Tx& tx, const record::Record& record,
                                                   std::int64_t user) {
  const std::string column = record.definition().name + "_id";
  constexpr int kAtOnce = 50;
  base::Instant since = 0;
  record::RecordId after = 0;
  while (true) {
    const auto activities =
        tx.find_all("activity",
                    column +
                        " eq @record and owner_id eq @user and is_failed_attempt ne true and "
                        "(happened_at gt @since or happened_at eq @since and id gt @after)",
                    {{"record", record::id_value(record.id())},
                     {"user", record::id_value(user)},
                     {"since", query::AliasValue::one({query::Type::Instant, 0}, Value(since))},
                     {"after", record::id_value(after)}},
                    "happened_at,id", kAtOnce);
    for (const auto& activity : activities) {
      if (is_valid(activity)) return activity.integer("happened_at");
    }
    if (activities.size() < kAtOnce) return std::nullopt;
    since = activities.back().integer("happened_at");
    after = activities.back().id();
  }
}

void register_activity(platform::Registrar& registrar) {
  auto& registry = registrar.registry;
  registry.add_definition(embedded_activity());
  register_comments(registrar);
  record::Hooks hooks;
  hooks.object = "activity";
  hooks.name = "activity";
  hooks.before_save = before_save;
  hooks.after_save = after_save;
  registry.add_hooks(std::move(hooks));
  platform::MergeHooks merge;
  merge.adjust = merge_stamps;
  registrar.merge_rules->add(std::move(merge));
  registrar.merge_rules->add(platform::OwnerCopy{"activity", "account_id", ""});
  registrar.merge_rules->add(platform::OwnerCopy{"activity", "lead_id", "account_id"});
  for (const auto* target : {"account", "lead"}) {
    record::Hooks owner_hooks;
    owner_hooks.object = target;
    owner_hooks.name = "activity";
    const std::string column = std::string(target) + "_id";
    owner_hooks.after_save = [column](record::Tx& tx, record::Change& change) {
      follow_owner(tx, change, column);
    };
    registry.add_hooks(std::move(owner_hooks));
  }
}

}  // namespace kehai::modules
