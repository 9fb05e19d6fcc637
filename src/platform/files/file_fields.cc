// What a field of the type file promises: it names uploads of the person who writes, each for one
// record.
#include <algorithm>

#include "base/error.h"
#include "db/row_checks.h"
#include "db/table.h"
#include "platform/files/files.h"

namespace kehai::platform {

using db::Compare;
using record::FieldDefinition;
using record::FieldType;
using record::Operation;
using record::Record;
using record::RecordId;
using record::Value;

namespace {

const db::Table kFiles("file");

std::vector<RecordId> without(const std::vector<RecordId>& all, const std::vector<RecordId>& some) {
  std::vector<RecordId> out;
  for (const RecordId id : all) {
    if (std::find(some.begin(), some.end(), id) == some.end()) out.push_back(id);
  }
  return out;
}

// An upload of this person becomes the record's; what this person uploaded for the record or took
// off it may be put back. Others' uploads and files of other records look like files that there are
// not.
bool link(record::Tx& tx, RecordId file, RecordId record) {
  const Value me(tx.actor().user_id);
  const db::Condition unlinked{"record_id", Compare::IsNull, {}};
  const db::Condition ours{"record_id", Compare::Equal, record};
  const db::Condition by_me{"created_by", Compare::Equal, me};
  const db::Condition taken_off_by_me{"released_by", Compare::Equal, me};
  const std::vector<std::vector<db::Condition>> ways = {
      {unlinked, by_me}, {ours, by_me}, {ours, taken_off_by_me}};
  return std::any_of(ways.begin(), ways.end(), [&](std::vector<db::Condition> where) {
    where.push_back({"id", Compare::Equal, file});
    where.push_back({"gone_at", Compare::IsNull, {}});
    return kFiles.update(
               tx.writer(),
               {{"record_id", record}, {"loose_since", Value()}, {"released_by", Value()}},
               where) > 0;
  });
}

void release(record::Tx& tx, RecordId file) {
  kFiles.update(tx.writer(), {{"loose_since", tx.now()}, {"released_by", tx.actor().user_id}},
                {{"id", Compare::Equal, file}});
}

void save_field(record::Tx& tx, const record::Change& change, const FieldDefinition& field,
                std::vector<base::FieldError>& errors) {
  const auto after = record::files_in(*change.after, field);
  const auto before =
      change.before == nullptr ? std::vector<RecordId>() : record::files_in(*change.before, field);
  const auto added = without(after, before);
  // Merging and converting may have given the record more than the field takes; those can only
  // become fewer.
  const auto most = static_cast<std::size_t>(field.maximum.value_or(1));
  const bool is_merged = change.options.entry == "merge";
  // What was converted names the files as well and has them.
  const bool is_linked = change.options.entry == "convert";
  if (!is_merged && !is_linked && after.size() > most && !added.empty()) {
    errors.push_back({field.name, "field.too_many", {{"limit", std::to_string(most)}}});
    return;
  }
  for (const RecordId file : added) {
    if (is_linked) continue;
    if (is_merged) {  // of the records that become one
      kFiles.update(tx.writer(), {{"record_id", change.after->id()}},
                    {{"id", Compare::Equal, file}});
    } else if (!link(tx, file, change.after->id())) {
      errors.push_back({field.name, "field.file", {}});
      return;
    }
  }
  if (is_linked) return;
  for (const RecordId file : without(before, after)) release(tx, file);
}

void before_save(record::Tx& tx, record::Change& change) {
  if (change.operation == Operation::Delete && change.object.configuration)
    release_files(tx, *change.before);  // there is no recycle bin for these
  if (change.operation != Operation::Create && change.operation != Operation::Update) return;
  std::vector<base::FieldError> errors;
  for (const auto& field : change.object.fields) {
    if (field.type == FieldType::File && change.changed(field.name))
      save_field(tx, change, field, errors);
  }
  if (!errors.empty()) throw base::Error::fields(std::move(errors));
}

}  // namespace

void release_files(record::Tx& tx, const Record& record) {
  for (const auto& field : record.definition().fields) {
    for (const RecordId file : record::files_in(record, field)) release(tx, file);
  }
}

void register_files(Registrar& registrar) {
  registrar.registry.add_table(record::file_table());
  record::Hooks hooks;
  hooks.name = "files";
  hooks.before_save = before_save;
  registrar.registry.add_hooks(std::move(hooks));
}

std::vector<record::Invariant> file_invariants(
    const std::vector<record::ObjectDefinition>& objects) {
  std::vector<record::Invariant> out;
  for (const auto& object : objects) {
    for (const auto& field : object.fields) {
      if (field.type != FieldType::File) continue;
      db::Rows rows{object.name, {{field.name, Compare::IsNotNull, {}}}, "id"};
      if (field.multiple) rows = {record::multi_table(object, field), {}, "record_id"};
      const db::Partner file{"file",
                             {{field.multiple ? "value" : field.name, "id"}},
                             {{"gone_at", Compare::IsNull, {}}}};
      out.push_back(
          {object.name + "." + field.name + " names a file that there is not",
           [rows, file](db::Reader& reader) { return db::without_partner(reader, rows, {file}); }});
    }
  }
  return out;
}

}  // namespace kehai::platform
