#include "modules/pool/recycle.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/working_days.h"
#include "db/table.h"
#include "modules/action_input.h"
#include "platform/notify/notify.h"
#include "query/parser.h"

namespace kehai::modules {

using record::Value;

namespace {

const db::Table kRuns("recycle_run");
const db::Table kWarnings("recycle_warning");

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kStartOfRun = kHour / 2;              // after local midnight
constexpr std::int64_t kLeastNotice = kHour / 2;             // between a warning and the return
constexpr std::array<std::int64_t, 3> kNotices = {1, 3, 7};  // days before, the nearest first
constexpr std::int64_t kLongestNotice = 7;
constexpr std::int64_t kRefreshMark = 0;  // in recycle_run, instead of a day
constexpr std::size_t kRefreshAtOnce = 200;
constexpr std::int64_t kHalfTime = 0;  // the notice of a trigger in hours
constexpr const char* kTriggers[] = {"recycle_first_hours", "recycle_follow_days",
                                     "recycle_opportunity_days", "recycle_deal_days"};

// When a record goes back if nothing happens, why, and which warning is due now (none: nothing
// yet).
struct Fate {
  std::int64_t deadline = 0;
  std::string reason;
  std::optional<std::int64_t> notice;
};

// The greatest value of a field of the customer's opportunities; 0 = none.
std::int64_t latest(record::Tx& tx, const record::Record& account, const std::string& filter,
                    const std::string& field) {
  const auto found =
      tx.find_all("opportunity", "account_id eq @account and " + field + " ne null" + filter,
                  {{"account", record::id_value(account.id())}}, field + " desc", 1);
  return found.empty() ? 0 : found[0].integer(field);
}

// The end of the day that lies `days` after the anchor.
std::int64_t end_of_day_after(const base::TimeZone& zone, std::int64_t anchor, std::int64_t days,
                              bool working) {
  const base::Date date = zone.local_date(anchor);
  const base::Date last = working ? base::add_working_days(date, days, zone) : date + days;
  return zone.start_of_day(last + 1);
}

void keep_earliest(std::optional<Fate>& fate, std::int64_t deadline, const char* reason) {
  if (!fate || deadline < fate->deadline) fate = Fate{deadline, reason, std::nullopt};
}

std::optional<std::int64_t> notice_of(const base::TimeZone& zone, std::int64_t now,
                                      std::int64_t deadline) {
  const std::int64_t left = zone.local_date(deadline) - 1 - zone.local_date(now);
  for (const std::int64_t notice : kNotices) {
    if (left <= notice) return notice;
  }
  return std::nullopt;
}

// T1: nobody has spoken to a new lead.
std::optional<Fate> fate_by_hours(const record::Record& record, const Pool& pool,
                                  std::int64_t now) {
  if (!pool.recycle.first_hours || record.text("status") != "pending" ||
      !record.is_null("first_followed_at")) {
    return std::nullopt;
  }
  const std::int64_t half = *pool.recycle.first_hours * kHour / 2;
  Fate fate{record.integer("claimed_at") + 2 * half, "no_follow_up", std::nullopt};
  if (now >= fate.deadline - half) fate.notice = kHalfTime;
  return fate;
}

// T2, T3, T4, T5. `tx` may be null: then the answer may be too early, never too late.
std::optional<Fate> fate_by_days(record::Tx* tx, const base::TimeZone& zone,
                                 const record::Record& record, const Pool& pool, std::int64_t now) {
  const auto& rules = pool.recycle;
  const std::int64_t claimed = record.integer("claimed_at");
  const std::int64_t base = claimed + rules.protect_days * kDay;
  const auto after = [&](std::int64_t anchor, std::int64_t days) {
    return end_of_day_after(zone, anchor, days, rules.working_days);
  };
  std::optional<Fate> fate;
  if (rules.follow_days) {
    const std::int64_t anchor = std::max(base, record.integer("last_effective_at"));
    keep_earliest(fate, after(anchor, *rules.follow_days), "no_follow_up");
  }
  if (rules.opportunity_days) {
    const std::int64_t created = tx == nullptr ? 0 : latest(*tx, record, "", "created_at");
    keep_earliest(fate, after(std::max(base, created), *rules.opportunity_days), "no_opportunity");
  }
  if (rules.deal_days || rules.after_protection) {
    const std::int64_t date =
        tx == nullptr ? 0 : latest(*tx, record, " and status eq 'won'", "actual_close_date");
    const std::int64_t won = date == 0 ? 0 : zone.start_of_day(static_cast<base::Date>(date));
    if (rules.deal_days)
      keep_earliest(fate, after(std::max(base, won), *rules.deal_days), "no_deal");
    // Won since it was gained, on the day itself, too.
    const bool has_deal = won != 0 && date >= zone.local_date(claimed);
    if (rules.after_protection && rules.protect_days > 0 && !has_deal)
      keep_earliest(fate, end_of_day_after(zone, base, 0, false), "protection_expired");
  }
  if (!fate) return fate;
  // A new rule waits until its longest warning has been given.
  if (rules.from) fate->deadline = std::max(fate->deadline, zone.start_of_day(*rules.from + 1));
  fate->notice = notice_of(zone, now, fate->deadline);
  return fate;
}

// Somebody has marked it as one that stays (免回收).
bool has_keeping_tag(record::Tx& tx, const record::Record& record) {
  const auto& tags = record.many("tag_ids");
  return std::any_of(tags.begin(), tags.end(), [&](const Value& id) {
    const auto tag = tx.find("tag", id.as_int());
    return tag && tag->integer("keeps_from_pool") != 0;
  });
}

bool is_exempt(record::Tx* tx, const HoldingKind& kind, const record::Record& record,
               const Pool& pool) {
  if (record.integer("is_disputed") != 0) return true;
  if (tx != nullptr && has_keeping_tag(*tx, record)) return true;
  if (kind.uses_status) {
    const std::string status = record.text("status");
    return status != "pending" && status != "following" && status != "invalid";
  }
  const std::string status = record.text("status");
  if (status == kind.blocked_status || record.integer("is_locked") != 0) return true;
  if (!pool.recycle.takes_won && status == kind.exempt_status) return true;
  return tx != nullptr && tx->count("opportunity", "account_id eq @account and status eq 'open'",
                                    {{"account", record::id_value(record.id())}}) > 0;
}

bool was_warned(record::Tx& tx, record::RecordId id, std::int64_t deadline) {
  return kWarnings.count(tx.writer(), {{"record_id", db::Compare::Equal, id},
                                       {"deadline", db::Compare::Equal, deadline},
                                       {"at", db::Compare::LessEqual, tx.now() - kLeastNotice}}) >
         0;
}

// False when this warning was given before.
bool warn(record::Tx& tx, const HoldingKind& kind, const record::Record& record, const Fate& fate) {
  const bool is_new = kWarnings.insert_if_absent(tx.writer(), {{"record_id", record.id()},
                                                               {"deadline", fate.deadline},
                                                               {"notice", *fate.notice},
                                                               {"at", tx.now()}});
  if (!is_new) return false;
  const std::string title = record.text(record.definition().title_field);
  const auto last_day =
      base::format_date(tx.engine().zone().local_date(std::max(fate.deadline - 1, tx.now())));
  const std::int64_t owner = record.integer("owner_id");
  platform::notify(tx, owner, "recycle_warning", {{"title", title}, {"date", last_day}},
                   kind.object, record.id());
  const auto person = tx.find("user", owner);
  if (*fate.notice == kNotices[0] && person) {
    platform::notify(tx, person->integer("superior_id"), "recycle_warning_manager",
                     {{"title", title}, {"name", person->text("name")}}, kind.object, record.id());
  }
  return true;
}

// Owned records that somebody gained before `gained_before`, page by page; `each` may write.
void each_owned(record::Engine& engine, const HoldingKind& kind, std::int64_t gained_before,
                const std::function<void(const record::Record&)>& each) {
  const std::string open = kind.uses_status ? "status in ('pending','following','invalid')"
                                            : "status ne 'inactive' and is_locked ne true";
  const auto actor = record::system_actor("job");
  record::ListRequest request;
  request.options.filter = query::parse_expression(
      "owner_id ne null and " + open + " and claimed_at le " + base::format_instant(gained_before));
  request.default_order = "id asc";
  request.maximum_top = 500;
  request.default_top = 500;
  do {
    request.options.skiptoken = engine.list_typed(
        actor, kind.object, request, [&](const record::TypedRow& row) { each(row.record); });
  } while (!request.options.skiptoken.empty());
}

// The shortest time after which any of these pools warns; nothing when none of them does.
std::optional<std::int64_t> shortest(const std::vector<Pool>& pools, std::string_view kind,
                                     bool by_hours) {
  std::optional<std::int64_t> out;
  const auto keep = [&](const std::optional<std::int64_t>& count, std::int64_t unit,
                        std::int64_t notice) {
    if (count)
      out =
          std::min(out.value_or(*count * unit), std::max<std::int64_t>(0, *count * unit - notice));
  };
  for (const auto& pool : pools) {
    if (pool.kind != kind || !pool.is_enabled) continue;
    const auto& rules = pool.recycle;
    if (by_hours) {
      keep(rules.first_hours, kHour, rules.first_hours.value_or(0) * kHour / 2);
      continue;
    }
    for (const auto& days : {rules.follow_days, rules.opportunity_days, rules.deal_days}) {
      keep(days, kDay, (kLongestNotice + 1) * kDay);
    }
    if (rules.after_protection && rules.protect_days > 0)
      keep(rules.protect_days, kDay, (kLongestNotice + 1) * kDay);
  }
  return out;
}

}  // namespace

void add_recycle_tables(record::Registry& registry) {
  registry.add_table({"recycle_run",
                      {{"day", false, true},
                       {"at", false, true},
                       {"examined", false, true},
                       {"warned", false, true},
                       {"taken", false, true},
                       {"failed", false, true}},
                      {"day"},
                      {},
                      false});
  registry.add_table({"recycle_warning",
                      {{"record_id", false, true},
                       {"deadline", false, true},
                       {"notice", false, true},
                       {"at", false, true}},
                      {"record_id", "deadline", "notice"},
                      {},
                      false});
}

void guard_recycle_rules(record::Tx& tx, record::Change& change) {
  auto& pool = *change.after;
  const bool for_leads = pool.text("kind") == "lead";
  for (const auto* field : kTriggers) {
    if (pool.is_null(field)) continue;
    const bool fits = std::string_view(field) == "recycle_follow_days" ||
                      for_leads == (std::string_view(field) == "recycle_first_hours");
    if (!fits) throw field_error(field, "pool.trigger_not_for_kind");
  }
  const bool at_end = pool.integer("recycle_after_protection") != 0;
  if (at_end && for_leads)
    throw field_error("recycle_after_protection", "pool.trigger_not_for_kind");
  if (at_end && pool.integer("recycle_protect_days") == 0)
    throw field_error("recycle_protect_days", "field.required");
  const bool is_new =
      (change.changed("recycle_after_protection") && at_end) ||
      std::any_of(std::begin(kTriggers), std::end(kTriggers),
                  [&](const char* field) { return change.changed(field) && !pool.is_null(field); });
  if (is_new) pool.set("recycle_from", tx.engine().zone().local_date(tx.now()) + kLongestNotice);
}

void want_refresh(record::Tx& tx, const record::Change& change) {
  static constexpr const char* kOthers[] = {"recycle_protect_days",
                                            "recycle_takes_won",
                                            "recycle_after_protection",
                                            "recycle_working_days",
                                            "is_enabled",
                                            "is_default",
                                            "region_id",
                                            "department_id"};
  const auto changed = [&](const char* field) { return change.changed(field); };
  if (change.operation == record::Operation::Update &&
      std::none_of(std::begin(kTriggers), std::end(kTriggers), changed) &&
      std::none_of(std::begin(kOthers), std::end(kOthers), changed)) {
    return;
  }
  kRuns.insert_if_absent(tx.writer(), {{"day", kRefreshMark},
                                       {"at", tx.now()},
                                       {"examined", 0},
                                       {"warned", 0},
                                       {"taken", 0},
                                       {"failed", 0}});
}

std::optional<base::Date> Recycler::last_day(record::Tx& tx, const HoldingKind& kind,
                                             const record::Record& record) const {
  if (record.is_null("owner_id")) return std::nullopt;
  const auto pool = holding_->pools().choose(kind.object, record.integer("region_id"),
                                             record.integer("owner_department_id"));
  if (!pool || !pool->recycle.any() || is_exempt(&tx, kind, record, *pool)) return std::nullopt;
  const auto& zone = tx.engine().zone();
  std::optional<base::Date> day;
  const auto keep = [&](const std::optional<Fate>& fate) {
    if (!fate) return;
    const base::Date last = zone.local_date(fate->deadline - 1);
    day = std::min(day.value_or(last), last);
  };
  keep(fate_by_hours(record, *pool, tx.now()));
  keep(fate_by_days(&tx, zone, record, *pool, tx.now()));
  return day;
}

void Recycler::keep_last_day(record::Tx& tx, const HoldingKind& kind,
                             const record::Record& record) const {
  const auto day = last_day(tx, kind, record);
  const Value value = day ? Value(*day) : Value();
  if (record.get("recycle_on") == value) return;
  // No new version: it follows from other things, and whoever edits the record may go on.
  tx.engine().store().set_column(tx.writer(), kind.object, "id", record.id(), "recycle_on", value);
}

void Recycler::refresh(record::Engine& engine) const {
  std::int64_t wanted = 0;
  engine.database().read([&](db::Reader& reader) {
    wanted = kRuns.count(reader, {{"day", db::Compare::Equal, kRefreshMark}});
  });
  if (wanted == 0) return;
  for (const auto* object : {"lead", "account"}) {
    const auto& kind = *holding_->kind(object);
    record::RecordId after = 0;
    for (bool more = true; more;) {
      engine.write(
          record::system_actor("job"),
          [&](record::Tx& tx) {
            const auto records =
                tx.find_all(object, "id gt @after and (owner_id ne null or recycle_on ne null)",
                            {{"after", record::id_value(after)}}, "id", kRefreshAtOnce);
            for (const auto& record : records) keep_last_day(tx, kind, record);
            more = records.size() == kRefreshAtOnce;
            if (!records.empty()) after = records.back().id();
          },
          db::Lane::Bulk);
    }
  }
  engine.write(record::system_actor("job"), [&](record::Tx& tx) {
    kRuns.erase(tx.writer(), {{"day", db::Compare::Equal, kRefreshMark}});
  });
}

void Recycler::add_hooks(record::Registry& registry, const std::shared_ptr<const Recycler>& self) {
  for (const auto* object : {"lead", "account"}) {
    record::Hooks hooks;
    hooks.object = object;
    hooks.name = "recycle";
    hooks.order = 900;  // after whatever else sets owner and status
    hooks.before_save = [self, object](record::Tx& tx, record::Change& change) {
      if (change.operation == record::Operation::Delete) return;
      const auto day = self->last_day(tx, *self->holding_->kind(object), *change.after);
      change.after->set("recycle_on", day ? Value(*day) : Value());
    };
    registry.add_hooks(std::move(hooks));
  }
  record::Hooks deals;
  deals.object = "opportunity";
  deals.name = "recycle";
  deals.order = 900;
  deals.after_save = [self](record::Tx& tx, record::Change& change) {
    const bool counts = change.operation != record::Operation::Update || change.changed("status") ||
                        change.changed("account_id");
    if (!counts) return;
    std::set<std::int64_t> accounts = {change.after->integer("account_id")};
    if (change.before != nullptr) accounts.insert(change.before->integer("account_id"));
    for (const auto id : accounts) {
      if (const auto account = tx.find("account", id))
        self->keep_last_day(tx, *self->holding_->kind("account"), *account);
    }
  };
  registry.add_hooks(std::move(deals));
}

void Recycler::run(record::Engine& engine) const {
  refresh(engine);
  const auto pools = holding_->pools().pools();
  const bool any = std::any_of(pools->begin(), pools->end(),
                               [](const Pool& pool) { return pool.recycle.any(); });
  if (!any) return;
  Count ignored;
  sweep(engine, *holding_->kind("lead"), Rhythm::Hours, ignored);
  const std::int64_t now = engine.clock().now();
  const std::int64_t day = engine.zone().local_date(now);
  if (now < engine.zone().start_of_day(day) + kStartOfRun) return;
  std::int64_t done = 0;
  engine.database().read([&](db::Reader& reader) {
    done = kRuns.count(reader, {{"day", db::Compare::Equal, day}});
  });
  if (done > 0) return;
  Count count;
  for (const auto* object : {"lead", "account"})
    sweep(engine, *holding_->kind(object), Rhythm::Days, count);
  // Written last: a run that did not come to its end begins again, and finds what is done already.
  remember_day(engine, day, count);
}

void Recycler::sweep(record::Engine& engine, const HoldingKind& kind, Rhythm rhythm,
                     Count& count) const {
  const auto wait = shortest(*holding_->pools().pools(), kind.object, rhythm == Rhythm::Hours);
  if (!wait) return;
  const std::int64_t now = engine.clock().now();
  each_owned(engine, kind, now - *wait, [&](const record::Record& record) {
    const auto pool = holding_->pools().choose(kind.object, record.integer("region_id"),
                                               record.integer("owner_department_id"));
    if (!pool || is_exempt(nullptr, kind, record, *pool)) return;
    const auto fate = rhythm == Rhythm::Hours
                          ? fate_by_hours(record, *pool, now)
                          : fate_by_days(nullptr, engine.zone(), record, *pool, now);
    ++count.examined;
    if (!fate || !fate->notice) return;
    try {
      const Outcome outcome = treat(engine, kind, record.id(), rhythm);
      count.warned += outcome == Outcome::Warned ? 1 : 0;
      count.taken += outcome == Outcome::Taken ? 1 : 0;
    } catch (const base::Error& error) {
      if (error.code() == "engine.stopping") throw;
      ++count.failed;
      spdlog::warn("recycling {} {} failed: {} {}", kind.object, record.id(), error.code(),
                   error.detail());
    }
  });
}

Recycler::Outcome Recycler::treat(record::Engine& engine, const HoldingKind& kind,
                                  record::RecordId id, Rhythm rhythm) const {
  Outcome outcome = Outcome::Nothing;
  const auto actor = record::system_actor("job");
  engine.write(
      actor,
      [&](record::Tx& tx) {
        outcome = Outcome::Nothing;
        auto record = tx.find(kind.object, id, record::Lock::ForUpdate);
        if (!record || record->is_null("owner_id")) return;
        const auto pool = holding_->pools().choose(kind.object, record->integer("region_id"),
                                                   record->integer("owner_department_id"));
        keep_last_day(tx, kind, *record);
        if (!pool || is_exempt(&tx, kind, *record, *pool)) return;
        const auto fate = rhythm == Rhythm::Hours
                              ? fate_by_hours(*record, *pool, tx.now())
                              : fate_by_days(&tx, engine.zone(), *record, *pool, tx.now());
        if (!fate || !fate->notice) return;
        if (tx.now() >= fate->deadline && was_warned(tx, id, fate->deadline)) {
          holding_->put_into_pool(tx, kind, *record, *pool, fate->reason, "", {});
          outcome = Outcome::Taken;
        } else if (warn(tx, kind, *record, *fate)) {
          outcome = Outcome::Warned;
        }
      },
      db::Lane::Bulk);
  return outcome;
}

void Recycler::remember_day(record::Engine& engine, std::int64_t day, const Count& count) const {
  engine.write(record::system_actor("job"), [&](record::Tx& tx) {
    const bool is_new = kRuns.insert_if_absent(tx.writer(), {{"day", day},
                                                             {"at", tx.now()},
                                                             {"examined", count.examined},
                                                             {"warned", count.warned},
                                                             {"taken", count.taken},
                                                             {"failed", count.failed}});
    if (!is_new || count.taken + count.failed == 0) return;
    std::set<std::int64_t> told;
    for (const auto& pool : *holding_->pools().pools()) {
      if (pool.recycle.any_days()) told.insert(pool.admins.begin(), pool.admins.end());
    }
    for (const std::int64_t user : told) {
      platform::notify(tx, user, "recycle_done",
                       {{"examined", std::to_string(count.examined)},
                        {"warned", std::to_string(count.warned)},
                        {"taken", std::to_string(count.taken)},
                        {"failed", std::to_string(count.failed)}},
                       "pool", 0);
    }
  });
}

}  // namespace kehai::modules
