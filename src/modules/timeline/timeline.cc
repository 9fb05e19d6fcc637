#include "modules/timeline/timeline.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/error.h"
#include "db/table.h"
#include "modules/timeline/follow_ups.h"
#include "modules/timeline/log_entries.h"
#include "query/parser.h"
#include "record/field_reader.h"

namespace kehai::modules {

using record::RecordId;
using record::TypedRow;

namespace {

const db::Table kAudit("audit_entry");
const db::Table kOwnership("ownership");
constexpr base::Instant kEndOfTime =
    253'402'300'799'000;  // the last instant that can be written down
constexpr int kMostBatches = 20;

// A place in the order of time, then id: what comes next is older.
struct Cursor {
  std::int64_t at = INT64_MAX;
  std::int64_t id = INT64_MAX;
  bool is_before(Cursor other) const { return at != other.at ? at < other.at : id < other.id; }
};

class Page {
 public:
  Page(record::Engine& engine, const record::Actor& actor, const record::ObjectSchema& object,
       RecordId id, std::vector<std::string> hidden)
      : engine_(engine),
        actor_(actor),
        object_(object),
        id_(id),
        subject_{engine, actor, object, id, std::move(hidden), {}},
        names_(engine, actor),
        log_writer_(subject_, log_, names_),
        follow_ups_(engine, actor) {
    engine_.database().read(
        [&](db::Reader& reader) { subject_.merged = platform::merged_into(reader, id_); });
  }

  // Reads on before `cursor` and appends what the person sees of it, newest first; moves the cursor
  // to where reading goes on. False when there is nothing more. Entries that show nothing make a
  // batch shorter than `limit`.
  bool read(Cursor& cursor, int limit, std::vector<Entry>& out) {
    load_audit(cursor, limit);
    load_activities(cursor, limit);
    load_stage_reasons(cursor, limit);
    log_writer_.want_names(names_);
    follow_ups_.want_names(activities_, names_);
    names_.load();
    // A source that has more is known only down to its last row: below it, the others wait.
    std::optional<Cursor> horizon;
    const auto ends_at = [&](std::size_t size, Cursor last) {
      if (size == static_cast<std::size_t>(limit) && (!horizon || horizon->is_before(last)))
        horizon = last;
    };
    if (!log_.entries.empty())
      ends_at(log_.entries.size(), {log_.entries.back().at, log_.entries.back().id});
    if (!activities_.empty()) {
      const auto& last = activities_.back().record;
      ends_at(activities_.size(), {last.integer("happened_at"), last.id()});
    }
    std::vector<Entry> batch;
    for (const auto& entry : log_.entries) log_writer_.write(entry, batch);
    follow_ups_.write(activities_, names_, batch);
    if (horizon) {
      std::erase_if(batch, [&](const Entry& entry) {
        return Cursor{entry.at, entry.id}.is_before(*horizon);
      });
      cursor = *horizon;
    }
    std::stable_sort(batch.begin(), batch.end(), [](const Entry& a, const Entry& b) {
      return Cursor{b.at, b.id}.is_before({a.at, a.id});
    });
    out.insert(out.end(), std::make_move_iterator(batch.begin()),
               std::make_move_iterator(batch.end()));
    return horizon.has_value();
  }

 private:
  void load_audit(Cursor cursor, int limit) {
    engine_.database().read([&](db::Reader& reader) {
      log_.entries.clear();
      log_.owner_reasons.clear();
      load_audit_of(reader, id_, cursor, limit);
      // The history of what was merged into the record is its own.
      for (const auto& merged : subject_.merged) load_audit_of(reader, merged.id, cursor, limit);
      std::stable_sort(log_.entries.begin(), log_.entries.end(),
                       [](const AuditEntry& a, const AuditEntry& b) {
                         return Cursor{b.at, b.id}.is_before({a.at, a.id});
                       });
      if (log_.entries.size() > static_cast<std::size_t>(limit))
        log_.entries.resize(static_cast<std::size_t>(limit));
      kOwnership.select_each(
          reader,
          {{"from_at", "reason"},
           {{"record_id", db::Compare::Equal, id_}, {"from_at", db::Compare::LessEqual, cursor.at}},
           {{"from_at", true}},
           limit,
           false},
          [&](const db::Row& row) {
            log_.owner_reasons[row.get_int(0)] = std::string(row.get_text(1));
          });
    });
  }

  void load_audit_of(db::Reader& reader, RecordId id, Cursor cursor, int limit) {
    int rest = limit;
    const auto take = [&](std::vector<db::Condition> conditions) {
      if (rest <= 0) return;
      conditions.insert(conditions.begin(), {"record_id", db::Compare::Equal, id});
      kAudit.select_each(reader,
                         {{"id", "action", "actor_id", "at", "via", "changes"},
                          conditions,
                          {{"at", true}, {"id", true}},
                          rest,
                          false},
                         [&](const db::Row& row) {
                           AuditEntry entry{id,
                                            row.get_int(0),
                                            std::string(row.get_text(1)),
                                            row.get_int(2),
                                            row.get_int(3),
                                            std::string(row.get_text(4)),
                                            {}};
                           if (!row.is_null(5))
                             entry.changes = base::parse_json(row.get_text(5)).as_object();
                           log_.entries.push_back(std::move(entry));
                           --rest;
                         });
    };
    // First what happened in the same instant, however much that is.
    take({{"at", db::Compare::Equal, cursor.at}, {"id", db::Compare::Less, cursor.id}});
    take({{"at", db::Compare::Less, cursor.at}});
  }

