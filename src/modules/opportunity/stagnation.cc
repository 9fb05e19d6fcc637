#include "modules/opportunity/stagnation.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>

#include "base/error.h"
#include "db/table.h"
#include "modules/opportunity/key_activities.h"
#include "platform/notify/notify.h"
#include "query/parser.h"
#include "record/engine.h"

namespace kehai::modules {

using record::Record;
using record::Value;

namespace {

const db::Table kNotices("opportunity_notice");

constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kManagerDays = 7;    // after the owner
constexpr std::int64_t kWarningDays = 3;    // before a deal is closed by rule
constexpr std::int64_t kLookBackDays = 30;  // what was missed while the program was down
constexpr std::int64_t kRunMark = 0;        // in opportunity_notice, instead of a deal
constexpr std::size_t kAtOnce = 100;        // in one transaction

enum Step : std::int64_t { kOwner = 0, kManager = 7, kCloseWarning = 100, kCloseOverdue = 200 };

std::string instant(std::int64_t at) {
  return base::format_instant(at);
}

std::vector<record::RecordId> open_deals(record::Engine& engine, const std::string& filter) {
  std::vector<record::RecordId> out;
  const auto actor = record::system_actor("job");
  record::ListRequest request;
  request.options.filter = query::parse_expression("status eq 'open' and " + filter);
  request.default_order = "id asc";
  request.default_top = 500;
  do {
    request.options.skiptoken =
        engine.list_typed(actor, "opportunity", request,
                          [&](const record::TypedRow& row) { out.push_back(row.record.id()); });
  } while (!request.options.skiptoken.empty());
  return out;
}

std::vector<Record> settings(record::Engine& engine, std::string_view object,
                             const std::string& filter) {
  std::vector<Record> out;
  record::ListRequest request;
  request.options.filter = query::parse_expression(filter);
  request.default_top = 500;
  request.default_order = "id asc";
  engine.list_typed(record::system_actor("job"), object, request,
                    [&](const record::TypedRow& row) { out.push_back(row.record); });
  return out;
}

std::string idle_since(std::int64_t moment) {
  return "updated_at lt " + instant(moment) + " and stage_entered_at lt " + instant(moment) +
         " and (last_activity_at eq null or last_activity_at lt " + instant(moment) + ")";
}

std::int64_t last_motion(record::Tx& tx, const Record& deal) {
  std::int64_t last = last_ticked_at(tx, deal.id());
  for (const auto* field : {"stage_entered_at", "last_activity_at", "updated_at"})
    last = std::max(last, deal.integer(field));
  return last;
}

bool has_plans(record::Tx& tx, const Record& deal) {
  return tx.count(
             "task", "opportunity_id eq @deal and status in ('todo','doing') and due_at gt @now",
             {{"deal", record::id_value(deal.id())},
              {"now", query::AliasValue::one({query::Type::Instant, 0}, Value(tx.now()))}}) > 0;
}

// True the first time: each is told once of one standstill.
bool note(record::Tx& tx, const Record& deal, Step step, std::int64_t since) {
  return kNotices.insert_if_absent(tx.writer(), {{"opportunity_id", deal.id()},
                                                 {"step", static_cast<std::int64_t>(step)},
                                                 {"since", since},
                                                 {"at", tx.now()}});
}

void tell_owner(record::Tx& tx, const Record& deal, const std::string& kind, base::Params params) {
  params.emplace("title", deal.text("name"));
  platform::notify(tx, deal.integer("owner_id"), kind, std::move(params), "opportunity", deal.id());
}

void treat_one(record::Tx& tx, record::RecordId id,
               const std::function<void(record::Tx&, Record&)>& treat) {
  try {
    tx.attempt([&] {
      auto deal = tx.find("opportunity", id, record::Lock::ForUpdate);
      if (deal && deal->text("status") == "open") treat(tx, *deal);
    });
  } catch (const base::Error& error) {
    spdlog::warn("stagnation of opportunity {}: {} {}", id, error.code(), error.detail());
  }
}

// Each deal is looked at again inside the transaction, and stands for itself.
void each_open(record::Engine& engine, const std::string& filter,
               const std::function<void(record::Tx&, Record&)>& treat) {
  const auto ids = open_deals(engine, filter);
  for (std::size_t from = 0; from < ids.size(); from += kAtOnce) {
    const std::size_t to = std::min(ids.size(), from + kAtOnce);
    engine.write(
        record::system_actor("job"),
        [&](record::Tx& tx) {
          for (std::size_t i = from; i < to; ++i) treat_one(tx, ids[i], treat);
        },
        db::Lane::Bulk);
  }
}

void mark_stage(record::Engine& engine, const Record& stage, std::int64_t now) {
  const std::int64_t days = stage.integer("rotting_days");
  const std::string filter = "stage_id eq " + std::to_string(stage.id()) +
                             " and stagnant_since eq null and " + idle_since(now - days * kDay);
  each_open(engine, filter, [&](record::Tx& tx, Record& deal) {
    const std::int64_t since = last_motion(tx, deal) + days * kDay;
    if (since >= tx.now() || deal.integer("stage_id") != stage.id() || has_plans(tx, deal)) return;
    // No new version: whoever has the deal open may still save it.
    tx.engine().store().set_column(tx.writer(), "opportunity", "id", deal.id(), "stagnant_since",
                                   Value(since));
    if (!note(tx, deal, kOwner, since)) return;
    tell_owner(tx, deal, "stagnant",
               {{"stage", stage.text("name")}, {"days", std::to_string(days)}});
  });
}

void tell_managers(record::Engine& engine, std::int64_t now) {
  const std::string filter = "stagnant_since le " + instant(now - kManagerDays * kDay) +
                             " and stagnant_since gt " +
                             instant(now - (kManagerDays + kLookBackDays) * kDay);
  each_open(engine, filter, [&](record::Tx& tx, Record& deal) {
    if (!note(tx, deal, kManager, deal.integer("stagnant_since"))) return;
    const auto owner = tx.find("user", deal.integer("owner_id"));
    if (!owner || owner->is_null("superior_id")) return;
    platform::notify(tx, owner->integer("superior_id"), "stagnant_manager",
                     {{"title", deal.text("name")}, {"name", owner->text("name")}}, "opportunity",
                     deal.id());
  });
}

void close_idle(record::Engine& engine, const Record& pipeline, std::int64_t now) {
  const std::int64_t days = pipeline.integer("auto_close_days");
  const std::int64_t notice = std::min(days, kWarningDays) * kDay;
  const std::string filter = "pipeline_id eq " + std::to_string(pipeline.id()) + " and " +
                             idle_since(now - days * kDay + notice);
  each_open(engine, filter, [&](record::Tx& tx, Record& deal) {
    const std::int64_t motion = last_motion(tx, deal);
    if (motion + days * kDay - notice > tx.now() || has_plans(tx, deal)) return;
    const std::int64_t last_day = std::max(motion + days * kDay, tx.now() + kWarningDays * kDay);
    if (note(tx, deal, kCloseWarning, motion)) {
      tell_owner(tx, deal, "close_warning",
                 {{"date", base::format_date(tx.engine().zone().local_date(last_day))}});
      return;
    }
    const bool warned =
        kNotices.count(tx.writer(),
                       {{"opportunity_id", db::Compare::Equal, deal.id()},
                        {"step", db::Compare::Equal, static_cast<std::int64_t>(kCloseWarning)},
                        {"since", db::Compare::Equal, motion},
                        {"at", db::Compare::LessEqual, tx.now() - kWarningDays * kDay}}) > 0;
    if (!warned || motion + days * kDay > tx.now()) return;
    lose_deal(tx, deal, {"lost_contact", Value(), Value()}, {});
    tell_owner(tx, deal, "closed_idle", {});
  });
}

void tell_overdue(record::Engine& engine, std::int64_t now) {
  const base::Date today = engine.zone().local_date(now);
  const std::string filter = "expected_close_date lt " + base::format_date(today) +
                             " and expected_close_date ge " +
                             base::format_date(today - static_cast<base::Date>(kLookBackDays));
  each_open(engine, filter, [&](record::Tx& tx, Record& deal) {
    const auto date = static_cast<base::Date>(deal.integer("expected_close_date"));
    if (date >= today || !note(tx, deal, kCloseOverdue, date)) return;
    tell_owner(tx, deal, "close_overdue", {{"date", base::format_date(date)}});
  });
}

// What goes by days is looked at once a day: most of it was told before.
bool is_new_day(record::Engine& engine, base::Date today) {
  std::int64_t done = 0;
  engine.database().read([&](db::Reader& reader) {
    done = kNotices.count(reader, {{"opportunity_id", db::Compare::Equal, kRunMark},
                                   {"since", db::Compare::Equal, today}});
  });
  return done == 0;
}

void remember_day(record::Engine& engine, base::Date today) {
  engine.write(record::system_actor("job"), [&](record::Tx& tx) {
    kNotices.insert_if_absent(
        tx.writer(),
        {{"opportunity_id", kRunMark}, {"step", kRunMark}, {"since", today}, {"at", tx.now()}});
  });
}

void run(record::Engine& engine) {
  const std::int64_t now = engine.clock().now();
  for (const auto& stage : settings(engine, "stage", "kind eq 'open' and rotting_days gt 0"))
    mark_stage(engine, stage, now);
  for (const auto& pipeline : settings(engine, "pipeline", "auto_close_days gt 0"))
    close_idle(engine, pipeline, now);
  const base::Date today = engine.zone().local_date(now);
  if (!is_new_day(engine, today)) return;
  tell_managers(engine, now);
  tell_overdue(engine, now);
  remember_day(engine, today);
}

// A task in the future is a plan: the deal is cared for.
void task_saved(record::Tx& tx, record::Change& change) {
  const auto& task = *change.after;
  if (change.operation == record::Operation::Delete || task.is_null("opportunity_id")) return;
  const std::string status = task.text("status");
  if ((status != "todo" && status != "doing") || task.integer("due_at") <= tx.now()) return;
  const auto deal = tx.find("opportunity", task.integer("opportunity_id"));
  if (!deal || deal->is_null("stagnant_since")) return;
  tx.engine().store().set_column(tx.writer(), "opportunity", "id", deal->id(), "stagnant_since",
                                 Value());
}

}  // namespace

void register_stagnation(platform::Registrar& registrar) {
  registrar.registry.add_table({"opportunity_notice",
                                {{"opportunity_id", false, true},
                                 {"step", false, true},
                                 {"since", false, true},
                                 {"at", false, true}},
                                {"opportunity_id", "step", "since"},
                                {},
                                false});
  record::Hooks hooks;
  hooks.object = "task";
  hooks.name = "stagnation";
  hooks.after_save = task_saved;
  registrar.registry.add_hooks(std::move(hooks));
  registrar.schedules.push_back({"opportunity.stagnation", 600'000, run});
}

}  // namespace kehai::modules
