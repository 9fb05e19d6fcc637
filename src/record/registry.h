// What modules and the platform plug into the engine: definitions, fixed tables, hooks, actions,
// event handlers. Filled once at start by app/, read-only afterwards.
#pragma once

#include <any>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/language.h"
#include "base/time.h"
#include "db/row_checks.h"
#include "db/table.h"
#include "record/access.h"
#include "record/definition.h"
#include "record/record.h"

namespace kehai::record {

class Engine;
class Tx;

enum class Operation { Create, Update, Delete, Restore };

// How a write came in, besides the actor: the entry point decides duplicate rules; options are
// extra members of the request body that a module declared with add_write_option().
struct WriteOptions {
  std::string entry = "manual";  // manual, api, import, convert, action, demo
  base::JsonObject options;
  // Set by imports: keep the given created_at/created_by instead of now/actor.
  bool keep_authorship = false;
  // One audit row and events are always written; `quiet` keeps notifications from being sent.
  bool quiet = false;
};

// Everything a hook may look at or change.
struct Change {
  Operation operation = Operation::Create;
  const ObjectDefinition& object;
  const Record* before = nullptr;  // Update, Delete, Restore
  Record* after = nullptr;  // the record as it will be stored; hooks before save may change it
  const Draft& draft;       // what the caller asked for
  const WriteOptions& options;
  std::any scratch;  // carries what prepare() computed to the later phases of the same hook set
  bool changed(std::string_view field) const;
  bool changed_at(std::size_t field) const;  // by its index
};

// One set of hooks for an object ("" = every object). Run in order of `order`, then of
// registration.
struct Hooks {
  std::string object;
  std::string name;
  int order = 100;
  // Outside the transaction, once per attempt of a caller: parsing, normalising, hashing. May throw
  // Error.
  std::function<std::any(const ObjectDefinition&, const Draft&, const WriteOptions&)> prepare;
  // Inside the transaction. They do no network or file I/O.
  std::function<void(Tx&, Change&)> before_save;
  std::function<void(Tx&, Change&)> after_save;
};

struct ActionContext {
  Tx& tx;
  const ObjectDefinition& object;
  Record* record = nullptr;  // null for actions on the collection
  const Draft& input;        // coerced by the action's input fields
  const WriteOptions& options;
  std::string result;  // JSON object text merged into the answer as "result", may stay empty
};

// A verb of the business: route, menu, OpenAPI and automation follow from this value.
struct Action {
  std::string object;
  std::string name;
  base::Labels labels;
  std::string icon;
  std::string right;         // function right and row scope; "" = the action's name
  std::string needs;         // another right on such records at all, whichever rows; "" = none
  std::string enabled_when;  // expression over the record
  std::vector<FieldDefinition> input;
  bool on_collection = false;
  bool bulk = true;
  bool danger = false;
  bool listed = true;  // in menus and palettes; false = a screen of its own offers it
  // Records that the caller may not read are still given to the function when true (claiming from a
  // pool answers more than 404); the function then decides what to disclose.
  bool sees_all = false;
  std::function<void(ActionContext&)> run;
};

struct Event {
  std::string
      kind;  // created, updated, deleted, restored, or an action's event such as "lead.claimed"
  std::string object;
  RecordId record_id = 0;
  std::int64_t version = 0;
  std::int64_t actor_id = 0;
  base::Instant at = 0;
  std::vector<std::string> changed_fields;
  base::JsonObject data;
};

// After commit, on the thread of the writer's caller. Must not throw and must be quick (enqueue,
// notify).
using EventHandler = std::function<void(const Event&)>;

// A consumer that must not miss an event even through a crash: gets a row in outbox_event in the
// same transaction.
struct DurableConsumer {
  std::string name;
  std::function<bool(const ObjectDefinition&, Operation)> wants;
};

// A rule that every row of a sound database keeps; `kehai check` asks. `rule` is a sentence about
// what breaks it. The function only reads, keeps no state outside and holds at most pages of rows.
struct Invariant {
  std::string rule;
  std::function<db::Breaches(db::Reader&)> breaches;
};

// Extra access branches by module ("pool members see the pool").
using BranchProvider = std::function<std::vector<Branch>(const Actor&, const ObjectDefinition&,
                                                         std::string_view right)>;

class Registry {
 public:
  void add_definition(std::string_view json_text);
  void add_table(db::TableDefinition table) { tables_.push_back(std::move(table)); }
  void add_hooks(Hooks hooks);
  void add_action(Action action) { actions_.push_back(std::move(action)); }
  void add_event_handler(EventHandler handler) { handlers_.push_back(std::move(handler)); }
  void add_durable_consumer(DurableConsumer consumer) { consumers_.push_back(std::move(consumer)); }
  void add_branch_provider(BranchProvider provider) {
    branch_providers_.push_back(std::move(provider));
  }
  // Besides those that follow from the definitions (invariants.h).
  void add_invariant(Invariant invariant) { invariants_.push_back(std::move(invariant)); }
  // A member of create/update bodies that is no field, for a module's hooks.
  void add_write_option(std::string name) { write_options_.push_back(std::move(name)); }

  const std::vector<ObjectDefinition>& definitions() const { return definitions_; }
  const std::vector<db::TableDefinition>& tables() const { return tables_; }
  const std::vector<Hooks>& hooks() const { return hooks_; }
  const std::vector<Action>& actions() const { return actions_; }
  const std::vector<EventHandler>& event_handlers() const { return handlers_; }
  const std::vector<DurableConsumer>& durable_consumers() const { return consumers_; }
  const std::vector<Invariant>& invariants() const { return invariants_; }
  const std::vector<BranchProvider>& branch_providers() const { return branch_providers_; }
  bool is_write_option(std::string_view name) const;
  const Action* action(std::string_view object, std::string_view name) const;

 private:
  std::vector<ObjectDefinition> definitions_;
  std::vector<db::TableDefinition> tables_;
  std::vector<Hooks> hooks_;
  std::vector<Action> actions_;
  std::vector<EventHandler> handlers_;
  std::vector<DurableConsumer> consumers_;
  std::vector<BranchProvider> branch_providers_;
  std::vector<Invariant> invariants_;
  std::vector<std::string> write_options_;
};

}  // namespace kehai::record
