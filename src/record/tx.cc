#include "record/tx.h"

#include <algorithm>

#include "base/error.h"
#include "base/text/fold.h"
#include "query/compile_sql.h"
#include "query/parser.h"
#include "record/audit.h"
#include "record/engine.h"
#include "record/fields/field_kit.h"
#include "record/formulas.h"
#include "record/migrator.h"
#include "record/totals.h"

namespace kehai::record {

namespace {

constexpr int kReferrerLimit = 1000;

const std::shared_ptr<const db::RowInsert>& audit_insert() {
  static const auto insert = std::make_shared<const db::RowInsert>(audit_table());
  return insert;
}

const std::shared_ptr<const db::RowInsert>& outbox_insert() {
  static const auto insert = std::make_shared<const db::RowInsert>(outbox_table());
  return insert;
}

std::string unique_text(const Value& value) {
  return value.is_int() ? std::to_string(value.as_int()) : text::fold(value.text_or(""));
}

}  // namespace

Tx::Tx(Engine& engine, db::Writer& writer, const Actor& actor, base::Instant now)
    : engine_(engine), writer_(writer), actor_(actor), now_(now), schema_(engine.schema()) {}

std::optional<Record> Tx::find(std::string_view object, RecordId id, Lock lock, bool deleted) {
  auto record = engine_.store().load(writer_, schema_->at(object), id, lock == Lock::ForUpdate);
  if (record && !deleted && !record->is_null("deleted_at")) record.reset();
  return record;
}

Record Tx::get(std::string_view object, RecordId id, Lock lock) {
  auto record = find(object, id, lock);
  if (!record) throw base::Error(base::ErrorKind::NotFound, "record.not_found");
  return std::move(*record);
}

std::vector<Record> Tx::find_all(std::string_view object, std::string_view filter,
                                 const ExpressionParameters& parameters, std::string_view order,
                                 int limit) {
  const auto& schema = schema_->at(object);
  auto environment = engine_.environment(actor_);
  for (const auto& [name, value] : parameters) environment.reserved[name] = value;
  const auto checked = query::check_filter(engine_.parsed(filter), schema, environment);
  const auto checked_order = query::check_order(query::parse_order(order), schema, environment);
  query::SqlCompiler compiler(schema, writer_.dialect(), engine_.zone());
  const auto where = compiler.filter(checked);
  const auto order_by = compiler.order(checked_order).order_by;
  std::string sql = "SELECT t0.\"id\" FROM " + std::string("\"") + std::string(schema.table()) +
                    "\" t0" + compiler.joins().text + " WHERE " +
                    (schema.soft_delete() ? "t0.\"deleted_at\" IS NULL AND (" : "(") + where.text +
                    ") ORDER BY " + order_by.text + " LIMIT " + std::to_string(limit);
  base::Values values = compiler.joins().parameters;
  values.insert(values.end(), where.parameters.begin(), where.parameters.end());
  values.insert(values.end(), order_by.parameters.begin(), order_by.parameters.end());
  std::vector<RecordId> ids;
  const auto each = [&](const db::Row& row) { ids.push_back(row.get_int(0)); };
  if (schema.definition().configuration) {
    writer_.query_remembered(sql, values, each);
  } else {
    writer_.query(sql, values, each);
  }
  std::vector<Record> records;
  records.reserve(ids.size());
  for (const RecordId id : ids) {
    if (auto record = find(object, id)) records.push_back(std::move(*record));
  }
  return records;
}

std::int64_t Tx::count(std::string_view object, std::string_view filter,
                       const ExpressionParameters& parameters) {
  const auto& schema = schema_->at(object);
  auto environment = engine_.environment(actor_);
  for (const auto& [name, value] : parameters) environment.reserved[name] = value;
  const auto checked = query::check_filter(engine_.parsed(filter), schema, environment);
  query::SqlCompiler compiler(schema, writer_.dialect(), engine_.zone());
  const auto where = compiler.filter(checked);
  const std::string sql = "SELECT COUNT(*) FROM \"" + std::string(schema.table()) + "\" t0" +
                          compiler.joins().text + " WHERE " +
                          (schema.soft_delete() ? "t0.\"deleted_at\" IS NULL AND (" : "(") +
                          where.text + ")";
  base::Values values = compiler.joins().parameters;
  values.insert(values.end(), where.parameters.begin(), where.parameters.end());
  return writer_.scalar(sql, values).int_or(0);
}

namespace {

void apply_draft(Record& record, const Draft& draft) {
  for (const auto& [name, value] : draft.values) record.set(name, value);
  for (const auto& [name, values] : draft.many) record.set_many(name, values);
}

void apply_defaults(Record& record, const Draft& draft) {
  for (const auto& field : record.definition().fields) {
    if (field.default_value.is_null() || draft.values.contains(field.name) ||
        draft.many.contains(field.name))
      continue;
    if (field.multiple) {
      Values values;
      for (const auto& element :
           field.default_value.is_array() ? field.default_value.get_array() : base::JsonArray{}) {
        Value value;
        if (!field_kit(field.type).coerce(element, field, value))
          values.push_back(std::move(value));
      }
      record.set_many(field.name, std::move(values));
      continue;
    }
    Value value;
    if (!field_kit(field.type).coerce(field.default_value, field, value))
      record.set(field.name, value);
  }
}

// Owner, scope and parent columns follow from the owner and the parent; nobody sets them directly.
void derive_scope(Tx& tx, Change& change) {
  auto& record = *change.after;
  const auto& object = change.object;
  if (object.owned && (change.operation == Operation::Create || change.changed("owner_id"))) {
    const std::int64_t owner = record.integer("owner_id");
    const std::int64_t department =
        owner == 0 ? 0 : tx.engine().directory().department_of(tx.writer(), owner);
    const Value value = department == 0 ? Value() : Value(department);
    record.set("scope_department_id", value);
    record.set("owner_department_id", value);
  }
  if (!object.parent_field.empty() &&
      (change.operation == Operation::Create || change.changed(object.parent_field))) {
    Value owner;
    if (!record.is_null(object.parent_field)) {
      const auto& target = object.field(object.parent_field)->target;
      if (const auto parent =
              tx.find(target, record.integer(object.parent_field), Lock::None, true)) {
        owner = parent->definition().owned ? parent->get("owner_id") : Value();
      }
    }
    record.set("parent_owner_id", owner);
  }
}

void check_required(const Change& change) {
  std::vector<base::FieldError> errors;
  for (std::size_t i = 0; i < change.object.fields.size(); ++i) {
    const auto& field = change.object.fields[i];
    if (!field.required) continue;
    const bool empty =
        field.multiple ? change.after->many_at(i).empty() : change.after->at(i).is_null();
    // A record that came in without the field (older data, import of less) stays editable
    // elsewhere.
    if (empty && (change.before == nullptr || change.changed_at(i))) {
      errors.push_back({field.name, "field.required", {}});
    }
  }
  if (!errors.empty()) throw base::Error::fields(std::move(errors));
}

}  // namespace

void Tx::run_hooks(Change& change, std::vector<std::any>& scratch,
                   std::function<void(Tx&, Change&)> Hooks::*phase) {
  const auto& hooks = engine_.registry().hooks();
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    if (!hooks[i].object.empty() && hooks[i].object != change.object.name) continue;
    if (!(hooks[i].*phase)) continue;
    std::swap(change.scratch, scratch[i]);
    (hooks[i].*phase)(*this, change);
    std::swap(change.scratch, scratch[i]);
  }
}

