#include "record/engine.h"

#include <algorithm>

#include "base/error.h"
#include "base/seal.h"
#include "base/text/fold.h"
#include "query/evaluate.h"
#include "query/parser.h"
#include "record/coerce.h"
#include "record/fields/field_kit.h"
#include "record/files.h"
#include "record/formulas.h"
#include "record/migrator.h"
#include "record/record_view.h"
#include "record/render.h"
#include "record/totals.h"

namespace kehai::record {

using base::Error;
using base::ErrorKind;

namespace {

// Longer than any request or job chunk holds a record.
constexpr std::chrono::minutes kRetirement{10};

Error not_found() {
  return Error(ErrorKind::NotFound, "record.not_found");
}

Error denied() {
  return Error(ErrorKind::Forbidden, "access.denied");
}

bool is_among(std::string_view name, const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A field that this row does not show cannot be written either: the answer would tell what it held.
void refuse_hidden(const Draft& draft, const std::vector<std::string>& hidden) {
  std::vector<base::FieldError> errors;
  for (const auto& name : hidden) {
    if (draft.values.contains(name) || draft.many.contains(name))
      errors.push_back({name, "field.unknown", {}});
  }
  if (!errors.empty()) throw Error::fields(std::move(errors));
}

const ObjectSchema& visible_object(const Schema& schema, std::string_view object) {
  const auto* found = schema.find(object);
  if (found == nullptr) throw not_found();
  return *found;
}

// An input that bears the name of a plain field writes that field ("win" with an amount): it needs
// the right to.
void check_input_rights(const AccessPolicy& access, const Actor& actor,
                        const ObjectDefinition& object, const Draft& input) {
  std::vector<base::FieldError> errors;
  for (const auto& [name, value] : input.values) {
    const auto* field = object.field(name);
    if (field == nullptr || field->system || field->state || field->read_only || value.is_null())
      continue;
    const auto allowed = access.field_access(actor, object, *field);
    if (allowed == FieldAccess::Hidden) errors.push_back({name, "field.unknown", {}});
    // Whoever may not edit at all was given the action with what belongs to it.
    const bool fixed = allowed == FieldAccess::Read && access.may(actor, object, "edit");
    if (fixed) errors.push_back({name, "field.read_only", {}});
  }
  if (!errors.empty()) throw Error::fields(std::move(errors));
}

}  // namespace

Engine::Engine(Parts parts)
    : parts_(std::move(parts)),
      allocator_(parts_.database),
      fields_cache_(std::make_unique<FieldsCache>(parts_.access)),
      schema_(std::make_shared<const Schema>(parts_.registry.definitions())) {
  check_formulas(*schema_, parts_.zone);
}

Engine::~Engine() = default;

bool Engine::migrate(const std::function<void()>& before_change) {
  auto tables = Allocator::tables();
  tables.insert(tables.end(), parts_.registry.tables().begin(), parts_.registry.tables().end());
  const bool changed =
      record::migrate(parts_.database, parts_.registry.definitions(), tables, before_change);
  prepare_derived();
  return changed;
}

void Engine::prepare_derived(const Steps& steps) {
  backfill_formulas(parts_.database, *schema(), parts_.zone, steps);
  record::prepare_totals(parts_.database, parts_.zone, parts_.registry.definitions());
}

void Engine::fold_totals() {
  record::fold_totals(parts_.database, parts_.registry.definitions());
}

std::shared_ptr<const Schema> Engine::schema() const {
  const std::lock_guard lock(schema_mutex_);
  return schema_;
}

void Engine::set_picklists(const std::map<std::string, std::vector<Option>>& picklists) {
  auto definitions = parts_.registry.definitions();
  for (auto& object : definitions) {
    for (auto& field : object.fields) {
      const auto found = picklists.find(field.picklist);
      if (!field.picklist.empty() && found != picklists.end()) field.options = found->second;
    }
  }
  auto schema = std::make_shared<const Schema>(definitions);
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(schema_mutex_);
  std::erase_if(retired_, [&](const auto& snapshot) { return now - snapshot.first > kRetirement; });
  retired_.emplace_back(now, std::move(schema_));
  schema_ = std::move(schema);
  picklists_ = picklists;
}

std::vector<FieldDefinition> Engine::action_input(const Action& action) const {
  auto fields = action.input;
  const std::lock_guard lock(schema_mutex_);
  for (auto& field : fields) {
    const auto found = picklists_.find(field.picklist);
    if (!field.picklist.empty() && found != picklists_.end()) field.options = found->second;
  }
  return fields;
}

query::Environment Engine::environment(const Actor& actor) const {
  const Identity identity = parts_.access.identity(actor);
  auto environment = query::Environment::make(parts_.zone, parts_.clock.now(), identity.user_id,
                                              identity.department_id, identity.department_ids);
  environment.fold = [](std::string_view text) { return text::fold(text); };
  return environment;
}

query::NodePtr Engine::parsed(std::string_view expression) const {
  // Few texts stand in code; those that are put together from values must not grow without end.
  constexpr std::size_t kMostTexts = 500;
  {
    const std::lock_guard lock(parsed_mutex_);
    const auto found = parsed_.find(expression);
    if (found != parsed_.end()) return found->second;
  }
  auto tree = query::parse_expression(expression);
  const std::lock_guard lock(parsed_mutex_);
  if (parsed_.size() >= kMostTexts) parsed_.clear();
  parsed_.emplace(expression, tree);
  return tree;
}

std::string Engine::seal(std::string_view plain, std::string_view purpose) const {
  return base::seal(plain, purpose, parts_.token_secret);
}

std::optional<std::string> Engine::unseal(std::string_view sealed, std::string_view purpose) const {
  return base::unseal(sealed, purpose, parts_.token_secret);
}

RowScope Engine::scope_or_throw(const Actor& actor, const ObjectSchema& object,
                                std::string_view right) const {
  // Without the read right the object does not exist for this actor.
  if (!parts_.access.may(actor, object.definition(), "read")) throw not_found();
  if (!parts_.access.may(actor, object.definition(), right)) throw denied();
  return parts_.access.scope(actor, object.definition(), right);
}

// ---- Reading

Record Engine::read(const Actor& actor, std::string_view object, RecordId id,
                    std::vector<std::string>* hidden, std::string_view right, bool deleted) {
  const auto snapshot = schema();
  const auto& schema = visible_object(*snapshot, object);
  const RowScope scope = scope_or_throw(actor, schema, right);
  std::vector<TypedRow> found;
  parts_.database.read(
      [&](db::Reader& reader) { found = read_row(reader, actor, schema, scope, id, deleted); });
  if (found.empty()) throw not_found();
  if (hidden != nullptr) *hidden = std::move(found[0].hidden);
  return std::move(found[0].record);
}

std::vector<TypedRow> Engine::read_row(db::Reader& reader, const Actor& actor,
                                       const ObjectSchema& object, const RowScope& scope,
                                       RecordId id, bool deleted) {
  std::vector<TypedRow> found;
  auto record = store_.load(reader, object, id, false);
  std::vector<std::string> hidden;
  if (!record || record->is_null("deleted_at") == deleted || !admits(scope, *record, &hidden))
    return found;
  found.push_back({std::move(*record), std::move(hidden)});
  compute_at_read(reader, *this, actor, object, found);
  return found;
}

bool Engine::can_see(db::Reader& reader, const Actor& actor, const ObjectSchema& object,
                     RecordId id) {
  if (!parts_.access.may(actor, object.definition(), "read")) return false;
  const RowScope scope = parts_.access.scope(actor, object.definition(), "read");
  const auto records = store_.load_many(reader, object, {id});
  return !records.empty() && records[0].is_null("deleted_at") && admits(scope, records[0]);
}

std::map<RecordId, std::string> Engine::titles(const Actor& actor, std::string_view object,
                                               const std::vector<RecordId>& ids) {
  std::map<RecordId, std::string> out;
  const auto snapshot = schema();
  const auto* schema = snapshot->find(object);
  if (schema == nullptr || ids.empty() || !parts_.access.may(actor, schema->definition(), "read"))
    return out;
  const auto& title = schema->definition().title_field;
  const auto* field = schema->definition().field(title);
  if (field != nullptr &&
      (parts_.access.field_access(actor, schema->definition(), *field) == FieldAccess::Hidden ||
       parts_.access.is_masked(actor, schema->definition(), *field))) {
    return out;
  }
  const RowScope scope = parts_.access.scope(actor, schema->definition(), "read");
  parts_.database.read([&](db::Reader& reader) {
    for (const auto& record : store_.load_many(reader, *schema, ids)) {
      std::vector<std::string> hidden;
      if (!admits(scope, record, &hidden) || is_among(title, hidden)) continue;
      out[record.id()] = field == nullptr ? std::to_string(record.id()) : record.text(title);
    }
  });
  return out;
}

// ---- Coercion

Draft Engine::coerce(const Actor& actor, const ObjectSchema& object, const base::JsonObject& body,
                     bool for_create, WriteOptions& options) const {
  Draft draft;
  std::vector<base::FieldError> errors;
  const auto& definition = object.definition();
  for (const auto& member : body) {
    const std::string name(member.key());
    if (name.find("@odata.") != std::string::npos) continue;
    if (parts_.registry.is_write_option(name)) {
      options.options[name] = member.value();
      continue;
    }
    const auto* field = definition.field(name);
    const auto access = field == nullptr ? FieldAccess::Hidden
                                         : parts_.access.field_access(actor, definition, *field);
    if (access == FieldAccess::Hidden) {
      errors.push_back({name, "field.unknown", {}});
      continue;
    }
    // State fields may be given once, when the record comes into being; hooks check the right to do
    // so.
    const bool locked = (field->read_only && !field->state) || (field->state && !for_create) ||
                        access != FieldAccess::Edit;
    if (locked) {
      errors.push_back({name, "field.read_only", {}});
      continue;
    }
    coerce_field(member.value(), *field, draft, errors);
  }
  if (!errors.empty()) throw Error::fields(std::move(errors));
  return draft;
}

std::vector<std::any> Engine::prepare(const ObjectDefinition& object, const Draft& draft,
                                      const WriteOptions& options) const {
  const auto& hooks = parts_.registry.hooks();
  std::vector<std::any> scratch(hooks.size());
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    if (!hooks[i].object.empty() && hooks[i].object != object.name) continue;
    if (hooks[i].prepare) scratch[i] = hooks[i].prepare(object, draft, options);
  }
  return scratch;
}

// ---- Writing

void Engine::write(const Actor& actor, const std::function<void(Tx&)>& fn, db::Lane lane) {
  if (actor.read_only) throw denied();
  if (actor.system && actor.via == "job") check_background_work();
  std::vector<Event> events;
  std::map<std::string, int> leases;
  for (;;) {
    try {
      parts_.database.write(
          [&](db::Writer& writer) {
            Tx tx(*this, writer, actor, parts_.clock.now());
            fn(tx);
            events = tx.events();
          },
          lane);
      break;
    } catch (const BlockExhausted& exhausted) {
      // A closure runs again from its beginning: the next block must hold all that it needs.
      constexpr int kMostDoublings = 8;
      const int again = leases[exhausted.kind + exhausted.object]++;
      allocator_.lease(exhausted, std::int64_t{1} << std::min(again, kMostDoublings));
    }
  }
  publish(events);
}

void Engine::check_background_work() const {
  if (background_ended_) throw Error(ErrorKind::Unavailable, "engine.stopping");
}

void Engine::publish(const std::vector<Event>& events) {
  for (const auto& event : events) {
    for (const auto& handler : parts_.registry.event_handlers()) handler(event);
  }
}

void Engine::check_references(Tx& tx, const Actor& actor, const ObjectSchema& object,
                              const Draft& draft) {
  std::vector<base::FieldError> errors;
  const auto check = [&](const FieldDefinition& field, const Value& value) {
    if (value.is_null()) return;
    const auto& target = tx.schema().at(field.target);
    // Hidden and unknown targets give the same answer.
    const bool found = actor.system ? tx.find(field.target, value.as_int()).has_value()
                                    : can_see(tx.writer(), actor, target, value.as_int());
    if (!found) errors.push_back({field.name, "field.reference_not_found", {}});
  };
  for (const auto& field : object.definition().fields) {
    if (!field.is_reference()) continue;
    if (const auto one = draft.values.find(field.name); one != draft.values.end())
      check(field, one->second);
    if (const auto many = draft.many.find(field.name); many != draft.many.end()) {
      for (const auto& value : many->second) check(field, value);
    }
  }
  if (!errors.empty()) throw Error::fields(std::move(errors));
}

Record Engine::load_for_write(Tx& tx, const Actor& actor, std::string_view object, RecordId id,
                              std::string_view right, bool deleted) {
  const auto& schema = tx.schema().at(object);
  auto record = tx.find(object, id, Lock::ForUpdate, deleted);
  if (!record || (deleted && record->is_null("deleted_at")) ||
      !admits(parts_.access.scope(actor, schema.definition(), "read"), *record)) {
    throw not_found();
  }
  if (!admits(parts_.access.scope(actor, schema.definition(), right), *record)) throw denied();
  return std::move(*record);
}

Record Engine::create(const Actor& actor, std::string_view object, const base::JsonObject& body,
                      WriteOptions options) {
  const auto snapshot = schema();
  const auto& schema = visible_object(*snapshot, object);
  scope_or_throw(actor, schema, "create");
  const Draft draft = coerce(actor, schema, body, true, options);
  const auto prepared = prepare(schema.definition(), draft, options);
  std::optional<Record> record;
  write(actor, [&](Tx& tx) {
    check_references(tx, actor, schema, draft);
    tx.prepared_ = &prepared;
    record = tx.create(object, draft, options);
  });
  return std::move(*record);
}

Record Engine::update(const Actor& actor, std::string_view object, RecordId id,
                      const base::JsonObject& body, std::optional<std::int64_t> version,
                      WriteOptions options) {
  const auto snapshot = schema();
  const auto& schema = visible_object(*snapshot, object);
  scope_or_throw(actor, schema, "edit");
  if (!version) throw Error(ErrorKind::PreconditionRequired, "record.version_required");
  const Draft draft = coerce(actor, schema, body, false, options);
  const auto prepared = prepare(schema.definition(), draft, options);
  std::optional<Record> record;
  write(actor, [&](Tx& tx) {
    record = load_for_write(tx, actor, object, id, "edit");
    std::vector<std::string> hidden;
    admits(parts_.access.scope(actor, schema.definition(), "read"), *record, &hidden);
    refuse_hidden(draft, hidden);
    if (record->version() != *version) throw stale_error(tx, actor, schema, *record, draft);
    check_references(tx, actor, schema, draft);
    tx.prepared_ = &prepared;
    tx.update(*record, draft, options);
  });
  return std::move(*record);
}

Error Engine::stale_error(Tx& tx, const Actor& actor, const ObjectSchema& object,
                          const Record& current, const Draft& draft) {
  std::vector<std::string> hidden;
  admits(parts_.access.scope(actor, object.definition(), "read"), current, &hidden);
  std::string data;
  base::JsonWriter writer(data);
  const auto write_side = [&](const FieldDefinition& field, const Values& values) {
    const auto one = [&](const Value& value) {
      if (value.is_null()) {
        writer.null();
      } else if (field.type == FieldType::File) {
        write_file(writer, value.as_int(), file_infos(tx.writer(), {value.as_int()}));
      } else {
        field_kit(field.type).write(writer, field, value);
      }
    };
    if (!field.multiple) return one(values[0]);
    writer.begin_array();
    for (const auto& value : values) one(value);
    writer.end_array();
  };
  const auto conflict = [&](const std::string& name, const Values& yours, const Values& theirs) {
    const auto& field = *object.definition().field(name);
    if (yours == theirs || is_among(name, hidden) ||
        parts_.access.is_masked(actor, object.definition(), field))
      return;
    writer.begin_object().key("field").text(name).key("yours");
    write_side(field, yours);
    writer.key("theirs");
    write_side(field, theirs);
    writer.end_object();
  };
  writer.begin_object().key("conflicts").begin_array();
  for (const auto& [name, value] : draft.values) conflict(name, {value}, {current.get(name)});
  for (const auto& [name, values] : draft.many) conflict(name, values, current.many(name));
  writer.end_array().key("current").begin_object();
  write_record(writer, tx.writer(), actor, object, current, hidden);
  writer.end_object().end_object();
  return Error(ErrorKind::Stale, "record.stale").with_data(std::move(data));
}

void Engine::erase(const Actor& actor, std::string_view object, RecordId id,
                   std::optional<std::int64_t> version) {
  const auto snapshot = schema();
  const auto& schema = visible_object(*snapshot, object);
  scope_or_throw(actor, schema, "delete");
  if (!version) throw Error(ErrorKind::PreconditionRequired, "record.version_required");
  write(actor, [&](Tx& tx) {
    Record record = load_for_write(tx, actor, object, id, "delete");
    if (record.version() != *version) throw stale_error(tx, actor, schema, record, {});
    tx.erase(record);
  });
}

Record Engine::restore(const Actor& actor, std::string_view object, RecordId id,
                       const base::JsonObject& body, WriteOptions options) {
  const auto snapshot = schema();
  const auto& schema = visible_object(*snapshot, object);
  scope_or_throw(actor, schema, "delete");
  coerce_input(parts_.registry, {}, body, options);
  std::optional<Record> record;
  write(actor, [&](Tx& tx) {
    record = load_for_write(tx, actor, object, id, "delete", true);
    tx.restore(*record, options);
  });
  return std::move(*record);
}

bool Engine::is_enabled(const Actor& actor, const Action& action, const Record& record) {
  const auto snapshot = schema();
  const auto& schema = snapshot->at(record.definition().name);
  const std::string& right = action.right.empty() ? action.name : action.right;
  if (!parts_.access.may(actor, schema.definition(), right)) return false;
  if (!action.needs.empty() && !parts_.access.may(actor, schema.definition(), action.needs))
    return false;
  if (!action.sees_all && !admits(parts_.access.scope(actor, schema.definition(), right), record))
    return false;
  if (action.enabled_when.empty()) return true;
  const auto environment = this->environment(actor);
  const auto filter = query::check_filter(parsed(action.enabled_when), schema, environment);
  return query::Evaluator(environment).matches(filter, RecordView(record));
}

ActionOutcome Engine::act(const Actor& actor, std::string_view object, std::string_view name,
                          const std::vector<RecordId>& ids, const base::JsonObject& body,
                          WriteOptions options, std::optional<std::int64_t> version) {
  const auto snapshot = schema();
  const auto& schema = visible_object(*snapshot, object);
  const Action* action = parts_.registry.action(object, name);
  if (action == nullptr) throw not_found();
  const std::string& right = action->right.empty() ? action->name : action->right;
  scope_or_throw(actor, schema, right);
  if (!action->needs.empty()) scope_or_throw(actor, schema, action->needs);
  options.entry = "action";
  const Draft input = coerce_input(parts_.registry, action_input(*action), body, options);
  check_input_rights(parts_.access, actor, schema.definition(), input);
  ActionOutcome outcome;
  const auto run = [&](RecordId id) {
    write(actor, [&](Tx& tx) {
      ActionContext context{tx, schema.definition(), nullptr, input, options, {}};
      std::optional<Record> record;
      if (id != 0) {
        if (action->sees_all) {
          record = tx.find(object, id, Lock::ForUpdate);
          if (!record) throw not_found();
        } else {
          record = load_for_write(tx, actor, object, id, right);
          if (version && record->version() != *version)
            throw stale_error(tx, actor, schema, *record, {});
        }
        context.record = &*record;
      }
      action->run(context);
      outcome.result = context.result;
    });
  };
  if (action->on_collection) {
    run(0);
    return outcome;
  }
  for (const RecordId id : ids) {
    try {
      run(id);
      outcome.ok.push_back(id);
    } catch (const Error& error) {
      if (ids.size() == 1) throw;
      outcome.failed.push_back({id, error});
    }
  }
  return outcome;
}

}  // namespace kehai::record
