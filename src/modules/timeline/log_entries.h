// The log of a record as lines of its timeline: what was created, changed, moved, handed over,
// merged. Shows what the reader's field rules show.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "modules/timeline/names.h"
#include "platform/merge/merge.h"

namespace kehai::modules {

// One line, ready to be sent.
struct Entry {
  std::int64_t at = 0;
  std::int64_t id = 0;
  std::string json;
};

struct AuditEntry {
  record::RecordId record_id = 0;
  std::int64_t id = 0;
  std::string action;
  std::int64_t actor_id = 0;
  std::int64_t at = 0;
  std::string via;
  base::JsonObject changes;
};

// What was read of the log, with the reasons that are kept elsewhere.
struct RecordLog {
  std::vector<AuditEntry> entries;                                             // newest first
  std::map<std::int64_t, std::string> owner_reasons;                           // by time
  std::map<std::pair<std::int64_t, std::int64_t>, std::string> stage_reasons;  // by time and stage
};

class LogWriter {
 public:
  struct Subject {
    record::Engine& engine;
    const record::Actor& actor;
    const record::ObjectSchema& object;
    record::RecordId id;
    std::vector<std::string> hidden;  // fields that this record does not show to the actor
    std::vector<platform::MergedRecord> merged;
  };
  // Log and names are borrowed; both change from page to page.
  LogWriter(const Subject& subject, const RecordLog& log, const Names& names)
      : engine_(subject.engine),
        actor_(subject.actor),
        object_(subject.object),
        id_(subject.id),
        hidden_(subject.hidden),
        merged_(subject.merged),
        log_(log),
        names_(names) {}

  void want_names(Names& names) const;
  // None, one or several lines: a move of its own for each stage and owner.
  void write(const AuditEntry& entry, std::vector<Entry>& out) const;

 private:
  bool shows(const record::FieldDefinition& field) const;
  std::string show_one(const record::FieldDefinition& field, const base::Json& json) const;
  std::string show(const record::FieldDefinition& field, const base::Json& json) const;
  std::string title_of(const std::string& title, const std::string& code) const;
  std::string reason_of(const record::FieldDefinition& field, const base::Json& to,
                        std::int64_t at) const;
  std::string action_label(const AuditEntry& entry) const;
  std::string reason_label(const std::string& stored) const;
  void begin(base::JsonWriter& writer, std::string_view kind, const AuditEntry& entry) const;
  void write_merge(base::JsonWriter& writer, const AuditEntry& entry) const;
  void write_move(base::JsonWriter& writer, const record::FieldDefinition& field,
                  const base::JsonArray& sides, const AuditEntry& entry) const;

  record::Engine& engine_;
  const record::Actor& actor_;
  const record::ObjectSchema& object_;
  record::RecordId id_;
  const std::vector<std::string>& hidden_;
  const std::vector<platform::MergedRecord>& merged_;
  const RecordLog& log_;
  const Names& names_;
};

}  // namespace kehai::modules
