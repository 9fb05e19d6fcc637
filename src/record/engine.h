// The record engine: the one door through which every read and write of a record goes.
//
// Knows objects only by their definitions. Every method that takes an Actor checks function right,
// row scope and field rules; what the actor may not see is NotFound "record.not_found", exactly as
// for an unknown id. All methods are safe from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/random.h"
#include "base/time.h"
#include "db/database.h"
#include "query/checker.h"
#include "query/options.h"
#include "record/access.h"
#include "record/allocator.h"
#include "record/migrator.h"
#include "record/record.h"
#include "record/registry.h"
#include "record/schema.h"
#include "record/store.h"
#include "record/tx.h"

namespace kehai::record {

class FieldsCache;  // render.h

// Finds records by words; implemented by platform/search. Candidates are already within the actor's
// read scope as far as the index knows it; the engine checks again.
class SearchPort {
 public:
  virtual ~SearchPort() = default;
  virtual std::vector<RecordId> find(db::Reader& reader, const Actor& actor,
                                     const ObjectDefinition& object, const RowScope& scope,
                                     std::string_view text, int limit) = 0;
};

// What a person waits for at most. Free filters may ask for more than any index serves.
inline constexpr std::int64_t kQueryBudget = 3'000;

struct ListRequest {
  query::QueryOptions options;
  bool deleted = false;  // the recycle bin instead of live records
  int default_top = 50;
  int maximum_top = 500;
  // Equality conditions of a navigation ("contacts of account 77"); fields of this object.
  std::vector<std::pair<std::string, Value>> fixed;
  std::string default_order;  // "" = the first of list_orders, newest first
  // A statement that runs longer than this throws Limit "query.too_expensive"; 0 = as long as it
  // takes (exports, jobs).
  std::int64_t budget_milliseconds = 0;
};

// A page as JSON elements of "value" (without brackets), ready for the API.
struct ListPage {
  std::string elements;
  std::size_t size = 0;
  std::string next_token;             // "" = last page
  std::optional<std::int64_t> count;  // when asked for
  bool count_exact = true;
};

// One row for typed readers (exports, boards).
struct TypedRow {
  Record record;
  std::vector<std::string> hidden;  // fields that this actor does not see on this row
};

// Rows of an aggregate in storage units: money in hundredths, dates in days.
struct Aggregates {
  std::vector<std::string> columns;
  std::vector<query::FieldType> types;
  std::vector<base::Values> rows;
  // The value of a column in a row; throws Internal for unknown names.
  const base::Value& at(std::size_t row, std::string_view column) const;
};

// The address where a to-many expansion goes on behind the rows that came with a record: the
// collection `navigation` of this record, with the options of the expansion and a page token.
using ExpansionLink = std::function<std::string(
    const ObjectSchema& object, RecordId id, const std::string& navigation,
    const query::QueryOptions& options, std::string_view token)>;

struct ActionFailure {
  RecordId id;
  base::Error error;
};
struct ActionOutcome {
  std::vector<RecordId> ok;
  std::vector<ActionFailure> failed;
  std::string result;  // JSON object text or ""
};

class Engine {
 public:
  struct Parts {
    db::Database& database;
    const Registry& registry;
    AccessPolicy& access;
    Directory& directory;
    base::Clock& clock;
    const base::TimeZone& zone;
    std::string token_secret;  // >= 16 bytes; authenticates page tokens
  };
  explicit Engine(Parts parts);
  ~Engine();

  // Tables, indexes and totals; see migrator.h.
  bool migrate(const std::function<void()>& before_change = {});
  // Fills stored formulas and kept totals when they are not those of this program's definitions and
  // time zone; before the first request. From time to time fold_totals() makes few rows of many
  // (totals.h).
  void prepare_derived(const Steps& steps = {});
  void fold_totals();
  // Picklist options by picklist name become the options of the fields that use them; makes a new
  // snapshot.
  void set_picklists(const std::map<std::string, std::vector<Option>>& picklists);
  void set_search(SearchPort* search) { search_ = search; }
  // Set once, before the first request; without it no links are written.
  void set_expansion_link(ExpansionLink link) { expansion_link_ = std::move(link); }

