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

namespace {

constexpr std::size_t kMaximumHits = 5;  // of one row

}  // namespace

void ImportPass::find_known(db::Reader& reader, Row& row) {
  const auto& object = plan_.definition().name;
  const auto& engine = parts_.engine;
  const auto scope = parts_.engine.access().scope(parts_.actor, plan_.definition(), "read");
  const auto add = [&](RowDuplicate::Kind kind, const std::vector<RecordId>& ids) {
    for (const auto& record : engine.store().load_many(reader, *plan_.object, ids)) {
      if (!record.is_null("deleted_at") || !record::admits(scope, record)) continue;
      RowDuplicate duplicate;
      duplicate.kind = kind;
      duplicate.object = object;
      duplicate.id = record.id();
      row.known.push_back(std::move(duplicate));
      return;
    }
  };
  if (!row.parsed.external_id.empty()) {
    const RecordId id =
        find_reference(reader, plan_.settings.source, object, row.parsed.external_id);
    if (id != 0) add(RowDuplicate::Kind::ExternalId, {id});
  }
  if (row.known.empty()) {
    const auto ids = records_of_line(reader, object, row.fingerprint);
    if (!ids.empty()) add(RowDuplicate::Kind::SameLine, ids);
  }
  if (!row.known.empty()) return;
  // Who wants all rows made gets all but those that nobody may make.
  const bool creates = plan_.settings.duplicates == DuplicateMode::Create;
  const auto least = creates ? DuplicateAction::Block : DuplicateAction::Warn;
  const DuplicateQuestion question{object, row.parsed.from_file, 0, DuplicateEntry::Import, false,
                                   nullptr};
  for (const auto& hit : parts_.dedupe.find(reader, engine, parts_.actor.language, question)) {
    if (hit.action < least || hit.tier == 'F') continue;
    if (own_records_.contains(hit.id)) continue;  // compared inside the file
    row.known.push_back({RowDuplicate::Kind::Record, 0, hit.tier, hit.object, hit.id, hit.matched,
                         hit.evidence, hit.score});
    if (row.known.size() >= kMaximumHits) break;
  }
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
  if (plan_.settings.update) {
    for (auto& row : rows) {
      if (row.parsed.errors.empty()) find_target(row);
    }
  } else {
    parts_.engine.database().read([&](db::Reader& reader) {
      for (auto& row : rows) {
        row.known.clear();
        if (!row.parsed.errors.empty()) continue;
        find_known(reader, row);
        find_known_companions(reader, row);
      }
    });
  }
  for (auto& row : rows) {
    if (!row.parsed.errors.empty()) continue;
    row.draft = plan_.settings.update ? row.parsed.from_file : row.parsed.draft;
    if (plan_.settings.update) drop_nulls(row.draft);
    if (row.known.empty())
      row.prepared = parts_.engine.prepare(plan_.definition(), row.draft, options_);
  }
}

}  // namespace kehai::platform
