// Columns that follow the children of a record (FieldDefinition::kept), within its transaction.
#include <set>

#include "db/dialect.h"
#include "record/engine.h"
#include "record/formulas.h"
#include "record/tx.h"

namespace kehai::record {

void Tx::refresh_kept(const KeptColumn& kept, RecordId id) {
  const auto& object = kept.parent->definition();
  // First the lock, then the look: of two that take away the last two children one sees none.
  const auto record = find(object.name, id, Lock::ForUpdate, true);
  if (!record) return;
  const auto& child = *kept.child;
  const Values parent{id};
  const auto found =
      writer_.scalar("SELECT \"id\" FROM " + db::quote_identifier(child.table()) + " WHERE " +
                         db::quote_identifier(kept.reference) + " = ?" +
                         (child.soft_delete() ? " AND \"deleted_at\" IS NULL" : "") + " LIMIT 1",
                     parent);
  const Value value(!found.is_null());
  if (!(record->at(kept.field) == value))
    set_derived(*record, object.fields[kept.field].name, value);
}

void Tx::refresh_kept(std::string_view object, RecordId id) {
  for (const auto& kept : schema_->kept()) {
    if (kept.parent->name() == object) refresh_kept(kept, id);
  }
}

// After a child came, went or changed its parent, and after a parent came back.
void Tx::keep_parents(const Change& change) {
  for (const auto& kept : schema_->kept()) {
    if (change.operation == Operation::Restore && kept.parent->name() == change.object.name)
      refresh_kept(kept, change.after->id());
    if (kept.child->name() != change.object.name) continue;
    if (change.operation == Operation::Update && !change.changed(kept.reference)) continue;
    std::set<RecordId> parents = {change.after->integer(kept.reference)};
    if (change.before != nullptr) parents.insert(change.before->integer(kept.reference));
    for (const RecordId parent : parents) {
      if (parent != 0 && !is_erasing(parent)) refresh_kept(kept, parent);
    }
  }
}

// What follows the children changes without a new version: a formula that is computed anew reads
// it as it is now.
void Tx::reload_kept(const Change& change) {
  const auto& object = change.object;
  for (const auto& kept : schema_->kept()) {
    if (kept.parent->name() != object.name ||
        !is_read_by_changes(object, kept.field, *change.before, *change.after))
      continue;
    const std::string sql = "SELECT " + db::quote_identifier(object.fields[kept.field].name) +
                            " FROM " + db::quote_identifier(object.name) + " WHERE \"id\" = ?" +
                            (writer_.dialect().is_postgres() ? " FOR UPDATE" : "");
    const Values id{change.after->id()};
    change.after->at(kept.field) = writer_.scalar(sql, id);
  }
}

}  // namespace kehai::record