  void load_activities(Cursor cursor, int limit) {
    activities_.clear();
    const std::string reference = object_.definition().name + "_id";
    const auto schema = engine_.schema();
    const auto* activity = schema->find("activity");
    if (activity == nullptr || activity->definition().field(reference) == nullptr ||
        !engine_.access().may(actor_, activity->definition(), "read")) {
      return;
    }
    const record::FieldReader fields(engine_.access(), actor_, activity->definition());
    if (!fields.shows_all({reference, "happened_at"})) return;
    record::ListRequest request;
    request.fixed = {{reference, record::Value(id_)}};
    request.options.top = limit;
    request.default_order = "happened_at desc, id desc";
    const std::string at = base::format_instant(std::min(cursor.at, kEndOfTime));
    request.options.filter =
        query::parse_expression("happened_at lt " + at + " or (happened_at eq " + at +
                                " and id lt " + std::to_string(cursor.id) + ")");
    engine_.list_typed(actor_, "activity", request,
                       [&](const TypedRow& row) { activities_.push_back(row); });
  }

  // Why a deal moved is kept in its stage history.
  void load_stage_reasons(Cursor cursor, int limit) {
    log_.stage_reasons.clear();
    const auto schema = engine_.schema();
    const auto* moves = schema->find("stage_change");
    if (object_.definition().name != "opportunity" || moves == nullptr ||
        !engine_.access().may(actor_, moves->definition(), "read")) {
      return;
    }
    const record::FieldReader fields(engine_.access(), actor_, moves->definition());
    if (!fields.shows_all({"reason", "to_stage_id", "created_at"})) return;
    record::ListRequest request;
    request.fixed = {{"opportunity_id", record::Value(id_)}};
    request.options.top = limit;
    request.default_order = "created_at desc";
    request.options.filter = query::parse_expression(
        "created_at le " + base::format_instant(std::min(cursor.at, kEndOfTime)));
    engine_.list_typed(actor_, "stage_change", request, [&](const TypedRow& row) {
      log_.stage_reasons[{row.record.integer("created_at"), row.record.integer("to_stage_id")}] =
          row.record.text("reason");
    });
  }

  record::Engine& engine_;
  const record::Actor& actor_;
  const record::ObjectSchema& object_;
  RecordId id_;
  LogWriter::Subject subject_;
  RecordLog log_;
  Names names_;
  LogWriter log_writer_;
  FollowUpWriter follow_ups_;
  std::vector<TypedRow> activities_;
};

Cursor parse_cursor(std::string_view token) {
  Cursor cursor;
  const char* end = token.data() + token.size();
  const auto at = std::from_chars(token.data(), end, cursor.at);
  const bool colon = at.ec == std::errc() && at.ptr != end && *at.ptr == ':';
  if (!colon || std::from_chars(at.ptr + 1, end, cursor.id).ec != std::errc()) {
    throw base::Error(base::ErrorKind::Invalid, "query.bad_token");
  }
  return cursor;
}

}  // namespace

std::string timeline_json(record::Engine& engine, const record::Actor& actor,
                          std::string_view object, RecordId id, std::string_view before,
                          int limit) {
  const auto schema = engine.schema();
  const auto* found = schema->find(object);
  if (found == nullptr || !found->definition().history)
    throw base::Error(base::ErrorKind::NotFound, "route.not_found");
  // Everybody reads the names of users and roles; who signed in when and whose rights changed is
  // for whoever sets them up.
  if (found->definition().configuration &&
      !engine.access().may(actor, found->definition(), "configure")) {
    throw base::Error(base::ErrorKind::NotFound, "record.not_found");
  }
  std::vector<std::string> hidden;
  engine.read(actor, object, id, &hidden);
  Cursor cursor = before.empty() ? Cursor{} : parse_cursor(before);
  Page page(engine, actor, *found, id, std::move(hidden));
  std::vector<Entry> entries;
  bool more = true;
  const auto wanted = static_cast<std::size_t>(limit);
  for (int batch = 0; more && entries.size() <= wanted && batch < kMostBatches; ++batch) {
    more = page.read(cursor, limit + 1, entries);
  }
  if (entries.size() > wanted) {
    // What one change made several entries of stays together.
    auto cut = wanted;
    while (cut < entries.size() && entries[cut].id == entries[cut - 1].id) ++cut;
    more = more || cut < entries.size();
    entries.resize(cut);
    cursor = {entries.back().at, entries.back().id};
  }
  const std::string next = more ? std::to_string(cursor.at) + ":" + std::to_string(cursor.id) : "";
  std::string out;
  base::JsonWriter writer(out);
  writer.begin_object().key("value").begin_array();
  for (const auto& entry : entries) writer.raw(entry.json);
  writer.end_array().key("next");
  next.empty() ? writer.null() : writer.text(next);
  writer.end_object();
  return out;
}

}  // namespace kehai::modules
