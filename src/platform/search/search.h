// Search 搜索 over every object: tokens of the searchable fields plus scope tokens, so that a query
// names only what the caller may read. The engine checks each candidate again.
//
// Tokens: field classes n, p, e, t, c (base/text/tokens.h); scope tokens begin with x: xt object,
// xo owner, xd department, xr parent owner, xp pool, xm member of the record or of what it hangs on
// (a membership that is over is still found here and dropped by the engine), xb everything of the
// object. Written by one indexer from the durable outbox, at most about a second behind.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/registrar.h"
#include "record/engine.h"

namespace kehai::platform {

struct FoundRecord {
  std::string object;
  record::RecordId id = 0;
  std::string title;
  std::string subtitle;
};

// What the index holds of a record; multi-valued fields must be loaded. `members`: of the record
// and of what it hangs on.
std::string search_tokens(const record::Record& record,
                          const std::vector<std::int64_t>& members = {});
// The word in the outbox for a record whose members changed: what hangs on it is indexed as well.
inline constexpr std::string_view kMembersChanged = "members";

class Search : public record::SearchPort {
 public:
  std::vector<record::RecordId> find(db::Reader& reader, const record::Actor& actor,
                                     const record::ObjectDefinition& object,
                                     const record::RowScope& scope, std::string_view text,
                                     int limit) override;
  // Over several objects, best first: titles that begin with the words, then the newest. No names
  // of objects: all searchable ones but those of the settings.
  std::vector<FoundRecord> find_everywhere(record::Engine& engine, const record::Actor& actor,
                                           std::string_view text,
                                           const std::vector<std::string>& objects, int limit);
  // Indexes what waits in the outbox; returns the number of events done. Called by the job thread
  // only.
  int index_pending(record::Engine& engine);
  // Rebuilds everything: after an import of a database or a change of the text tables.
  // `progress` hears of every page: how many records it had.
  void rebuild(record::Engine& engine, const std::function<void(std::int64_t)>& progress = {});
  // After a start of a program that indexes other fields than the one before: the objects whose
  // fields differ anew, once. New changes are indexed in between. Called by the job thread only.
  void complete(record::Engine& engine);
  // Makes one of the index's many parts, in short steps. Called by the job thread only.
  void gather(record::Engine& engine);
  // A database without records needs no completing.
  void begin(record::Engine& engine);
  void set_policy(record::AccessPolicy& policy) { policy_ = &policy; }

 private:
  void rebuild_object(record::Engine& engine, const record::ObjectSchema& object,
                      const std::function<void(std::int64_t)>& progress);

  record::AccessPolicy* policy_ = nullptr;
  bool is_complete_ = false;  // job thread only
};

// That every living record with searchable fields is in the index, or on its way there.
std::vector<record::Invariant> search_invariants(
    const std::vector<record::ObjectDefinition>& objects);

void register_search(Registrar& registrar, std::shared_ptr<Search> search);

}  // namespace kehai::platform