void Tx::check_before_save(Change& change, std::vector<std::any>& scratch) {
  derive_scope(*this, change);
  run_hooks(change, scratch, &Hooks::before_save);
  derive_scope(*this, change);
  if (change.operation != Operation::Delete) check_required(change);
}

void Tx::save(Change& change, std::vector<std::any>& scratch) {
  check_before_save(change, scratch);
  store(change);
  keep_parents(change);
  run_hooks(change, scratch, &Hooks::after_save);
  write_audit(change);
  tell(change);
}

void Tx::store(const Change& change) {
  const auto& schema = schema_->at(change.object.name);
  if (change.operation != Operation::Create) reload_kept(change);
  compute_stored(schema, engine_.zone(), *change.after,
                 change.operation == Operation::Create ? nullptr : change.before);
  const auto& store = engine_.store();
  for (const auto& field : change.object.fields) {
    if (!field.unique) continue;
    const bool live = change.operation != Operation::Delete;
    const bool touched = change.operation != Operation::Update || change.changed(field.name);
    if (!touched) continue;
    const std::string name = change.object.name + "." + field.name;
    if (change.before != nullptr) store.release_unique(writer_, name, change.after->id());
    if (live && !change.after->is_null(field.name) &&
        !store.claim_unique(writer_, name, unique_text(change.after->get(field.name)),
                            change.after->id())) {
      throw base::Error::fields({{field.name, "field.not_unique", {}}});
    }
  }
  KeptTotals totals(writer_, engine_.zone(), change.object);
  if (change.operation == Operation::Create) {
    store.insert(writer_, schema, *change.after);
    totals.created(*change.after);
  } else {
    std::vector<std::size_t> changed;
    for (std::size_t i = 0; i < change.object.fields.size(); ++i) {
      if (change.changed_at(i)) changed.push_back(i);
    }
    totals.changed(*change.after, changed);
    if (!store.update(writer_, schema, *change.after, changed, change.before->version())) {
      throw base::Error(base::ErrorKind::Stale, "record.stale");
    }
    if (change.object.owned && change.changed("owner_id")) {
      for (const auto& other : schema_->objects()) {
        const auto& child = other->definition();
        if (!child.parent_field.empty() &&
            child.field(child.parent_field)->target == change.object.name) {
          store.set_column(writer_, child.name, child.parent_field, change.after->id(),
                           "parent_owner_id", change.after->get("owner_id"));
        }
      }
    }
  }
}

