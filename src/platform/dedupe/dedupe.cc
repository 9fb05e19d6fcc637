#include "platform/dedupe/dedupe.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "db/row_insert.h"
#include "db/table.h"
#include "platform/dedupe/values.h"
#include "record/reasons.h"

namespace kehai::platform {

using base::Error;
using base::ErrorKind;
using record::Change;
using record::Draft;
using record::Operation;
using record::RecordId;
using record::Tx;

namespace {

const db::Table kKeys("dedupe_key");

const std::shared_ptr<const db::RowInsert>& key_insert() {
  static const auto insert = std::make_shared<const db::RowInsert>(Dedupe::table(), true);
  return insert;
}

// Of a record that has none of this field, and that nobody else is writing.
void keep(db::Writer& writer, const StoredKey& key, const record::Record& record,
          const std::string& field) {
  writer.insert_later(key_insert(),
                      {key.kind, key.key, record.definition().name, record.id(), field});
}

// Which rules a write is under; nothing for what knows what it does: jobs, the demo, a merge that
// brings together what was known already.
std::optional<DuplicateEntry> entry_of(const Tx& tx, const Change& change) {
  const auto& entry = change.options.entry;
  if (entry == "demo" || entry == "merge" || tx.actor().system) return std::nullopt;
  if (entry == "import") return DuplicateEntry::Import;
  if (entry == "convert") return DuplicateEntry::Convert;
  if (entry == "api") return DuplicateEntry::Api;
  const auto& definition = change.object;
  const bool changes_hands = change.operation == Operation::Update && definition.owned &&
                             change.changed("owner_id") && !change.after->is_null("owner_id");
  return entry == "action" && changes_hands ? DuplicateEntry::Transfer : DuplicateEntry::Manual;
}

// Who already has the other one gets both into one hand.
void leave_out_owners(Tx& tx, const record::Record& record, std::vector<DuplicateHit>& hits) {
  std::erase_if(hits, [&](const DuplicateHit& hit) {
    const auto other = tx.find(hit.object, hit.id, record::Lock::None, true);
    return other && other->definition().owned && other->get("owner_id") == record.get("owner_id");
  });
}

constexpr std::string_view kReason = "duplicate_reason";

// Why somebody makes a second one all the same; "" = nobody said.
std::string reason_of(const Change& change) {
  return record::given_reason(change.options, kReason);
}

}  // namespace

db::TableDefinition Dedupe::table() {
  return {"dedupe_key",
          {{"kind", true, true},
           {"key", true, true},
           {"object", true, true},
           {"record_id", false, true},
           {"field", true, true}},
          {"kind", "key", "object", "record_id", "field"},
          {{"ix_dedupe_key_record", {"record_id", "field"}, false, "", ""}},
          false};
}

std::vector<base::Values> Dedupe::key_rows(std::string_view object, const Draft& draft,
                                           RecordId id) const {
  std::vector<base::Values> rows;
  for (const auto& name : fields_of(object)) {
    for (const auto& key : stored_keys(object, name, texts_of(draft, name)))
      rows.push_back({key.kind, key.key, object, id, name});
  }
  return rows;
}

void Dedupe::install(Registrar& registrar) {
  Switch owner;
  owner.name = kShowsOwner;
  owner.labels = {{"查重时显示他人记录的负责人", "重複檢查時顯示他人紀錄的負責人",
                   "Name the owner of a hidden duplicate"}};
  owner.help = {{"关闭：对无权查看的记录只提示“已有负责人”。开启：显示负责人姓名和部门。",
                 "關閉：對無權檢視的紀錄只提示「已有負責人」。開啟：顯示負責人姓名和部門。",
                 "Off: a hit on a record that somebody may not see only says that it has an owner. "
                 "On: it names the owner and the department."}};
  registrar.switches->add(std::move(owner));
  switches_ = registrar.switches;
  registrar.registry.add_table(table());
  registrar.registry.add_table(Disclosures::table());
  DuplicateRules::install(registrar, rules_);
  registrar.starters.push_back([this](record::Engine& engine) { complete_keys(engine); });
  registrar.schedules.push_back(
      {"dedupe.look_ups", 1000,
       [disclosures = disclosures_](record::Engine& engine) { disclosures->flush(engine); }});
  registrar.registry.add_write_option(std::string(kReason));
  MergeHooks merge;
  merge.restored = [this](Tx& tx, const record::Record& record) { refresh(tx, record); };
  registrar.merge_rules->add(std::move(merge));
  std::set<std::string> objects;
  for (const auto& field : fields_) objects.insert(field.object);
  for (const auto& object : objects) {
    record::Hooks hooks;
    hooks.object = object;
    hooks.name = "dedupe";
    hooks.order = 200;
    hooks.prepare = [this](const record::ObjectDefinition& definition, const Draft& draft,
                           const record::WriteOptions&) { return prepare(definition, draft); };
    hooks.before_save = [this](Tx& tx, Change& change) { before_save(tx, change); };
    hooks.after_save = [this](Tx& tx, Change& change) { after_save(tx, change); };
    registrar.registry.add_hooks(std::move(hooks));
  }
}

const DuplicateObject* Dedupe::about(std::string_view object) const {
  const auto found =
      std::find_if(objects_.begin(), objects_.end(),
                   [&](const DuplicateObject& candidate) { return candidate.object == object; });
  return found == objects_.end() ? nullptr : &*found;
}

// Each once; a field may make several kinds of keys.
std::vector<std::string> Dedupe::fields_of(std::string_view object) const {
  std::vector<std::string> out;
  for (const auto& field : fields_) {
    if (field.object == object && std::find(out.begin(), out.end(), field.field) == out.end())
      out.push_back(field.field);
  }
  return out;
}

std::set<StoredKey> Dedupe::stored_keys(std::string_view object, const std::string& name,
                                        const std::vector<std::string>& values) const {
  std::set<StoredKey> keys;
  for (const auto& field : fields_) {
    if (field.object != object || field.field != name || !is_stored(field.kind)) continue;
    for (const auto& value : values) {
      for (auto& key : keys_of(field.kind, value)) keys.insert(std::move(key));
    }
  }
  return keys;
}

// What was prepared, unless a hook has changed the values since (a former name, a code in its usual
// form).
std::set<StoredKey> Dedupe::keys_now(std::string_view object, const std::string& name,
                                     const std::vector<std::string>& values,
                                     const Prepared* prepared) const {
  if (prepared != nullptr) {
    const auto known = prepared->by_field.find(name);
    if (known != prepared->by_field.end() && known->second.values == values)
      return known->second.keys;
  }
  return stored_keys(object, name, values);
}

std::any Dedupe::prepare(const record::ObjectDefinition& object, const Draft& draft) const {
  Prepared prepared;
  for (const auto& name : fields_of(object.name)) {
    if (!draft.values.contains(name) && !draft.many.contains(name)) continue;
    const auto values = texts_of(draft, name);
    prepared.by_field[name] = {values, stored_keys(object.name, name, values)};
  }
  // Whoever writes many records keeps it until all of them are written, and may write them twice.
  return std::make_shared<const Prepared>(std::move(prepared));
}

const Dedupe::Prepared* Dedupe::prepared_in(const std::any& scratch) {
  const auto* prepared = std::any_cast<std::shared_ptr<const Prepared>>(&scratch);
  return prepared == nullptr ? nullptr : prepared->get();
}

std::string Dedupe::state_of(const record::Record& record) {
  const auto& definition = record.definition();
  if (!record.is_null("deleted_at")) return "deleted";
  const std::string status =
      definition.status_field.empty() ? "" : record.text(definition.status_field);
  if (status == "voided" || status == "converted") return status;
  return definition.field("pool_id") != nullptr && !record.is_null("pool_id") ? "pool" : "owned";
}

std::vector<std::string> Dedupe::legal_codes(const record::Record& record) const {
  std::vector<std::string> out;
  for (const auto& field : fields_) {
    if (field.object != record.definition().name || field.kind != KeyKind::Uscc) continue;
    for (const auto& value : texts_of(record, field.field)) {
      for (const auto& key : keys_of(field.kind, value)) out.push_back(key.key);
    }
  }
  return out;
}

// A number that is complete only together with the region is stored as it is dialled from
// anywhere.
void Dedupe::settle_phones(Tx& tx, Change& change) const {
  auto& record = *change.after;
  const auto settled = [&](const base::Value& typed) -> std::optional<base::Value> {
    if (!typed.is_text() ||
        text::normalize_phone(typed.as_text()).kind != text::PhoneKind::Ambiguous)
      return std::nullopt;
    const auto region = region_of(tx.writer(), tx.engine(), change.object.name, {}, &record);
    const auto phone = text::normalize_phone(typed.as_text(), region);
    if (!phone.identifies()) return std::nullopt;
    return base::Value(phone.number + (phone.extension.empty() ? "" : "x" + phone.extension));
  };
  for (const auto& field : fields_) {
    if (field.object != change.object.name || !is_phone(field.kind)) continue;
    if (!change.object.field(field.field)->multiple) {
      if (auto number = settled(record.get(field.field)))
        record.set(field.field, std::move(*number));
      continue;
    }
    auto numbers = record.many(field.field);
    bool changed = false;
    for (auto& value : numbers) {
      auto number = settled(value);
      if (!number) continue;
      value = std::move(*number);
      changed = true;
    }
    if (changed) record.set_many(field.field, std::move(numbers));
  }
}

void Dedupe::before_save(Tx& tx, Change& change) const {
  if (change.operation == Operation::Delete) return;
  settle_phones(tx, change);
  const auto entry = entry_of(tx, change);
  // A file's duplicates were decided in its preview, but for what nobody may decide.
  if (!entry || (*entry == DuplicateEntry::Import &&
                 !rules_->reaches(change.object.name, *entry, DuplicateAction::Block))) {
    return;
  }
  const bool all = change.operation == Operation::Restore || *entry == DuplicateEntry::Transfer;
  if (*entry == DuplicateEntry::Transfer &&
      !rules_->reaches(change.object.name, *entry, DuplicateAction::Warn)) {
    return;
  }
  const auto* prepared = prepared_in(change.scratch);
  Draft looked_at;
  for (const auto& name : fields_of(change.object.name)) {
    // A name of the past that the program keeps claims nothing.
    const bool typed = prepared != nullptr && prepared->by_field.contains(name);
    if (!typed && change.object.field(name)->multiple) continue;
    if (!all && !change.changed(name)) continue;
    if (change.object.field(name)->multiple) {
      looked_at.many[name] = change.after->many(name);
    } else {
      looked_at.values[name] = change.after->get(name);
    }
  }
  std::set<StoredKey> to_lock;
  for (const auto& name : fields_of(change.object.name)) {
    const auto values = texts_of(looked_at, name);
    if (values.empty()) continue;
    for (auto& key : keys_now(change.object.name, name, values, prepared)) {
      if (tier_of(key.kind) != 'F') to_lock.insert(std::move(key));
    }
    for (const auto& field : fields_) {
      const bool refers =
          field.object == change.object.name && field.field == name && !is_stored(field.kind);
      if (!refers || !rules_->reaches(field.object, *entry, DuplicateAction::Warn)) continue;
      for (auto& key : keys_of(field.kind, values[0])) to_lock.insert(std::move(key));
    }
  }
  if (to_lock.empty()) return;
  for (const auto& key : to_lock) tx.writer().lock("dedupe." + key.kind, key.key);
  check(tx, change, *entry, looked_at);
}

// Throws what the rules say about the hits.
void Dedupe::check(Tx& tx, const Change& change, DuplicateEntry entry,
                   const Draft& looked_at) const {
  const auto hits_of = [&](bool with_fuzzy) {
    const DuplicateQuestion question{change.object.name, looked_at,   change.after->id(), entry,
                                     with_fuzzy,         change.after};
    auto found = find(tx.writer(), tx.engine(), tx.actor().language, question);
    // The lead that becomes this record is no duplicate of it.
    if (const auto* source = change.options.options.if_contains("converted_from"))
      std::erase_if(found, [&](const DuplicateHit& hit) { return hit.id == source->as_int64(); });
    if (entry == DuplicateEntry::Transfer) leave_out_owners(tx, *change.after, found);
    return found;
  };
  // Names that are only alike stop nobody: they are looked for when there is something to show.
  auto hits = hits_of(false);
  DuplicateAction verdict = DuplicateAction::Ignore;
  for (const auto& hit : hits) verdict = std::max(verdict, hit.action);
  if (verdict == DuplicateAction::Ignore) return;
  if (entry == DuplicateEntry::Import && verdict != DuplicateAction::Block) return;
  const bool reasoned = change.operation == Operation::Restore || !reason_of(change).empty();
  if (verdict == DuplicateAction::Warn && reasoned) return;
  hits = hits_of(true);
  std::string data = "{\"hits\":" + hits_json(tx.engine(), tx.writer(), tx.actor(), hits) + "}";
  const bool is_open = verdict == DuplicateAction::Warn;
  Error error(ErrorKind::Conflict, is_open ? "duplicate.needs_reason" : "duplicate.blocked");
  error.with_data(std::move(data));
  throw is_open ? record::asking_reason(std::move(error), kReason) : error;
}

void Dedupe::after_save(Tx& tx, Change& change) const {
  if (change.operation == Operation::Delete || change.operation == Operation::Restore) return;
  const auto* prepared = prepared_in(change.scratch);
  for (const auto& name : fields_of(change.object.name)) {
    if (!change.changed(name)) continue;
    if (change.operation == Operation::Update) {
      kKeys.erase(tx.writer(), {{"record_id", db::Compare::Equal, change.after->id()},
                                {"field", db::Compare::Equal, name}});
    }
    for (const auto& key :
         keys_now(change.object.name, name, texts_of(*change.after, name), prepared))
      keep(tx.writer(), key, *change.after, name);
  }
  keep_reason(tx, change);
}

void Dedupe::forget(db::Writer& writer, RecordId id) {
  kKeys.erase(writer, {{"record_id", db::Compare::Equal, id}});
}

void Dedupe::refresh(Tx& tx, const record::Record& record) const {
  forget(tx.writer(), record.id());
  const auto& object = record.definition().name;
  for (const auto& name : fields_of(object)) {
    for (const auto& key : stored_keys(object, name, texts_of(record, name)))
      keep(tx.writer(), key, record, name);
  }
}

// Why somebody made a second one all the same stays in the record's history.
void Dedupe::keep_reason(Tx& tx, const Change& change) {
  const std::string reason = reason_of(change);
  if (reason.empty()) return;
  base::JsonObject data;
  data["reason"] = reason;
  tx.audit(*change.after, "duplicate_accepted", std::move(data));
}

}  // namespace kehai::platform
