#include "modules/data_quality/walk.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "db/among.h"
#include "db/row_insert.h"
#include "db/table.h"
#include "modules/data_quality/figures.h"
#include "modules/data_quality/rules.h"
#include "record/store_changes.h"

namespace kehai::modules {

using db::Compare;
using record::RecordId;
using record::Value;

namespace {

const db::Table kRun("quality_run");
const db::Table kWalk("quality_walk");
const db::Table kFindings("quality_finding");

constexpr std::int64_t kOnly = 1;  // id of the one row of quality_run
constexpr int kSlice = 500;
constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kStartOfRun = 90 * kMinute;  // after local midnight
// Records that were written while the last run began may have been committed after it looked.
constexpr std::int64_t kOverlap = 10 * kMinute;
constexpr auto kAtOnce = std::chrono::milliseconds(1500);
constexpr std::string_view kWalking = "walking ";  // before the rules that a walk began with
constexpr std::int64_t kFigures = std::size(kAuditedObjects) + 1;  // stage

enum Phase : std::int64_t { kAgain, kAll, kChanged, kOverdue, kDone };

struct Walk {
  std::string rules;
  std::int64_t watermark = 0;
  std::int64_t unlisted = 0;
};

// One slice of a phase: which records, and where the next one begins.
struct Slice {
  std::vector<RecordId> ids;
  std::int64_t cursor = 0;
  std::int64_t cursor_id = 0;
  bool last = false;
};

// Everything one slice has to write.
struct Work {
  struct Row {
    RecordId record = 0;
    Finding finding;
    Value owner;
    Value department;
  };
  std::vector<std::int64_t> gone;  // ids of findings
  std::vector<Row> found;
  std::vector<std::pair<std::int64_t, Row>> moved;  // other owner or department
};

db::TableDefinition finding_table() {
  return {"quality_finding",
          {{"id", false, true},
           {"object", true, true},
           {"record_id", false, true},
           {"field", true, true},
           {"rule", true, true},
           {"owner_id", false, false},
           {"department_id", false, false},
           {"found_at", false, true}},
          {"id"},
          {{"ix_quality_finding_record", {"object", "record_id", "field", "rule"}, true, "", ""},
           {"ix_quality_finding_object", {"object", "id"}, false, "", ""}},
          false};
}

std::optional<Walk> read_walk(db::Reader& reader, const std::string& object) {
  std::optional<Walk> out;
  kWalk.select_each(
      reader,
      {{"rules", "watermark", "unlisted"}, {{"object", Compare::Equal, object}}, {}, 1, false},
      [&](const db::Row& row) {
        out = Walk{std::string(row.get_text(0)), row.get_int(1), row.get_int(2)};
      });
  return out;
}

void write_run(db::Writer& writer, const QualityRun& run) {
  kRun.update(writer,
              {{"day", run.day},
               {"stage", run.stage},
               {"phase", run.phase},
               {"cursor", run.cursor},
               {"cursor_id", run.cursor_id},
               {"checked", run.checked},
               {"started_at", run.started_at},
               {"finished_at", run.finished_at}},
              {{"id", Compare::Equal, kOnly}});
}

Slice next_ids(db::Reader& reader, const std::string& table, std::vector<db::Condition> where,
               std::int64_t after) {
  Slice slice;
  where.push_back({"id", Compare::Greater, after});
  where.push_back({"deleted_at", Compare::IsNull, {}});
  db::Table(table).select_each(reader, {{"id"}, where, {{"id", false}}, kSlice, false},
                               [&](const db::Row& row) { slice.ids.push_back(row.get_int(0)); });
  slice.last = slice.ids.size() < static_cast<std::size_t>(kSlice);
  slice.cursor = slice.ids.empty() ? after : slice.ids.back();
  return slice;
}

// Records with findings, in the recycle bin or not.
Slice next_found(db::Reader& reader, const std::string& object, std::int64_t after) {
  Slice slice;
  std::size_t rows = 0;
  kFindings.select_each(
      reader,
      {{"record_id"},
       {{"object", Compare::Equal, object}, {"record_id", Compare::Greater, after}},
       {{"record_id", false}},
       kSlice,
       false},
      [&](const db::Row& row) {
        ++rows;
        if (slice.ids.empty() || slice.ids.back() != row.get_int(0))
          slice.ids.push_back(row.get_int(0));
      });
  slice.last = rows < static_cast<std::size_t>(kSlice);
  slice.cursor = slice.ids.empty() ? after : slice.ids.back();
  return slice;
}

// By updated_at and id: what has the time of the last one, then what is later.
Slice next_changed(db::Reader& reader, const std::string& table, std::int64_t at,
                   std::int64_t after) {
  Slice slice;
  slice.cursor = at;
  slice.cursor_id = after;
  for (const auto& changed : record::changed_after(reader, table, at, after, kSlice)) {
    slice.ids.push_back(changed.id);
    slice.cursor = changed.updated_at;
    slice.cursor_id = changed.id;
  }
  slice.last = slice.ids.size() < static_cast<std::size_t>(kSlice);
  return slice;
}

// What is wrong now with the records of a slice, against what is listed of them.
void compare(db::Reader& reader, const std::vector<record::Record>& records,
             const std::string& object, const std::vector<RecordId>& ids, base::Date today,
             Work& work) {
  struct Now {
    std::set<Finding> wrong;
    Value owner;
    Value department;
  };
  std::map<RecordId, Now> now;
  for (const auto& record : records) {
    if (!record.is_null("deleted_at")) continue;
    now[record.id()] = {findings_of(record, today), record.get("owner_id"),
                        record.get("scope_department_id")};
  }
  db::select_among(
      reader,
      {.table = "quality_finding",
       .columns = {"id", "record_id", "field", "rule", "owner_id", "department_id"},
       .where = {{"object", Compare::Equal, object}},
       .column = "record_id"},
      std::vector<Value>(ids.begin(), ids.end()), [&](const db::Row& row) {
        const RecordId id = row.get_int(1);
        const Finding finding{std::string(row.get_text(2)), std::string(row.get_text(3))};
        const auto found = now.find(id);
        if (found == now.end() || found->second.wrong.erase(finding) == 0) {
          work.gone.push_back(row.get_int(0));
        } else if (const auto& [wrong, owner, department] = found->second;
                   !(row.get(4) == owner) || !(row.get(5) == department)) {
          work.moved.push_back({row.get_int(0), {id, finding, owner, department}});
        }
      });
  for (const auto& [id, left] : now) {
    for (const auto& finding : left.wrong)
      work.found.push_back({id, finding, left.owner, left.department});
  }
}

// Returns how many found no room in the list.
std::int64_t write_work(record::Tx& tx, const std::string& object, const Work& work) {
  auto& writer = tx.writer();
  db::erase_among(writer, "quality_finding", "id",
                  std::vector<Value>(work.gone.begin(), work.gone.end()));
  for (const auto& [id, row] : work.moved) {
    kFindings.update(writer, {{"owner_id", row.owner}, {"department_id", row.department}},
                     {{"id", Compare::Equal, id}});
  }
  if (work.found.empty()) return 0;
  std::int64_t room = kMostFindings - kFindings.count(writer, {{"object", Compare::Equal, object}});
  std::int64_t unlisted = 0;
  static const auto insert = std::make_shared<const db::RowInsert>(finding_table());
  for (const auto& row : work.found) {
    if (room-- <= 0) {
      ++unlisted;
      continue;
    }
    writer.insert_later(insert,
                        {tx.engine().allocator().next_id("quality_finding"), object, row.record,
                         row.finding.field, row.finding.rule, row.owner, row.department, tx.now()});
  }
  return unlisted;
}

class Stage {
 public:
  Stage(record::Engine& engine, QualityRun run)
      : engine_(engine), run_(run), object_(kAuditedObjects[run.stage - 1]) {}