void Tx::tell(const Change& change) {
  write_outbox(*change.after, change.operation, operation_name(change.operation));
  Event event;
  event.kind = operation_name(change.operation);
  event.object = change.object.name;
  event.record_id = change.after->id();
  event.version = change.after->version();
  for (std::size_t i = 0; i < change.object.fields.size(); ++i) {
    const auto& field = change.object.fields[i];
    if (!field.system && change.changed_at(i)) event.changed_fields.push_back(field.name);
  }
  emit(std::move(event));
}

namespace {

// Everything of a new record but its id and code.
Record new_record(const ObjectDefinition& definition, const Draft& draft,
                  const WriteOptions& options, std::int64_t user_id, base::Instant now) {
  Record record(definition);
  apply_defaults(record, draft);
  apply_draft(record, draft);
  const bool keep = options.keep_authorship;
  if (!keep || record.is_null("created_at")) record.set("created_at", now);
  if (!keep || record.is_null("created_by")) record.set("created_by", user_id);
  record.set("updated_at",
             keep && !record.is_null("updated_at") ? record.get("updated_at") : Value(now));
  record.set("updated_by", user_id);
  record.set("version", 1);
  return record;
}

}  // namespace

void Tx::number(Record& record) {
  const auto& fields = record.definition().fields;
  const base::Date today = engine_.zone().local_date(now_);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].type != FieldType::Serial) continue;
    const base::Date period = serial_period(fields[i].serial_reset, today);
    const auto next =
        engine_.allocator().next_number(serial_counter(record.definition(), fields[i]), period);
    record.at(i) = Value(format_serial(fields[i], period, next));
  }
}

Record Tx::create(std::string_view object, Draft draft, const WriteOptions& options) {
  const auto& definition = schema_->at(object).definition();
  std::vector<std::any> scratch =
      prepared_ == nullptr ? engine_.prepare(definition, draft, options) : *prepared_;
  prepared_ = nullptr;
  Record record = new_record(definition, draft, options, actor_.user_id, now_);
  record.set("id", engine_.allocator().next_id(definition.name));
  number(record);
  Change change{Operation::Create, definition, nullptr, &record, draft, options, {}};
  save(change, scratch);
  return record;
}

