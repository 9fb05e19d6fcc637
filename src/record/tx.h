// A write transaction of the record engine: what hooks, actions and jobs work with.
//
// The methods check schema, required, unique and run hooks, audit and events, but not access:
// access was checked at the door (Engine), or the caller acts for the system. Used by one thread;
// lives as long as the closure.
#pragma once

#include <algorithm>
#include <any>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "db/database.h"
#include "record/access.h"
#include "record/record.h"
#include "record/registry.h"

namespace kehai::record {

class Engine;
class Schema;
struct KeptColumn;

enum class Lock { None, ForUpdate };

class Tx {
 public:
  Tx(Engine& engine, db::Writer& writer, const Actor& actor, base::Instant now);

  Engine& engine() { return engine_; }
  db::Writer& writer() { return writer_; }
  const Actor& actor() const { return actor_; }
  base::Instant now() const { return now_; }
  // What follows in this transaction happens at `instant` at the earliest: after something that is
  // already written. Of two changes of one record at the same time the second may have begun first.
  void not_before(base::Instant instant) { now_ = std::max(now_, instant); }
  const Schema& schema() const { return *schema_; }
  // Whether this record is on its way out, and what hangs on it goes with it.
  bool is_erasing(RecordId id) const { return erasing_.contains(id); }

  // Deleted records are found only with `deleted`. Multi-valued fields are loaded.
  std::optional<Record> find(std::string_view object, RecordId id, Lock lock = Lock::None,
                             bool deleted = false);
  // Throws NotFound.
  Record get(std::string_view object, RecordId id, Lock lock = Lock::ForUpdate);
  // Live records matching an expression, e.g. find_all("lead", "account_id eq @a", {{"a", {id}}},
  // "id", 100).
  std::vector<Record> find_all(std::string_view object, std::string_view filter,
                               const ExpressionParameters& parameters,
                               std::string_view order = "id", int limit = 1000);
  std::int64_t count(std::string_view object, std::string_view filter,
                     const ExpressionParameters& parameters);

  Record create(std::string_view object, Draft draft, const WriteOptions& options = {});
  // What create() would store, as far as that can be known without writing: defaults, scope,
  // before-save hooks and required fields. The record has neither id nor code. Hooks may write:
  // call it inside attempt() and throw afterwards.
  Record check_create(std::string_view object, Draft draft, const WriteOptions& options = {});
  // `record` becomes the stored state. Nothing happens when nothing changed.
  void update(Record& record, Draft draft, const WriteOptions& options = {});
  // To the recycle bin (or away, for configuration objects).
  void erase(Record& record, const WriteOptions& options = {});
  // Brings back what was deleted with it, too.
  void restore(Record& record, const WriteOptions& options = {});
  // Moves status_field along the definition's transition table and sets the other fields of
  // `draft`; throws Conflict "<object>.bad_transition" {action, status}.
  void transition(Record& record, std::string_view action, Draft draft = {},
                  const WriteOptions& options = {});

  // Sets one derived column: no audit, no version, no event.
  void set_derived(const Record& record, std::string_view column, const Value& value);
  // Looks whether the record has children and writes what follows from it (FieldDefinition::kept);
  // takes its row lock. For whoever moved children past this transaction's methods.
  void refresh_kept(std::string_view object, RecordId id);
  // Writes values that the record had before: no hooks run; audit, outbox and event as always.
  // updated_at and updated_by are what `draft` says.
  void take_back(Record& record, Draft draft);
  // A record that left its table or came back in another way than erase() and restore(): tells
  // those who follow records, without audit.
  void announce(const Record& record, Operation operation);
  // Takes the unique keys of a record that came back; throws the field error "field.not_unique".
  void claim_unique_keys(const Record& record);

  // Runs fn in a savepoint; if it throws, its writes and its events are undone and the exception
  // goes on.
  void attempt(const std::function<void()>& fn);
  // What Engine::prepare() computed outside the transaction for the next create(), check_create()
  // or update(); must live until then.
  void use_prepared(const std::vector<std::any>& prepared) { prepared_ = &prepared; }

  // Published after commit.
  void emit(Event event);
  // An entry in the record's history that is no field change ("claimed", "converted" …).
  void audit(const Record& record, std::string_view action, base::JsonObject data = {});
  // Tells the durable consumers of something about the record that is no field of it; `kind` is
  // the word that they receive instead of the operation's.
  void touch(const Record& record, std::string_view kind);
  const std::vector<Event>& events() const { return events_; }

 private:
  friend class Engine;
  struct Prepared;  // results of prepare hooks, computed outside when the caller could
  Engine& engine_;
  db::Writer& writer_;
  const Actor& actor_;
  base::Instant now_;
  std::shared_ptr<const Schema> schema_;
  std::vector<Event> events_;
  std::set<RecordId> erasing_;  // on the way down a cascade
  const std::vector<std::any>* prepared_ = nullptr;

  void run_hooks(Change& change, std::vector<std::any>& scratch,
                 std::function<void(Tx&, Change&)> Hooks::*phase);
  void check_before_save(Change& change, std::vector<std::any>& scratch);
  void save(Change& change, std::vector<std::any>& scratch);
  // Gives a new record its serial numbers; may throw BlockExhausted.
  void number(Record& record);
  void store(const Change& change);
  void refresh_kept(const KeptColumn& kept, RecordId id);
  void keep_parents(const Change& change);
  void reload_kept(const Change& change);
  void tell(const Change& change);
  void write_audit(const Change& change);
  void insert_audit(const Record& record, std::string_view action, std::string changes);
  void write_outbox(const Record& record, Operation operation, std::string_view kind);
};

}  // namespace kehai::record
