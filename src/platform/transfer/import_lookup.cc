// What the database says about the rows of a chunk before they are written: known duplicates,
// records to update, references that are gone.
#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "platform/transfer/import_pass_row.h"
#include "platform/transfer/import_store.h"

namespace kehai::platform {

using record::RecordId;

// Records of this import by what the file says of them: keys in the other system, lines.
void ImportPass::find_known(db::Reader& reader, std::vector<Row>& rows) {
  const auto& object = plan_.definition().name;
  const auto scope = parts_.engine.access().scope(parts_.actor, plan_.definition(), "read");
  const auto add = [&](Row& row, RowDuplicate::Kind kind, const std::vector<RecordId>& ids) {
    for (const auto& record : parts_.engine.store().load_many(reader, *plan_.object, ids)) {
      if (!record.is_null("deleted_at") || !record::admits(scope, record)) continue;
      RowDuplicate duplicate;
      duplicate.kind = kind;
      duplicate.object = object;
      duplicate.id = record.id();
      row.known.push_back(std::move(duplicate));
      return;
    }
  };
  record::Values keys;
  record::Values lines;
  for (const auto& row : rows) {
    if (!row.parsed.errors.empty()) continue;
    if (!row.parsed.external_id.empty()) keys.emplace_back(row.parsed.external_id);
    lines.emplace_back(row.fingerprint);
  }
  const auto by_key = find_references(reader, plan_.settings.source, object, keys);
  const auto by_line = records_of_lines(reader, object, lines);
  if (by_key.empty() && by_line.empty()) return;
  for (auto& row : rows) {
    if (!row.parsed.errors.empty()) continue;
    if (const auto found = by_key.find(row.parsed.external_id); found != by_key.end())
      add(row, RowDuplicate::Kind::ExternalId, {found->second});
    const auto found = by_line.find(row.fingerprint);
    if (row.known.empty() && found != by_line.end())
      add(row, RowDuplicate::Kind::SameLine, found->second);
  }
}

// Records that are the same by the rules of the duplicate check: who wants all rows made gets all
// but those that nobody may make.
std::vector<RowDuplicate> ImportPass::known_of(db::Reader& reader, const std::string& object,
                                               const record::Draft& from_file) const {
  const bool creates = plan_.settings.duplicates == DuplicateMode::Create;
  const auto least = creates ? DuplicateAction::Block : DuplicateAction::Warn;
  const DuplicateQuestion question{object, from_file, 0, DuplicateEntry::Import, false, nullptr};
  std::vector<RowDuplicate> known;
  for (const auto& hit :
       parts_.dedupe.find(reader, parts_.engine, parts_.actor.language, question)) {
    if (hit.action < least || hit.tier == 'F') continue;
    known.push_back({RowDuplicate::Kind::Record, 0, hit.tier, hit.object, hit.id, hit.matched,
                     hit.evidence, hit.score});
  }
  return known;
}

void ImportPass::find_duplicates(db::Reader& reader, std::vector<Row>& rows) {
  const auto& object = plan_.definition().name;
  std::vector<Row*> asking;
  std::vector<Dedupe::Asking> questions;
  for (auto& row : rows) {
    if (!row.parsed.errors.empty() || !row.known.empty()) continue;
    asking.push_back(&row);
    questions.push_back({row.parsed.from_file, row.prepared});
  }
  const auto meets = parts_.dedupe.may_meet(reader, object, questions);
  for (std::size_t i = 0; i < asking.size(); ++i) {
    if (meets[i]) asking[i]->known = known_of(reader, object, asking[i]->parsed.from_file);
  }
}

// What this import itself has made is compared inside the file. Only the thread that writes knows
// it all.
void ImportPass::forget_own(Row& row) {
  constexpr std::size_t kMaximumHits = 5;
  for (auto& known : row.known_companions) {
    std::erase_if(known, [&](const RowDuplicate& duplicate) {
      return own_companions_.contains({duplicate.object, duplicate.id});
    });
  }
  if (row.known.empty()) return;
  std::erase_if(row.known,
                [&](const RowDuplicate& known) { return own_records_.contains(known.id); });
  if (row.known.size() > kMaximumHits) row.known.resize(kMaximumHits);
}

// The record that an update row means.
void ImportPass::find_target(Row& row) {
  const auto column = std::find_if(plan_.columns.begin(), plan_.columns.end(),
                                   [](const PlannedColumn& candidate) { return candidate.is_key; });
  const auto wrong = [&](std::string code, std::size_t count) {
    row.parsed.errors.push_back({column->name,
                                 plan_.settings.key,
                                 row.parsed.key,
                                 std::move(code),
                                 {{"value", row.parsed.key}, {"count", std::to_string(count)}}});
  };
  const auto& object = plan_.definition().name;
  std::vector<RecordId> found;
  if (row.parsed.key.empty()) return wrong("field.required", 0);
  if (plan_.settings.key == "id") {
    RecordId id = 0;
    const auto& key = row.parsed.key;
    const auto end = std::from_chars(key.data(), key.data() + key.size(), id);
    if (end.ec == std::errc() && end.ptr == key.data() + key.size() && id > 0) found = {id};
  } else if (plan_.settings.key == kExternalId) {
    RecordId id = 0;
    parts_.engine.database().read([&](db::Reader& reader) {
      id = find_reference(reader, plan_.settings.source, object, row.parsed.key);
    });
    if (id != 0) found = {id};
  } else {
    const auto given = row.parsed.from_file.values.find(plan_.settings.key);
    const bool typed = given != row.parsed.from_file.values.end() && given->second.is_text();
    found = resolver_->by_field(object, plan_.settings.key,
                                typed ? given->second.as_text() : row.parsed.key);
  }
  if (found.empty()) return wrong("import.key_not_found", 0);
  if (found.size() > 1) return wrong("import.key_ambiguous", found.size());
  row.target = found[0];
}

// What the resolver remembers may have been deleted meanwhile.
void ImportPass::check_references(db::Reader& reader, std::vector<Row>& rows) {
  std::map<std::string, std::set<RecordId>> wanted;
  const auto each = [&](Row& row, const auto& visit) {
    for (const auto& [name, value] : row.parsed.from_file.values) {
      const auto* field = plan_.definition().field(name);
      if (field != nullptr && field->is_reference() && value.is_int())
        visit(*field, value.as_int());
    }
  };
  for (auto& row : rows) {
    each(row, [&](const record::FieldDefinition& field, RecordId id) {
      wanted[field.target].insert(id);
    });
  }
  for (auto& [target, ids] : wanted) {
    for (const auto& record : parts_.engine.store().load_many(reader, plan_.schema->at(target),
                                                              {ids.begin(), ids.end()})) {
      if (record.is_null("deleted_at")) ids.erase(record.id());
    }
  }
  for (auto& row : rows) {
    each(row, [&](const record::FieldDefinition& field, RecordId id) {
      if (wanted[field.target].contains(id))
        row.parsed.errors.push_back({"", field.name, "", "field.reference_not_found", {}});
    });
  }
}

void ImportPass::look_into_database(std::vector<Row>& rows) {
  if (apply_)
    parts_.engine.database().read([&](db::Reader& reader) { check_references(reader, rows); });
  for (auto& row : rows) {
    if (plan_.settings.update && row.parsed.errors.empty()) find_target(row);
    if (!row.parsed.errors.empty()) continue;
    row.draft = plan_.settings.update ? row.parsed.from_file : std::move(row.parsed.draft);
    if (plan_.settings.update) drop_nulls(row.draft);
    row.prepared = parts_.engine.prepare(plan_.definition(), row.draft, options_);
  }
  if (plan_.settings.update) return;
  parts_.engine.database().read([&](db::Reader& reader) {
    for (auto& row : rows) row.known.clear();
    find_known(reader, rows);
    find_duplicates(reader, rows);
    for (auto& row : rows) {
      if (row.parsed.errors.empty()) find_known_companions(reader, row);
    }
  });
}

}  // namespace kehai::platform
