// Where merged records went, and what must hold for them.
#include "db/row_checks.h"
#include "platform/merge/journal.h"
#include "platform/merge/merge.h"

namespace kehai::platform {

using db::Compare;
using record::RecordId;

namespace {

const db::Table kStubs("merged_record");
const db::Table kMerges("record_merge");
constexpr int kLongestWay = 50;
constexpr std::size_t kMostShown = 500;
constexpr std::int64_t kEveryMilliseconds = 3'600'000;
constexpr std::int64_t kDay = 86'400'000;

// Logs of merges that nobody can undo any more; the images of the records stay.
void forget_old_logs(record::Engine& engine) {
  const auto before = engine.clock().now() - (kUndoMergeDays + 1) * kDay;
  for (bool again = true; again;) {
    engine.write(
        record::system_actor("job"),
        [&](record::Tx& tx) {
          const auto oldest = db::Table("changed_row")
                                  .select(tx.writer(), {{"log"}, {}, {{"log", false}}, 1, false});
          again = !oldest.empty();
          if (!again) return;
          const auto log = oldest[0][0].as_int();
          const bool young =
              kMerges.count(tx.writer(), {{"id", Compare::Equal, log},
                                          {"at", Compare::GreaterEqual, before}}) > 0;
          again = !young;
          if (again) record::forget_log(tx.writer(), log);
        },
        db::Lane::Bulk);
  }
}

}  // namespace

std::optional<RecordId> master_of(db::Reader& reader, std::string_view object, RecordId id) {
  std::optional<RecordId> master;
  RecordId next = id;
  for (int step = 0; step < kLongestWay; ++step) {
    const auto rows = kStubs.select(
        reader, {{"master_id"},
                 {{"record_id", Compare::Equal, next}, {"object", Compare::Equal, object}},
                 {},
                 1,
                 false});
    if (rows.empty()) break;
    next = rows[0][0].as_int();
    master = next;
  }
  return master;
}

std::vector<MergedRecord> merged_into(db::Reader& reader, RecordId master) {
  std::vector<MergedRecord> out;
  std::vector<RecordId> open{master};
  while (!open.empty() && out.size() < kMostShown) {
    const RecordId next = open.back();
    open.pop_back();
    kStubs.select_each(reader,
                       {{"record_id", "title", "code"},
                        {{"master_id", Compare::Equal, next}},
                        {{"at", true}, {"record_id", false}},
                        static_cast<int>(kMostShown),
                        false},
                       [&](const db::Row& row) {
                         out.push_back({row.get_int(0), std::string(row.get_text(1)),
                                        std::string(row.get_text(2))});
                         open.push_back(row.get_int(0));
                       });
  }
  return out;
}

std::optional<MergeState> merge_state(db::Reader& reader, std::int64_t merge_id) {
  const auto rows = kMerges.select(
      reader, {{"at", "undone_at"}, {{"id", Compare::Equal, merge_id}}, {}, 1, false});
  if (rows.empty()) return std::nullopt;
  return MergeState{rows[0][0].as_int(), !rows[0][1].is_null()};
}

void forget_stubs(db::Writer& writer, RecordId master) {
  for (const auto& stub : merged_into(writer, master))
    kStubs.erase(writer, {{"record_id", Compare::Equal, stub.id}});
}

std::vector<record::Invariant> merge_invariants(
    const std::vector<record::ObjectDefinition>& objects) {
  std::vector<record::Invariant> out;
  for (const auto& object : objects) {
    if (!is_mergeable(object)) continue;
    const std::string name = object.name;
    const db::Rows stubs{"merged_record", {{"object", Compare::Equal, name}}, "record_id"};
    out.push_back({name + ": a merged record leads to no record", [=](db::Reader& reader) {
                     return db::without_partner(
                         reader, stubs,
                         {{name, {{"master_id", "id"}}, {}},
                          {"merged_record", {{"master_id", "record_id"}}, {}}});
                   }});
    out.push_back({name + ": a merged record has no before-image", [=](db::Reader& reader) {
                     return db::without_partner(
                         reader, stubs,
                         {{"merge_step",
                           {{"merge_id", "merge_id"}, {"record_id", "record_id"}},
                           {{"kind", Compare::Equal, "record"}}}});
                   }});
    out.push_back({name + ": a merged record is still there", [=](db::Reader& reader) {
                     return db::with_partner(reader, stubs, {name, {{"record_id", "id"}}, {}});
                   }});
    out.push_back(
        {name + ": a merged record still has keys of the duplicate check", [=](db::Reader& reader) {
           return db::with_partner(reader, stubs, {"dedupe_key", {{"record_id", "record_id"}}, {}});
         }});
    for (const auto& other : objects) {
      for (const auto& field : other.fields) {
        if (field.target != name || !field.is_reference()) continue;
        const auto table = field.multiple ? record::multi_table(other, field) : other.name;
        const std::string key = field.multiple ? "record_id" : "id";
        const std::string column = field.multiple ? "value" : field.name;
        out.push_back(
            {other.name + ": " + field.name + " names a merged record", [=](db::Reader& reader) {
               return db::with_partner(reader, {table, {{column, Compare::IsNotNull, {}}}, key},
                                       {"merged_record", {{column, "record_id"}}, {}});
             }});
      }
    }
  }
  return out;
}

void register_merge(Registrar& registrar) {
  for (auto& table : merge_tables()) registrar.registry.add_table(std::move(table));
  registrar.schedules.push_back({"merge.forget_logs", kEveryMilliseconds, forget_old_logs});
}

}  // namespace kehai::platform
