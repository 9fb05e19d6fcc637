// What a row brings along: records that its references name and nobody has yet, before its own;
// records of other objects that belong to it, behind it. All in the attempt of the row: it comes
// whole or not.
#include <algorithm>

#include "base/text/fold.h"
#include "platform/transfer/import_companions.h"
#include "platform/transfer/import_pass_row.h"

namespace kehai::platform {

using base::Error;
using record::RecordId;
using record::Tx;

namespace {

// Errors of the field of another object, as those of the column that was meant for it.
[[noreturn]] void rethrow_below(const Error& error, const std::string& object) {
  std::vector<base::FieldError> errors = error.field_errors();
  if (errors.empty() || is_fatal(error)) throw error;
  for (auto& field : errors) field.field.insert(0, object + ".");
  throw Error::fields(std::move(errors));
}
[[noreturn]] void rethrow_as(const Error& error, const std::string& field) {
  if (is_fatal(error)) throw error;
  const auto& errors = error.field_errors();
  if (errors.empty()) throw Error::fields({{field, error.code(), error.params()}});
  throw Error::fields({{field, errors[0].code, errors[0].params}});
}

}  // namespace

const PlannedColumn* ImportPass::column_of(const std::string& field) const {
  const auto target = parse_mapping_target(field);
  const ImportPlan* plan = &plan_;
  for (const auto& companion : plan_.companions) {
    if (companion.plan.definition().name == target.companion) plan = &companion.plan;
  }
  const auto found =
      std::find_if(plan->columns.begin(), plan->columns.end(), [&](const PlannedColumn& column) {
        return column.field != nullptr && column.field->name == target.field;
      });
  return found == plan->columns.end() ? nullptr : &*found;
}

void ImportPass::find_known_companions(db::Reader& reader, Row& row) {
  row.known_companions.clear();
  for (const auto& companion : row.parsed.companions) {
    row.known_companions.push_back(
        known_of(reader, companion.companion->plan.definition().name, companion.row.from_file));
  }
}

RecordId ImportPass::make_beside(Tx& tx, const std::string& object, record::Draft draft,
                                 Result& result) {
  record::WriteOptions options;
  options.entry = options_.entry;
  options.quiet = true;
  const RecordId id = tx.create(object, std::move(draft), options).id();
  result.others.push_back({0, object, id});
  return id;
}

RecordId ImportPass::make_missing(Tx& tx, const MissingRecord& missing, Result& result) {
  const std::pair<std::string, std::string> key{missing.field->target, text::fold(missing.name)};
  for (const auto* made : {&result.made, &made_in_chunk_, &made_}) {
    const auto found = made->find(key);
    if (found != made->end()) return found->second;
  }
  const auto& target = plan_.schema->at(missing.field->target).definition();
  record::Draft draft;
  draft.set(target.title_field, missing.name);
  try {
    return result.made[key] = make_beside(tx, target.name, std::move(draft), result);
  } catch (const Error& error) {
    rethrow_as(error, missing.field->name);
  }
}

void ImportPass::create_with_others(Tx& tx, const Row& row, const SeenKeys& chunk, Result& result) {
  record::Draft draft = row.draft;
  for (const auto& missing : row.parsed.missing)
    draft.set(missing.field->name, make_missing(tx, missing, result));
  const auto record = tx.create(plan_.definition().name, std::move(draft), options_);
  check_kept(row, record);
  result.created = result.stands_for = record.id();
  make_companions(tx, row, record.id(), chunk, result);
}

const ImportPass::Seen* ImportPass::find_seen_companion(const ParsedCompanion& companion,
                                                        const SeenKeys& chunk) const {
  for (const std::uint64_t key : companion.row.keys) {
    for (const SeenKeys* keys : {&chunk, &seen_}) {
      const auto found = keys->find(companion_key(companion, key));
      if (found != keys->end()) return &found->second;
    }
  }
  return nullptr;
}

void ImportPass::make_companions(Tx& tx, const Row& row, RecordId id, const SeenKeys& chunk,
                                 Result& result) {
  for (std::size_t i = 0; i < row.parsed.companions.size(); ++i) {
    const auto& parsed = row.parsed.companions[i];
    const auto& definition = parsed.companion->plan.definition();
    if (!row.known_companions[i].empty()) {
      result.finding.status = RowFinding::Status::Duplicate;
      for (const auto& known : row.known_companions[i]) result.finding.duplicates.push_back(known);
      continue;
    }
    if (const auto* seen = find_seen_companion(parsed, chunk)) {
      result.finding.status = RowFinding::Status::Duplicate;
      auto& duplicate = result.finding.duplicates.emplace_back();
      duplicate.kind = RowDuplicate::Kind::Line;
      duplicate.line = seen->line;
      continue;
    }
    record::Draft draft = parsed.row.draft;
    draft.set(parsed.companion->link->name, id);
    try {
      make_beside(tx, definition.name, std::move(draft), result);
    } catch (const Error& error) {
      rethrow_below(error, definition.name);
    }
  }
}

// A line about a record that an earlier line has made: what else it brings is new, the second
// contact of the same customer. False when it brings nothing new.
bool ImportPass::bring_to_line(Tx& tx, const Row& row, const Seen& seen, const SeenKeys& chunk,
                               Result& result) {
  if (row.parsed.companions.empty()) return false;
  try {
    attempt(tx, [&] {
      if (apply_) {
        make_companions(tx, row, seen.id, chunk, result);
      } else {
        create_with_others(tx, row, chunk, result);  // a check has kept nothing of that line
        throw RollBack{};
      }
    });
  } catch (const RollBack&) {
    result.created = 0;
  }
  result.stands_for = seen.id;
  const auto is_companion = [&](const CompanionRecord& other) {
    return std::any_of(plan_.companions.begin(), plan_.companions.end(), [&](const auto& each) {
      return each.plan.definition().name == other.object;
    });
  };
  if (std::any_of(result.others.begin(), result.others.end(), is_companion) ||
      std::any_of(row.known_companions.begin(), row.known_companions.end(),
                  [](const auto& known) { return !known.empty(); }))
    return true;
  result = {};
  result.finding.row = row.parsed.number;
  return false;
}

}  // namespace kehai::platform