Record Tx::check_create(std::string_view object, Draft draft, const WriteOptions& options) {
  const auto& definition = schema_->at(object).definition();
  std::vector<std::any> scratch =
      prepared_ == nullptr ? engine_.prepare(definition, draft, options) : *prepared_;
  prepared_ = nullptr;
  Record record = new_record(definition, draft, options, actor_.user_id, now_);
  Change change{Operation::Create, definition, nullptr, &record, draft, options, {}};
  check_before_save(change, scratch);
  return record;
}

void Tx::attempt(const std::function<void()>& fn) {
  const std::size_t events = events_.size();
  try {
    writer_.attempt(fn);
  } catch (...) {
    events_.erase(events_.begin() + static_cast<std::ptrdiff_t>(events), events_.end());
    prepared_ = nullptr;
    throw;
  }
}

void Tx::update(Record& record, Draft draft, const WriteOptions& options) {
  const auto& definition = record.definition();
  std::vector<std::any> own;
  if (prepared_ == nullptr) own = engine_.prepare(definition, draft, options);
  std::vector<std::any> scratch = prepared_ == nullptr ? std::move(own) : *prepared_;
  prepared_ = nullptr;
  const Record before = record;
  apply_draft(record, draft);
  bool differs = false;
  for (const auto& [name, value] : draft.values)
    differs = differs || !(before.get(name) == record.get(name));
  for (const auto& [name, values] : draft.many) differs = differs || before.many(name) != values;
  if (!differs) return;
  record.set("updated_at", std::max(now_, before.integer("updated_at")));
  record.set("updated_by", actor_.user_id);
  record.set("version", before.version() + 1);
  Change change{Operation::Update, definition, &before, &record, draft, options, {}};
  save(change, scratch);
}

void Tx::take_back(Record& record, Draft draft) {
  const Record before = record;
  const WriteOptions options;
  apply_draft(record, draft);
  record.set("version", before.version() + 1);
  Change change{Operation::Update, record.definition(), &before, &record, draft, options, {}};
  store(change);
  write_audit(change);
  tell(change);
}

void Tx::announce(const Record& record, Operation operation) {
  Record same = record;
  const Draft none;
  const WriteOptions options;
  tell({operation, record.definition(), &record, &same, none, options, {}});
}

void Tx::claim_unique_keys(const Record& record) {
  for (const auto& field : record.definition().fields) {
    if (!field.unique || record.is_null(field.name)) continue;
    const std::string name = record.definition().name + "." + field.name;
    if (!engine_.store().claim_unique(writer_, name, unique_text(record.get(field.name)),
                                      record.id())) {
      throw base::Error::fields({{field.name, "field.not_unique", {}}});
    }
  }
}

void Tx::erase(Record& record, const WriteOptions& options) {
  const auto& definition = record.definition();
  base::JsonObject blocking;
  erasing_.insert(record.id());
  for (const auto& other : schema_->objects()) {
    for (const auto& field : other->definition().fields) {
      if (field.target != definition.name || field.system || field.multiple ||
          field.on_delete == "keep")
        continue;
      if (field.on_delete == "cascade") {
        for (const RecordId id : engine_.store().referrers(writer_, *other, field, record.id())) {
          // Records may refer to each other in a ring.
          if (erasing_.contains(id)) continue;
          if (auto child = find(other->definition().name, id, Lock::ForUpdate))
            erase(*child, options);
        }
      } else if (const auto count = engine_.store().count_referrers(writer_, *other, field,
                                                                    record.id(), kReferrerLimit)) {
        blocking[other->definition().name] = count;
      }
    }
  }
  if (!blocking.empty()) {
    base::JsonObject data;
    data["referrers"] = std::move(blocking);
    throw base::Error(base::ErrorKind::Conflict, "record.has_referrers")
        .with_data(boost::json::serialize(data));
  }
  const Record before = record;
  const Draft none;
  std::vector<std::any> scratch(engine_.registry().hooks().size());
  record.set("deleted_at", now_);
  record.set("deleted_by", actor_.user_id);
  record.set("updated_at", std::max(now_, before.integer("updated_at")));
  record.set("version", before.version() + 1);
  Change change{Operation::Delete, definition, &before, &record, none, options, {}};
  save(change, scratch);
  if (definition.configuration)
    engine_.store().erase(writer_, schema_->at(definition.name), record.id());
}