  std::shared_ptr<const Schema> schema() const;
  db::Database& database() { return parts_.database; }
  const Registry& registry() const { return parts_.registry; }
  AccessPolicy& access() { return parts_.access; }
  Directory& directory() { return parts_.directory; }
  base::Clock& clock() { return parts_.clock; }
  const base::TimeZone& zone() const { return parts_.zone; }
  // base/seal.h with the installation's key.
  std::string seal(std::string_view plain, std::string_view purpose) const;
  std::optional<std::string> unseal(std::string_view sealed, std::string_view purpose) const;
  Allocator& allocator() { return allocator_; }
  // Messages of the program in its three languages.
  const base::Texts& texts() const { return texts_; }
  const Store& store() const { return store_; }

  // ---- Reading
  // Throws NotFound. `hidden` receives fields that this row does not show to the actor.
  Record read(const Actor& actor, std::string_view object, RecordId id,
              std::vector<std::string>* hidden = nullptr, std::string_view right = "read",
              bool deleted = false);
  bool can_see(db::Reader& reader, const Actor& actor, const ObjectSchema& object, RecordId id);
  // One record as a JSON object, with $select and $expand.
  std::string read_json(const Actor& actor, std::string_view object, RecordId id,
                        const query::QueryOptions& options, std::int64_t* version = nullptr);
  ListPage list(const Actor& actor, std::string_view object, const ListRequest& request);
  // The same rows, typed; returns the next page's token.
  std::string list_typed(const Actor& actor, std::string_view object, const ListRequest& request,
                         const std::function<void(const TypedRow&)>& each);
  // Of the live records with these ids those that the scope admits, in the order of the ids. They
  // hold these stored fields and those that decide what each row shows; the others are null.
  std::vector<TypedRow> rows_among(db::Reader& reader, const ObjectSchema& object,
                                   const RowScope& scope, const std::vector<RecordId>& ids,
                                   const std::vector<std::string>& fields) const;
  // Exact up to `limit` rows visited; 0 = no limit.
  std::int64_t count(const Actor& actor, std::string_view object, const ListRequest& request,
                     std::int64_t limit = 0);
  // $apply, at most 10,000 groups.
  Aggregates apply_typed(const Actor& actor, std::string_view object, const ListRequest& request);
  // The same as JSON elements of "value".
  std::string apply(const Actor& actor, std::string_view object, const ListRequest& request);
  // Readable fields of a record as JSON members; masked values masked.
  void write_record(base::JsonWriter& writer, db::Reader& reader, const Actor& actor,
                    const ObjectSchema& object, const Record& record,
                    const std::vector<std::string>& hidden);
  // Titles of records by id, as far as the actor may see them (absent otherwise).
  std::map<RecordId, std::string> titles(const Actor& actor, std::string_view object,
                                         const std::vector<RecordId>& ids);
  query::Environment environment(const Actor& actor) const;
  // The tree of an expression that stands in the program's code; parsed once.
  query::NodePtr parsed(std::string_view expression) const;

  // ---- Writing, with access checks
  // `body` is the request's JSON object: fields and declared write options.
  Record create(const Actor& actor, std::string_view object, const base::JsonObject& body,
                WriteOptions options = {});
  // `version` = the one the caller saw; without it PreconditionRequired. Stale carries the
  // differences as data.
  Record update(const Actor& actor, std::string_view object, RecordId id,
                const base::JsonObject& body, std::optional<std::int64_t> version,
                WriteOptions options = {});
  void erase(const Actor& actor, std::string_view object, RecordId id,
             std::optional<std::int64_t> version);
  // `body` holds declared write options only.
  Record restore(const Actor& actor, std::string_view object, RecordId id,
                 const base::JsonObject& body = {}, WriteOptions options = {});
  // Runs an action on each id in a transaction of its own (or once on the collection when `ids` is
  // empty). With `version`, the one the caller saw, a record that has another one by now is Stale.
  ActionOutcome act(const Actor& actor, std::string_view object, std::string_view action,
                    const std::vector<RecordId>& ids, const base::JsonObject& body,
                    WriteOptions options = {}, std::optional<std::int64_t> version = {});
  // Whether the action is offered for this record (right, scope, enabled_when).
  bool is_enabled(const Actor& actor, const Action& action, const Record& record);
  // The action's input fields with the current options of their picklists.
  std::vector<FieldDefinition> action_input(const Action& action) const;