  void step() {
    const auto schema = engine_.schema();
    rules_ = rules_fingerprint(schema->at(object_).definition());
    const base::Date today = engine_.zone().local_date(engine_.clock().now());
    Slice slice;
    Work work;
    engine_.database().read([&](db::Reader& reader) {
      slice = {};
      work = {};
      walk_ = read_walk(reader, object_);
      slice = next(reader, today);
      const auto records = engine_.store().load_many(reader, schema->at(object_), slice.ids);
      compare(reader, records, object_, slice.ids, today, work);
    });
    engine_.write(
        record::system_actor("job"),
        [&](record::Tx& tx) {
          const auto unlisted = write_work(tx, object_, work);
          go_on(tx.writer(), slice, unlisted);
        },
        db::Lane::Bulk);
  }

 private:
  Slice next(db::Reader& reader, base::Date today) const {
    switch (run_.phase) {
      case kAgain:
        return next_found(reader, object_, run_.cursor);
      case kAll:
        return next_ids(reader, object_, {}, run_.cursor);
      case kChanged:
        return next_changed(reader, object_, run_.cursor, run_.cursor_id);
      case kOverdue:
        if (object_ != "opportunity") return {{}, 0, 0, true};
        return next_ids(
            reader, object_,
            {{"status", Compare::Equal, "open"}, {"expected_close_date", Compare::Less, today}},
            run_.cursor);
      default:
        return {{}, 0, 0, true};
    }
  }

