// What the files of ImportPass share: one row on its way, what came of it, small helpers.
#pragma once

#include <any>
#include <vector>

#include "base/error.h"
#include "platform/transfer/import_pass.h"
#include "platform/transfer/import_store.h"

namespace kehai::platform {

// Leaves an attempt without keeping what it wrote.
struct RollBack {};

struct ImportPass::Row {
  ParsedRow parsed;
  std::vector<std::any> prepared;   // of `draft`
  record::Draft draft;              // what is to be written
  std::vector<RowDuplicate> known;  // in the database
  record::RecordId target = 0;      // the record to update, or to attach to
  std::int64_t fingerprint = 0;
  std::vector<std::vector<RowDuplicate>> known_companions;  // of each of parsed.companions

  bool brings_others() const { return !parsed.missing.empty() || !parsed.companions.empty(); }
};

struct ImportPass::Chunk {
  std::vector<Row> rows;
  bool is_last = false;
  std::int64_t expected = 0;  // rows of the whole file, by what was read so far
};

struct ImportPass::Result {
  RowFinding finding;
  record::RecordId created = 0;
  bool updated = false;
  record::RecordId stands_for = 0;      // the record that the row's external id means from now on
  bool failed = false;                  // the engine said no: only a savepoint can tell
  bool is_new = false;                  // not known before, whatever its companions are
  std::vector<CompanionRecord> others;  // made beside it
  MadeByName made;                      // those of them that references name
};

// What a chunk comes to: the job as it will stand in the same transaction.
struct ImportPass::Outcome {
  ImportJob job;
  std::vector<Result> results;
  bool has_errors = false;
  bool has_failed = false;
};

// Errors of the machine, not of the row.
inline bool is_fatal(const base::Error& error) {
  return error.kind() == base::ErrorKind::Internal ||
         error.kind() == base::ErrorKind::Unavailable ||
         error.kind() == base::ErrorKind::StorageFull;
}

// Keys of companions beside those of the imported records.
inline std::uint64_t companion_key(const ParsedCompanion& companion, std::uint64_t key) {
  return hash_text(companion.companion->plan.definition().name, key);
}

inline void drop_nulls(record::Draft& draft) {
  std::erase_if(draft.values, [](const auto& entry) { return entry.second.is_null(); });
  std::erase_if(draft.many, [](const auto& entry) { return entry.second.empty(); });
}

}  // namespace kehai::platform