  // JSON members to storage values; collects all field errors. Used by create, update, actions and
  // imports. `for_create` allows fields that may only be given once.
  Draft coerce(const Actor& actor, const ObjectSchema& object, const base::JsonObject& body,
               bool for_create, WriteOptions& options) const;

  // ---- Transactions for modules and jobs (no access checks; see Tx)
  // Throws Unavailable "engine.stopping" for system_actor("job") after end_background_work().
  void write(const Actor& actor, const std::function<void(Tx&)>& fn,
             db::Lane lane = db::Lane::Interactive);
  // The program ends: what it does by itself ends with its next transaction or the next call of
  // check_background_work(), and goes on after the next start.
  void end_background_work() { background_ended_ = true; }
  // Throws like write(); for long work in steps of its own.
  void check_background_work() const;
  // What prepare hooks computed for one draft.
  std::vector<std::any> prepare(const ObjectDefinition& object, const Draft& draft,
                                const WriteOptions& options) const;

 private:
  friend class Tx;
  struct Query;      // list_query.h
  struct Rendering;  // expand.h
  void publish(const std::vector<Event>& events);
  RowScope scope_or_throw(const Actor& actor, const ObjectSchema& object,
                          std::string_view right) const;
  void check_references(Tx& tx, const Actor& actor, const ObjectSchema& object, const Draft& draft);
  Record load_for_write(Tx& tx, const Actor& actor, std::string_view object, RecordId id,
                        std::string_view right, bool deleted = false);
  base::Error stale_error(Tx& tx, const Actor& actor, const ObjectSchema& object,
                          const Record& current, const Draft& draft);
  // The record, if there is one that the scope admits.
  std::vector<TypedRow> read_row(db::Reader& reader, const Actor& actor, const ObjectSchema& object,
                                 const RowScope& scope, RecordId id, bool deleted);
  // Finds the rows of a page, in any order, and the lists of values that are wanted with them;
  // returns their ids in the order of the page.
  std::vector<RecordId> fetch_page(db::Reader& reader, const Actor& actor, Query& query,
                                   const ListRequest& request, const Wanted& wanted,
                                   std::string& next_token);
  std::vector<TypedRow> page_rows(db::Reader& reader, const Actor& actor,
                                  const ObjectSchema& object, const ListRequest& request,
                                  std::string& next_token);
  std::vector<TypedRow> page_rows(db::Reader& reader, const Actor& actor, Query& query,
                                  const ListRequest& request, std::string& next_token);
  std::int64_t count_rows(db::Reader& reader, const Actor& actor, const ObjectSchema& object,
                          const ListRequest& request, std::int64_t limit);

  Parts parts_;
  Allocator allocator_;
  Store store_;
  std::unique_ptr<FieldsCache> fields_cache_;
  base::Texts texts_;
  SearchPort* search_ = nullptr;
  ExpansionLink expansion_link_;
  mutable std::mutex schema_mutex_;
  std::shared_ptr<const Schema> schema_;
  // Records point into the snapshot they were read with; it stays a while for those that are still
  // in somebody's hands.
  std::vector<std::pair<std::chrono::steady_clock::time_point, std::shared_ptr<const Schema>>>
      retired_;
  std::map<std::string, std::vector<Option>> picklists_;
  mutable std::mutex parsed_mutex_;
  mutable std::map<std::string, query::NodePtr, std::less<>> parsed_;
  std::atomic<bool> background_ended_ = false;
};

}  // namespace kehai::record
