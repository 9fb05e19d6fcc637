// Merging records of one kind into one of them 合并 (domain 5.8), its preview and its undo.
//
// Driven by the definitions: an object can be merged when its definition has the right "merge", and
// every reference field of every object that names its kind is re-pointed. Modules add rules
// (merge_rules.h). A merged record leaves its table: nothing can list, find, count or claim it. Its
// id stays known as a stub that leads to the master. Everything is one transaction with a
// before-image (journal.h). Stateless beside the rules; safe from any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "platform/merge/merge_rules.h"
#include "platform/merge/merge_values.h"
#include "platform/registrar.h"
#include "record/engine.h"

namespace kehai::platform {

inline constexpr int kUndoMergeDays = 7;
inline constexpr std::size_t kMostMerged = 5;

struct MergeRequest {
  std::string object;
  record::RecordId master = 0;
  // With the versions that the caller saw; among them the master.
  std::vector<std::pair<record::RecordId, std::optional<std::int64_t>>> records;
  MergeChoices choices;
};

struct MergeResult {
  std::int64_t merge_id = 0;
  record::RecordId master = 0;
  std::int64_t version = 0;  // of the master
  base::Instant undoable_until = 0;
  std::vector<std::pair<std::string, std::int64_t>> children;  // moved, by object
};

struct MergePreview {
  struct Field {
    const record::FieldDefinition* definition = nullptr;
    std::vector<std::string> texts;    // as a person reads them, in the order of `records`
    std::vector<std::int64_t> chosen;  // ids whose value stays when nobody chooses; all when united
    bool differs = false;
    bool choosable = false;
  };
  struct Child {
    std::string object;
    std::int64_t count = 0;
    std::int64_t equal = 0;  // pairs that become one
  };
  std::vector<record::Record> records;  // master first
  std::vector<std::string> titles;
  std::vector<std::string> owners;  // names, "" = none
  std::vector<Field> fields;
  std::vector<Child> children;
  std::vector<base::Error> refusals;
  std::shared_ptr<const record::Schema> schema;  // keeps the definitions
};

class Merges {
 public:
  explicit Merges(std::shared_ptr<const MergeRules> rules) : rules_(std::move(rules)) {}

  // Throws NotFound, Forbidden, Stale "record.stale" {"stale":[{id,version}]}, field errors, and
  // Conflict for every refusal.
  MergeResult merge(record::Engine& engine, const record::Actor& actor,
                    const MergeRequest& request) const;
  MergePreview preview(record::Engine& engine, const record::Actor& actor,
                       const MergeRequest& request) const;
  // The master's id. Throws NotFound, Forbidden, Conflict "merge.undo_too_late", "merge.undone",
  // "merge.master_gone", "merge.changed_since" {count}, "merge.owner_gone".
  std::pair<std::string, record::RecordId> undo(record::Engine& engine, const record::Actor& actor,
                                                std::int64_t merge_id) const;

 private:
  // Rights on the kind, number and kinds of the records.
  static void check_request_of(record::Engine& engine, const record::Actor& actor,
                               const MergeRequest& request);
  MergeSet load(record::Engine& engine, const record::Actor& actor, const record::Schema& schema,
                const MergeRequest& request,
                const std::function<std::optional<record::Record>(record::RecordId)>& find) const;
  std::vector<base::Error> refusals(record::Engine& engine, db::Reader& reader,
                                    const record::Actor& actor, const MergeSet& set) const;

  std::shared_ptr<const MergeRules> rules_;
};

// Where a merged record is now, over as many merges as there were; nothing for every other id.
std::optional<record::RecordId> master_of(db::Reader& reader, std::string_view object,
                                          record::RecordId id);

// Records that were merged into this one, also by way of others: id and title.
struct MergedRecord {
  record::RecordId id = 0;
  std::string title;
  std::string code;
};
std::vector<MergedRecord> merged_into(db::Reader& reader, record::RecordId master);

struct MergeState {
  std::int64_t at = 0;
  bool undone = false;
};
std::optional<MergeState> merge_state(db::Reader& reader, std::int64_t merge_id);

// A master is gone for good: so are its stubs.
void forget_stubs(db::Writer& writer, record::RecordId master);

bool is_mergeable(const record::ObjectDefinition& object);

std::vector<record::Invariant> merge_invariants(
    const std::vector<record::ObjectDefinition>& objects);

void register_merge(Registrar& registrar);

}  // namespace kehai::platform
