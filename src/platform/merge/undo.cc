// The journal read backwards.
#include <algorithm>

#include "base/error.h"
#include "platform/merge/journal.h"
#include "platform/merge/merge.h"
#include "record/audit.h"

namespace kehai::platform {

using base::Error;
using base::ErrorKind;
using record::Draft;
using record::Record;
using record::RecordId;
using record::Tx;
using record::Value;

namespace {

const db::Table kMerges("record_merge");
const db::Table kStubs("merged_record");
constexpr std::int64_t kDay = 86'400'000;

struct Header {
  std::string object;
  RecordId master = 0;
  std::int64_t at = 0;
  bool undone = false;
};

std::optional<Header> read_header(db::Reader& reader, std::int64_t merge) {
  std::optional<Header> out;
  kMerges.select_each(
      reader,
      {{"object", "master_id", "at", "undone_at"},
       {{"id", db::Compare::Equal, merge}},
       {},
       1,
       false},
      [&](const db::Row& row) {
        out = Header{std::string(row.get_text(0)), row.get_int(1), row.get_int(2), !row.is_null(3)};
      });
  return out;
}

Error changed_since(std::int64_t count) {
  return Error(ErrorKind::Conflict, "merge.changed_since", {{"count", std::to_string(count)}});
}

class Undo {
 public:
  Undo(Tx& tx, const MergeRules& rules, const Header& header, std::int64_t merge)
      : tx_(tx),
        rules_(rules),
        header_(header),
        merge_(merge),
        steps_(read_journal(tx.writer(), merge)) {}

  // Whoever may merge all of them as they were may part them.
  void check_rights() {
    auto& access = tx_.engine().access();
    const auto& definition = tx_.schema().at(header_.object).definition();
    if (!access.may(tx_.actor(), definition, "read"))
      throw Error(ErrorKind::NotFound, "record.not_found");
    const auto sees = access.scope(tx_.actor(), definition, "read");
    const auto master = tx_.find(header_.object, header_.master, record::Lock::ForUpdate);
    if (!master) {
      // Merged on, or deleted: whoever may see nothing of it hears the same as for no merge.
      const auto later = master_of(tx_.writer(), header_.object, header_.master);
      const auto record = later ? tx_.find(header_.object, *later) : std::nullopt;
      const bool visible = record && admits(sees, *record);
      throw visible ? Error(ErrorKind::Conflict, "merge.master_gone")
                    : Error(ErrorKind::NotFound, "record.not_found");
    }
    if (!admits(sees, *master)) throw Error(ErrorKind::NotFound, "record.not_found");
    if (!access.may(tx_.actor(), definition, "merge") ||
        !access.may(tx_.actor(), definition, "edit"))
      throw Error(ErrorKind::Forbidden, "access.denied");
    for (const auto* right : {"merge", "edit"}) {
      const auto scope = access.scope(tx_.actor(), definition, right);
      bool all = admits(scope, *master);
      for (const auto& step : steps_) {
        if (step.kind == "record" && step.object == header_.object)
          all = all && admits(scope, record_of(definition, step.data));
      }
      if (!all) throw Error(ErrorKind::Forbidden, "access.denied");
    }
  }

  void check_state() {
    if (header_.undone) throw Error(ErrorKind::Conflict, "merge.undone");
    if (tx_.now() - header_.at > kUndoMergeDays * kDay)
      throw Error(ErrorKind::Conflict, "merge.undo_too_late");
    std::int64_t changed = 0;
    for (const auto& object : tx_.schema().objects())
      changed += record::count_changed_since(tx_.writer(), merge_, object->definition().name,
                                             "merged_record");
    for (const auto& step : steps_) {
      if (step.kind == "master" && !is_unchanged(step)) ++changed;
    }
    if (changed > 0) throw changed_since(changed);
  }

  void run() {
    for (const auto& step : steps_) {
      if (step.kind == "column") set_column_back(step);
      if (step.kind == "values") set_values_back(step);
      if (step.kind == "record") bring_back(step);
      if (step.kind == "rows") put_rows_back(step);
      if (step.kind == "added") take_row_away(step);
      if (step.kind == "master") restore_master(step);
    }
    // The children are where they were.
    for (const auto& step : steps_) {
      if (step.kind == "record" || step.kind == "master")
        tx_.refresh_kept(step.object, step.record_id);
    }
    kStubs.erase(tx_.writer(), {{"merge_id", db::Compare::Equal, merge_}});
    record::forget_log(tx_.writer(), merge_);
    kMerges.update(tx_.writer(), {{"undone_at", tx_.now()}, {"undone_by", tx_.actor().user_id}},
                   {{"id", db::Compare::Equal, merge_}});
  }

 private:
  static bool is_bookkeeping(std::string_view field) {
    return field == "updated_at" || field == "updated_by";
  }

  // What the merge gave the master is still there; the rest of it may have moved on.
  bool is_unchanged(const JournalStep& step) {
    const auto record = tx_.find(step.object, step.record_id);
    if (!record) return false;
    const auto now = image_of(*record);
    for (const auto& member : step.data.at("after").as_object()) {
      if (!is_bookkeeping(member.key()) && now.contains(member.key()) &&
          now.at(member.key()) != member.value())
        return false;
    }
    return true;
  }