  void go_on(db::Writer& writer, const Slice& slice, std::int64_t unlisted) {
    QualityRun run = run_;
    if (run.phase != kAgain) run.checked += static_cast<std::int64_t>(slice.ids.size());
    run.cursor = slice.cursor;
    run.cursor_id = slice.cursor_id;
    if (unlisted > 0)
      kWalk.add(writer, "unlisted", unlisted, {{"object", Compare::Equal, object_}});
    if (slice.last) next_phase(writer, run);
    write_run(writer, run);
  }

  void next_phase(db::Writer& writer, QualityRun& run) const {
    const bool all = !walk_ || walk_->rules != rules_ || walk_->unlisted > 0;
    run.cursor = run.cursor_id = 0;
    if (run.phase == kAgain) {
      run.phase = all ? kAll : kChanged;
      if (!all) run.cursor = walk_->watermark;
      // What is counted beyond the list is counted anew.
      if (all)
        kWalk.upsert(writer, {"object"},
                     {{"object", object_},
                      {"rules", std::string(kWalking) + rules_},
                      {"watermark", 0},
                      {"unlisted", 0}});
    } else if (run.phase == kAll) {
      // It has seen what time makes wrong, too.
      finish(writer, run);
    } else if (run.phase == kChanged) {
      run.phase = kOverdue;
    } else {
      finish(writer, run);
    }
  }

  void finish(db::Writer& writer, QualityRun& run) const {
    // Rules that changed on the way make the next run begin anew.
    if (run.phase == kAll) {
      const bool same = walk_ && walk_->rules == std::string(kWalking) + rules_;
      kWalk.update(writer, {{"rules", same ? rules_ : ""}}, {{"object", Compare::Equal, object_}});
    }
    kWalk.update(writer, {{"watermark", run.started_at - kOverlap}},
                 {{"object", Compare::Equal, object_}});
    run.phase = kAgain;
    ++run.stage;
  }

