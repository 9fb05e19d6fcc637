// What modules add to the merging of records 合并. Without any of it every object whose definition
// has the right "merge" can be merged: references follow from the definitions.
//
// Filled once at start, read-only afterwards; safe from any thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "record/access.h"
#include "record/change_log.h"
#include "record/record.h"
#include "record/schema.h"

namespace kehai::record {
class Engine;
class Tx;
}  // namespace kehai::record

namespace kehai::platform {

// Records of one kind that become one; the first is the master. `object` outlives the set.
struct MergeSet {
  const record::ObjectSchema* object = nullptr;
  std::vector<record::Record> records;

  const record::Record& master() const { return records.front(); }
  std::vector<const record::Record*> losers() const;
  bool contains(record::RecordId id) const;
};

// One question before anything is written; also asked for the preview.
struct MergeCheck {
  record::Engine& engine;
  db::Reader& reader;
  const record::Actor& actor;
  const MergeSet& set;
  std::vector<base::Error>& refusals;

  void refuse(std::string code, base::Params params = {}) const;
};

// Changes of columns inside a merge that its undo takes back.
class MergeSteps {
 public:
  virtual ~MergeSteps() = default;
  virtual record::Tx& tx() = 0;
  virtual void set(const record::ColumnChange& change,
                   const std::vector<db::Condition>& more = {}) = 0;
  // A row that was put into a fixed table for this merge, by its key: undoing takes it away.
  virtual void added(std::string_view table, const std::vector<db::Assignment>& key) = 0;
};

struct MergeHooks {
  std::string object;  // "" = every object
  std::function<void(const MergeCheck&)> check;
  // The master's values as they will be written; choices and defaults are in it.
  std::function<void(const MergeSet&, record::Draft&)> adjust;
  // Before the children get their new parent.
  std::function<void(MergeSteps&, const MergeSet&)> prepare;
  // The values of an undone merge are written again, past the hooks: what is derived from them.
  std::function<void(record::Tx&, const record::Record&)> restored;
};

// Records of `child` that become children of one parent and have the same `key` (a text or another
// reference) are one record.
struct EqualChildren {
  std::string object;
  std::string child;
  std::string reference;
  std::string key;
};

// A fixed table with rows about records.
struct RecordLink {
  std::string table;
  std::string column;
  std::string object;         // of the records; "" = the table says it in `object_column`, or any
  std::string object_column;  // "" = ids alone tell
  std::string close_column;   // what is still open (null) is closed with the time of the merge
  bool moves = true;          // the rows have ids and go to the master; otherwise they go away
};

// A copy of the parent's owner beside a reference, in objects without parent_field.
struct OwnerCopy {
  std::string object;
  std::string field;
  std::string unless;  // reference that counts more when it is set; "" = none
};

class MergeRules {
 public:
  void add(MergeHooks hooks) { hooks_.push_back(std::move(hooks)); }
  void add(EqualChildren children) { equal_children_.push_back(std::move(children)); }
  void add(RecordLink link) { links_.push_back(std::move(link)); }
  void add(OwnerCopy copy) { copies_.push_back(std::move(copy)); }

  // Those for the object, in the order of registration.
  std::vector<const MergeHooks*> hooks(std::string_view object) const;
  const std::vector<EqualChildren>& equal_children() const { return equal_children_; }
  const std::vector<RecordLink>& links() const { return links_; }
  const std::vector<OwnerCopy>& copies() const { return copies_; }

 private:
  std::vector<MergeHooks> hooks_;
  std::vector<EqualChildren> equal_children_;
  std::vector<RecordLink> links_;
  std::vector<OwnerCopy> copies_;
};

}  // namespace kehai::platform