  void set_column_back(const JournalStep& step) {
    const auto change = column_of(step);
    if (const auto* object = tx_.schema().find(step.object);
        object != nullptr && change.is_object) {
      const auto* field = object->definition().field(change.column);
      if (field == nullptr) return;
      record::set_back(tx_.writer(), step.step, change);
      record::audit_step(tx_, step.step, object->definition(), change.column, change.to,
                         change.from);
      return;
    }
    record::set_back(tx_.writer(), step.step, change);
  }

  void set_values_back(const JournalStep& step) {
    const auto& object = tx_.schema().at(step.object).definition();
    const auto* field = object.field(base::json_text(step.data, "field"));
    if (field != nullptr) record::replace_value_back(tx_.writer(), step.step, object, *field);
  }

  void put_rows_back(const JournalStep& step) {
    const auto& tables = tx_.engine().registry().tables();
    const auto table = std::find_if(tables.begin(), tables.end(), [&](const auto& candidate) {
      return candidate.name == step.object;
    });
    if (table == tables.end()) return;
    for (const auto& row : step.data.at("rows").as_array()) {
      const auto& values = row.as_array();
      std::vector<db::Assignment> assignments;
      for (std::size_t i = 0; i < values.size() && i < table->columns.size(); ++i)
        assignments.push_back({table->columns[i].name, to_value(values[i])});
      db::Table(step.object).insert_if_absent(tx_.writer(), assignments);
    }
  }

  void take_row_away(const JournalStep& step) {
    std::vector<db::Condition> key;
    for (const auto& member : step.data)
      key.push_back({std::string(member.key()), db::Compare::Equal, to_value(member.value())});
    db::Table(step.object).erase(tx_.writer(), key);
  }

  void bring_back(const JournalStep& step) {
    const auto& schema = tx_.schema().at(step.object);
    const auto& definition = schema.definition();
    Record record = record_of(definition, step.data);
    check_owner(record);
    tx_.engine().store().insert(tx_.writer(), schema, record);
    take_keys(record);
    base::JsonObject data;
    data["merge_id"] = merge_;
    tx_.audit(record, "unmerged", std::move(data));
    tx_.announce(record, record::Operation::Restore);
  }

  // The organisation may have moved on: the department follows the owner as he is today.
  void check_owner(Record& record) {
    if (!record.definition().owned || record.is_null("owner_id")) return;
    const std::int64_t owner = record.integer("owner_id");
    const auto person = tx_.find("user", owner);
    if (!person || person->text("status") != "active")
      throw Error(ErrorKind::Conflict, "merge.owner_gone",
                  {{"name", person ? person->text("name") : ""}});
    const auto department = tx_.engine().directory().department_of(tx_.writer(), owner);
    record.set("scope_department_id", department == 0 ? Value() : Value(department));
  }

  void take_keys(const Record& record) {
    tx_.claim_unique_keys(record);
    for (const auto* hooks : rules_.hooks(record.definition().name)) {
      if (hooks->restored) hooks->restored(tx_, record);
    }
  }

  void restore_master(const JournalStep& step) {
    auto record = tx_.find(step.object, step.record_id, record::Lock::ForUpdate);
    if (!record) return;
    const bool untouched = record->version() == base::json_int(step.data, "version");
    Draft draft;
    for (const auto& member : step.data.at("before").as_object()) {
      const auto* field = record->definition().field(std::string_view(member.key()));
      if (field == nullptr) continue;
      if (is_bookkeeping(field->name)) {
        if (untouched) draft.set(field->name, to_value(member.value()));
      } else if (field->multiple) {
        record::Values values;
        for (const auto& value : member.value().as_array()) values.push_back(to_value(value));
        draft.many[field->name] = std::move(values);
      } else {
        draft.set(field->name, to_value(member.value()));
      }
    }
    tx_.take_back(*record, std::move(draft));
    for (const auto* hooks : rules_.hooks(step.object)) {
      if (hooks->restored) hooks->restored(tx_, *record);
    }
    base::JsonObject data;
    data["merge_id"] = merge_;
    tx_.audit(*record, "unmerged", std::move(data));
  }

  Tx& tx_;
  const MergeRules& rules_;
  Header header_;
  std::int64_t merge_;
  std::vector<JournalStep> steps_;
};

}  // namespace

std::pair<std::string, RecordId> Merges::undo(record::Engine& engine, const record::Actor& actor,
                                              std::int64_t merge_id) const {
  std::int64_t rows = 0;
  engine.database().read([&](db::Reader& reader) {
    rows = db::Table("changed_row").count(reader, {{"log", db::Compare::Equal, merge_id}});
  });
  make_room(engine, rows);
  std::pair<std::string, RecordId> out;
  engine.write(actor, [&](Tx& tx) {
    tx.writer().lock("merge", std::to_string(merge_id));
    const auto header = read_header(tx.writer(), merge_id);
    if (!header || tx.schema().find(header->object) == nullptr)
      throw Error(ErrorKind::NotFound, "record.not_found");
    Undo undo(tx, *rules_, *header, merge_id);
    undo.check_rights();
    undo.check_state();
    undo.run();
    out = {header->object, header->master};
    record::Event event;
    event.kind = "unmerged";
    event.object = header->object;
    event.record_id = header->master;
    tx.emit(std::move(event));
  });
  return out;
}

}  // namespace kehai::platform