  record::Engine& engine_;
  QualityRun run_;
  std::string object_;
  std::string rules_;
  std::optional<Walk> walk_;
};

// Returns whether there is a run to work on.
bool begin(record::Engine& engine, std::optional<QualityRun>& run) {
  const base::Instant now = engine.clock().now();
  const base::Date today = engine.zone().local_date(now);
  const bool night_is_over = now >= engine.zone().start_of_day(today) + kStartOfRun;
  if (run && run->stage != 0) return true;
  if (run && !run->wanted && (run->day >= today || !night_is_over)) return false;
  QualityRun next = run.value_or(QualityRun{});
  if (!run) next.since = month_of(engine.zone(), now);
  next.stage = 1;
  next.phase = next.cursor = next.cursor_id = next.checked = 0;
  next.started_at = now;
  if (night_is_over || !run) next.day = today;
  engine.write(record::system_actor("job"), [&](record::Tx& tx) {
    kRun.insert_if_absent(tx.writer(), {{"id", kOnly},
                                        {"day", 0},
                                        {"stage", 0},
                                        {"phase", 0},
                                        {"cursor", 0},
                                        {"cursor_id", 0},
                                        {"checked", 0},
                                        {"started_at", 0},
                                        {"finished_at", 0},
                                        {"since", next.since},
                                        {"wanted", 0}});
    kRun.update(tx.writer(), {{"wanted", 0}}, {{"id", Compare::Equal, kOnly}});
    write_run(tx.writer(), next);
  });
  run = next;
  return true;
}

void finish(record::Engine& engine, QualityRun run) {
  const auto figures = count_figures(engine, run);
  engine.write(
      record::system_actor("job"),
      [&](record::Tx& tx) {
        keep_figures(tx, figures);
        QualityRun idle = run;
        idle.stage = idle.phase = idle.cursor = idle.cursor_id = 0;
        idle.finished_at = tx.now();
        write_run(tx.writer(), idle);
      },
      db::Lane::Bulk);
}

}  // namespace

std::optional<QualityRun> read_run(db::Reader& reader) {
  std::optional<QualityRun> out;
  kRun.select_each(reader,
                   {{"day", "stage", "phase", "cursor", "cursor_id", "checked", "started_at",
                     "finished_at", "since", "wanted"},
                    {{"id", Compare::Equal, kOnly}},
                    {},
                    1,
                    false},
                   [&](const db::Row& row) {
                     out = QualityRun{row.get_int(0),     row.get_int(1), row.get_int(2),
                                      row.get_int(3),     row.get_int(4), row.get_int(5),
                                      row.get_int(6),     row.get_int(7), row.get_int(8),
                                      row.get_int(9) != 0};
                   });
  return out;
}

void want_run(record::Tx& tx) {
  kRun.update(tx.writer(), {{"wanted", 1}}, {{"id", Compare::Equal, kOnly}});
}

bool is_cut(db::Reader& reader) {
  return kWalk.count(reader, {{"unlisted", Compare::Greater, 0}}) > 0;
}

bool QualityJob::step(record::Engine& engine) const {
  engine.check_background_work();
  std::optional<QualityRun> run;
  engine.database().read([&](db::Reader& reader) { run = read_run(reader); });
  if (!begin(engine, run)) return false;
  if (run->stage < kFigures) {
    Stage(engine, *run).step();
  } else {
    finish(engine, *run);
  }
  return true;
}

void QualityJob::run(record::Engine& engine) const {
  const auto until = std::chrono::steady_clock::now() + kAtOnce;
  while (step(engine) && std::chrono::steady_clock::now() < until) {
  }
}

void add_quality_tables(record::Registry& registry) {
  registry.add_table({"quality_run",
                      {{"id", false, true},
                       {"day", false, true},
                       {"stage", false, true},
                       {"phase", false, true},
                       {"cursor", false, true},
                       {"cursor_id", false, true},
                       {"checked", false, true},
                       {"started_at", false, true},
                       {"finished_at", false, true},
                       {"since", false, true},
                       {"wanted", false, true}},
                      {"id"},
                      {},
                      false});
  registry.add_table({"quality_walk",
                      {{"object", true, true},
                       {"rules", true, true},
                       {"watermark", false, true},
                       {"unlisted", false, true}},
                      {"object"},
                      {},
                      false});
  registry.add_table(finding_table());
  add_figure_tables(registry);
}

}  // namespace kehai::modules