void Tx::restore(Record& record, const WriteOptions& options) {
  const Record before = record;
  Draft same;
  for (const auto& field : record.definition().fields) {
    if (!field.multiple && !field.system && !record.is_null(field.name))
      same.set(field.name, record.get(field.name));
  }
  auto scratch = engine_.prepare(record.definition(), same, options);
  record.set("deleted_at", Value());
  record.set("deleted_by", Value());
  record.set("updated_at", std::max(now_, before.integer("updated_at")));
  record.set("updated_by", actor_.user_id);
  record.set("version", before.version() + 1);
  Change change{Operation::Restore, record.definition(), &before, &record, same, options, {}};
  save(change, scratch);
  // What went to the recycle bin together comes back together.
  for (const auto& other : schema_->objects()) {
    if (!other->soft_delete()) continue;
    for (const auto& field : other->definition().fields) {
      if (field.target != record.definition().name || field.system || field.on_delete != "cascade")
        continue;
      for (const RecordId id : engine_.store().referrers(writer_, *other, field, record.id(),
                                                         before.get("deleted_at"))) {
        if (auto child = find(other->definition().name, id, Lock::ForUpdate, true))
          restore(*child, options);
      }
    }
  }
}

void Tx::transition(Record& record, std::string_view action, Draft draft,
                    const WriteOptions& options) {
  const auto& definition = record.definition();
  const std::string status = record.text(definition.status_field);
  for (const auto& transition : definition.transitions) {
    if (transition.action != action) continue;
    if (std::find(transition.from.begin(), transition.from.end(), status) == transition.from.end())
      continue;
    draft.set(definition.status_field, Value(transition.to));
    update(record, std::move(draft), options);
    return;
  }
  throw base::Error(base::ErrorKind::Conflict, definition.name + ".bad_transition",
                    {{"action", std::string(action)}, {"status", status}});
}

void Tx::set_derived(const Record& record, std::string_view column, const Value& value) {
  const auto& object = record.definition();
  Record after = record;
  after.set(column, value);
  compute_stored(schema_->at(object.name), engine_.zone(), after, &record);
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < object.fields.size(); ++i) {
    if (!(record.at(i) == after.at(i))) changed.push_back(i);
  }
  KeptTotals(writer_, engine_.zone(), object).changed(after, changed);
  for (const std::size_t i : changed) {
    engine_.store().set_column(writer_, object.name, "id", record.id(), object.fields[i].name,
                               after.at(i));
  }
}

void Tx::emit(Event event) {
  event.actor_id = actor_.user_id;
  event.at = now_;
  events_.push_back(std::move(event));
}

void Tx::write_audit(const Change& change) {
  if (!change.object.audited) return;
  insert_audit(*change.after, operation_name(change.operation), audit_changes(change));
}

void Tx::audit(const Record& record, std::string_view action, base::JsonObject data) {
  insert_audit(record, action, boost::json::serialize(data));
}

void Tx::insert_audit(const Record& record, std::string_view action, std::string changes) {
  writer_.insert_later(
      audit_insert(),
      {engine_.allocator().next_id("audit_entry"), record.definition().name, record.id(), action,
       record.version(), actor_.user_id, now_, actor_.via, actor_.request_id, std::move(changes)});
}

void Tx::touch(const Record& record, std::string_view kind) {
  write_outbox(record, Operation::Update, kind);
}

void Tx::write_outbox(const Record& record, Operation operation, std::string_view kind) {
  for (const auto& consumer : engine_.registry().durable_consumers()) {
    if (!consumer.wants(record.definition(), operation)) continue;
    writer_.insert_later(outbox_insert(),
                         {engine_.allocator().next_id("outbox_event"), consumer.name,
                          record.definition().name, record.id(), kind, record.version(), now_});
  }
}

}  // namespace kehai::record
