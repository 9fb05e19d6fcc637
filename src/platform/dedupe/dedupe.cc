#include "platform/dedupe/dedupe.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "base/error.h"
#include "base/text/company_name.h"
#include "base/text/utf8.h"
#include "db/table.h"
#include "platform/dedupe/keys.h"

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
constexpr int kCandidatesPerKey = 100;
constexpr std::size_t kMaximumFuzzy = 10;
constexpr std::size_t kPublicNumber = 3;  // a number shared by more records only warns

// What prepare() carries to the transaction: keys by field of the asking record.
struct Prepared {
  std::map<std::string, std::vector<StoredKey>> by_field;
};

std::vector<std::string> texts_of(const Draft& draft, const std::string& field) {
  std::vector<std::string> out;
  if (const auto one = draft.values.find(field);
      one != draft.values.end() && one->second.is_text()) {
    out.push_back(one->second.as_text());
  }
  if (const auto many = draft.many.find(field); many != draft.many.end()) {
    for (const auto& value : many->second) {
      if (value.is_text()) out.push_back(value.as_text());
    }
  }
  return out;
}

// The values of a field as they will be stored.
std::vector<std::string> texts_of(const record::Record& record, const std::string& field) {
  std::vector<std::string> out;
  if (!record.definition().field(field)->multiple) {
    if (record.get(field).is_text()) out.push_back(record.text(field));
    return out;
  }
  for (const auto& value : record.many(field)) {
    if (value.is_text()) out.push_back(value.as_text());
  }
  return out;
}

std::vector<StoredKey> keys_of_all(KeyKind kind, const std::vector<std::string>& values) {
  std::vector<StoredKey> keys;
  for (const auto& value : values) {
    auto more = keys_of(kind, value);
    keys.insert(keys.end(), more.begin(), more.end());
  }
  return keys;
}

// Calls each(object, record_id, field) for what holds the key.
void each_holder(db::Reader& reader, const StoredKey& key,
                 const std::function<void(const db::Row&)>& each) {
  kKeys.select_each(reader,
                    {{"object", "record_id", "field"},
                     {{"kind", db::Compare::Equal, key.kind}, {"key", db::Compare::Equal, key.key}},
                     {},
                     kCandidatesPerKey,
                     false},
                    each);
}

int tier_rank(char tier) {
  return tier == 'E' ? 0 : tier == 'N' ? 1 : 2;
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
  for (const auto& field : fields_) {
    if (field.object != object) continue;
    std::set<StoredKey> keys;
    for (const auto& value : texts_of(draft, field.field)) {
      for (auto& key : keys_of(field.kind, value)) keys.insert(std::move(key));
    }
    for (const auto& key : keys) rows.push_back({key.kind, key.key, object, id, field.field});
  }
  return rows;
}

void Dedupe::install(Registrar& registrar) {
  registrar.registry.add_table(table());
  registrar.registry.add_table(Disclosures::table());
  registrar.schedules.push_back(
      {"dedupe.look_ups", 1000,
       [disclosures = disclosures_](record::Engine& engine) { disclosures->flush(engine); }});
  registrar.registry.add_write_option("duplicate_reason");
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

const DuplicateRule* Dedupe::rule(std::string_view object, std::string_view other,
                                  KeyKind kind) const {
  for (const auto& candidate : rules_) {
    if (candidate.object == object && candidate.other == other && candidate.kind == kind)
      return &candidate;
  }
  return nullptr;
}

std::any Dedupe::prepare(const record::ObjectDefinition& object, const Draft& draft) const {
  Prepared prepared;
  for (const auto& field : fields_) {
    if (field.object != object.name) continue;
    if (!draft.values.contains(field.field) && !draft.many.contains(field.field)) continue;
    prepared.by_field[field.field] = keys_of_all(field.kind, texts_of(draft, field.field));
  }
  return prepared;
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
    for (const auto& key : keys_of_all(field.kind, texts_of(record, field.field)))
      out.push_back(key.key);
  }
  return out;
}

// What is in the recycle bin, voided or converted is shown, but stands in nobody's way. Two
// different valid codes are two legal persons, whatever else is equal: a hint at most.
void Dedupe::soften(db::Reader& reader, const record::Engine& engine,
                    const std::vector<std::string>& codes,
                    std::map<RecordId, DuplicateHit>& hits) const {
  std::map<std::string, std::vector<RecordId>> by_object;
  for (const auto& [id, hit] : hits) by_object[hit.object].push_back(id);
  const auto schema = engine.schema();
  for (const auto& [object, ids] : by_object) {
    std::set<RecordId> known;
    for (const auto& record : engine.store().load_many(reader, schema->at(object), ids)) {
      known.insert(record.id());
      const auto theirs = legal_codes(record);
      const bool differs = std::none_of(theirs.begin(), theirs.end(), [&](const std::string& code) {
        return std::find(codes.begin(), codes.end(), code) != codes.end();
      });
      if (differs && !theirs.empty() && !codes.empty()) {
        hits[record.id()].tier = 'F';
        hits[record.id()].action = DuplicateAction::Ignore;
      }
      const std::string state = state_of(record);
      if (state == "owned" || state == "pool") continue;
      auto& hit = hits[record.id()];
      hit.action = std::min(hit.action, DuplicateAction::Warn);
    }
    for (const RecordId id : ids) {
      if (!known.contains(id)) hits.erase(id);
    }
  }
}

std::vector<DuplicateHit> Dedupe::find(db::Reader& reader, const record::Engine& engine,
                                       base::Language language, std::string_view object,
                                       const Draft& draft, RecordId self, bool with_fuzzy,
                                       const record::Record* whole) const {
  std::map<RecordId, DuplicateHit> hits;
  const auto note = [&](RecordId id, const std::string& other, const DuplicateField& field,
                        char tier, int score, DuplicateAction action, std::string evidence) {
    auto& hit = hits[id];
    if (hit.id == 0 || tier_rank(tier) < tier_rank(hit.tier)) {
      hit.tier = tier;
      hit.score = score;
    }
    hit.id = id;
    hit.object = other;
    hit.score = std::max(hit.score, score);
    hit.action = std::max(hit.action, action);
    if (std::find(hit.matched.begin(), hit.matched.end(), field.field) == hit.matched.end()) {
      hit.matched.push_back(field.field);
    }
    if (std::find(hit.evidence.begin(), hit.evidence.end(), evidence) == hit.evidence.end()) {
      hit.evidence.push_back(std::move(evidence));
    }
  };
  std::map<RecordId, std::string> fuzzy;  // candidate → object
  for (const auto& field : fields_) {
    if (field.object != object) continue;
    for (const auto& value : texts_of(draft, field.field)) {
      std::vector<std::string> legal_forms;
      if (field.kind == KeyKind::Company) {
        for (const auto& step : text::explain_company_name(value).steps)
          legal_forms.push_back(step.text);
      }
      for (const auto& key : keys_of(field.kind, value)) {
        const char tier = tier_of(key.kind);
        if (tier == 'F' && !with_fuzzy) continue;
        struct Found {
          std::string object;
          RecordId id;
          std::string field;
        };
        std::vector<Found> found;
        each_holder(reader, key, [&](const db::Row& row) {
          if (row.get_int(1) == self) return;
          found.push_back(
              {std::string(row.get_text(0)), row.get_int(1), std::string(row.get_text(2))});
        });
        for (const auto& [other, id, theirs] : found) {
          const auto* applicable = rule(object, other, field.kind);
          if (applicable == nullptr) continue;
          if (tier == 'F') {
            fuzzy.emplace(id, other);
            continue;
          }
          auto action = tier == 'E' ? applicable->exact : applicable->normalised;
          if (field.kind == KeyKind::Phone && found.size() > kPublicNumber)
            action = std::min(action, DuplicateAction::Warn);
          const bool is_former =
              std::any_of(fields_.begin(), fields_.end(), [&](const DuplicateField& candidate) {
                return candidate.object == other && candidate.field == theirs && candidate.former;
              });
          const std::string evidence_key =
              "duplicate.evidence." + (is_former ? "former_name" : key.kind);
          std::string removed;
          for (const auto& form : legal_forms) removed += (removed.empty() ? "" : "、") + form;
          // Names that are the same are the same without their legal forms, too.
          const auto known = hits.find(id);
          const bool is_exact =
              known != hits.end() && known->second.tier == 'E' &&
              std::find(known->second.matched.begin(), known->second.matched.end(), field.field) !=
                  known->second.matched.end();
          if (tier == 'N' && is_exact) continue;
          note(id, other, field, tier, 10'000, action,
               engine.texts().text(language, evidence_key, {{"removed", removed}}));
        }
      }
    }
  }
  std::vector<std::string> codes =
      whole == nullptr ? std::vector<std::string>{} : legal_codes(*whole);
  for (const auto& field : fields_) {
    if (field.object != object || field.kind != KeyKind::Uscc) continue;
    for (const auto& key : keys_of_all(field.kind, texts_of(draft, field.field)))
      codes.push_back(key.key);
  }
  soften(reader, engine, codes, hits);
  // Fuzzy candidates share the beginning, the end or the pinyin of the core; the score decides.
  std::vector<DuplicateHit> close;
  for (const auto& field : fields_) {
    if (field.object != object || field.kind != KeyKind::Company) continue;
    for (const auto& value : texts_of(draft, field.field)) {
      const text::NameMatcher matcher(text::company_keys(value).key_core);
      std::map<std::string, std::vector<RecordId>> by_object;
      for (const auto& [id, other] : fuzzy) {
        if (!hits.contains(id)) by_object[other].push_back(id);
      }
      for (const auto& [other, ids] : by_object) {
        const auto schema = engine.schema();
        const auto& other_schema = schema->at(other);
        for (const auto& record : engine.store().load_many(reader, other_schema, ids)) {
          int best = 0;
          for (const auto& theirs : fields_) {
            if (theirs.object != other || theirs.kind != KeyKind::Company) continue;
            if (other_schema.definition().field(theirs.field)->multiple) continue;
            best = std::max(best,
                            matcher.score(text::company_keys(record.text(theirs.field)).key_core));
          }
          if (best < text::kSimilarEnough) continue;
          DuplicateHit hit;
          hit.object = other;
          hit.id = record.id();
          hit.matched = {field.field};
          hit.score = best;
          hit.evidence = {engine.texts().text(language, "duplicate.evidence.similar",
                                              {{"percent", std::to_string(best / 100)}})};
          close.push_back(std::move(hit));
        }
      }
    }
  }
  std::sort(close.begin(), close.end(), [](const DuplicateHit& a, const DuplicateHit& b) {
    return a.score != b.score ? a.score > b.score : a.id < b.id;
  });
  if (close.size() > kMaximumFuzzy) close.resize(kMaximumFuzzy);
  std::vector<DuplicateHit> out;
  for (auto& [id, hit] : hits) out.push_back(std::move(hit));
  std::sort(out.begin(), out.end(), [](const DuplicateHit& a, const DuplicateHit& b) {
    if (a.tier != b.tier) return tier_rank(a.tier) < tier_rank(b.tier);
    return a.id < b.id;
  });
  out.insert(out.end(), close.begin(), close.end());
  return out;
}

std::vector<std::string> Dedupe::exact_keys(std::string_view object, const Draft& draft) const {
  std::vector<std::string> out;
  for (const auto& field : fields_) {
    if (field.object != object) continue;
    const auto* own = rule(object, object, field.kind);
    if (own == nullptr || own->exact == DuplicateAction::Ignore) continue;
    for (const auto& value : texts_of(draft, field.field)) {
      for (const auto& key : keys_of(field.kind, value)) {
        if (tier_of(key.kind) == 'E') out.push_back(key.kind + ":" + key.key);
      }
    }
  }
  return out;
}

std::optional<std::vector<RecordId>> Dedupe::holders(db::Reader& reader, std::string_view object,
                                                     std::string_view field,
                                                     std::string_view value) const {
  const auto declared =
      std::find_if(fields_.begin(), fields_.end(), [&](const DuplicateField& candidate) {
        return candidate.object == object && candidate.field == field;
      });
  if (declared == fields_.end()) return std::nullopt;
  std::vector<RecordId> out;
  for (const auto& key : keys_of(declared->kind, value)) {
    if (tier_of(key.kind) != 'E') continue;
    each_holder(reader, key, [&](const db::Row& row) {
      const bool same = row.get_text(0) == object && row.get_text(2) == field;
      if (same && std::find(out.begin(), out.end(), row.get_int(1)) == out.end()) {
        out.push_back(row.get_int(1));
      }
    });
  }
  return out;
}

void Dedupe::before_save(Tx& tx, Change& change) const {
  if (change.operation == Operation::Delete) return;
  const bool restores = change.operation == Operation::Restore;
  const auto* prepared = std::any_cast<Prepared>(&change.scratch);
  if (prepared == nullptr) return;
  // A file's duplicates were decided in its preview; the demo and jobs know what they do.
  // A merge brings together what was known already.
  const auto& entry = change.options.entry;
  if (entry == "import" || entry == "demo" || entry == "merge" || tx.actor().system) return;
  std::vector<StoredKey> to_lock;
  Draft changed;
  for (const auto& [field, keys] : prepared->by_field) {
    if (!restores && !change.changed(field)) continue;
    if (const auto one = change.draft.values.find(field); one != change.draft.values.end())
      changed.values[field] = one->second;
    if (const auto many = change.draft.many.find(field); many != change.draft.many.end())
      changed.many[field] = many->second;
    for (const auto& key : keys) {
      if (tier_of(key.kind) != 'F') to_lock.push_back(key);
    }
  }
  if (to_lock.empty()) return;
  std::sort(to_lock.begin(), to_lock.end());
  for (const auto& key : to_lock) tx.writer().lock("dedupe." + key.kind, key.key);
  const auto hits_of = [&](bool with_fuzzy) {
    auto found = find(tx.writer(), tx.engine(), tx.actor().language, change.object.name, changed,
                      change.after->id(), with_fuzzy, change.after);
    // The lead that becomes this record is no duplicate of it.
    if (const auto* source = change.options.options.if_contains("converted_from")) {
      std::erase_if(found, [&](const DuplicateHit& hit) { return hit.id == source->as_int64(); });
    }
    return found;
  };
  // Names that are only alike stop nobody: they are looked for when there is something to show.
  auto hits = hits_of(false);
  DuplicateAction verdict = DuplicateAction::Ignore;
  for (const auto& hit : hits) verdict = std::max(verdict, hit.action);
  const auto& options = change.options.options;
  const auto* reason = options.if_contains("duplicate_reason");
  const bool reasoned =
      restores || (reason != nullptr && reason->is_string() && !reason->get_string().empty());
  if (verdict == DuplicateAction::Ignore || (verdict == DuplicateAction::Warn && reasoned)) return;
  hits = hits_of(true);
  std::string data = "{\"hits\":" + hits_json(tx.engine(), tx.writer(), tx.actor(), hits) + "}";
  throw Error(ErrorKind::Conflict,
              verdict == DuplicateAction::Block ? "duplicate.blocked" : "duplicate.needs_reason")
      .with_data(std::move(data));
}

void Dedupe::after_save(Tx& tx, Change& change) const {
  if (change.operation == Operation::Delete || change.operation == Operation::Restore) return;
  const auto* prepared = std::any_cast<Prepared>(&change.scratch);
  for (const auto& field : fields_) {
    if (field.object != change.object.name || !change.changed(field.field)) continue;
    if (change.operation == Operation::Update) {
      kKeys.erase(tx.writer(), {{"record_id", db::Compare::Equal, change.after->id()},
                                {"field", db::Compare::Equal, field.field}});
    }
    // What a hook added (a former name) was in nobody's draft.
    const auto known = prepared == nullptr ? nullptr : &prepared->by_field;
    const bool has_keys = known != nullptr && known->contains(field.field);
    for (const auto& key : has_keys
                               ? known->at(field.field)
                               : keys_of_all(field.kind, texts_of(*change.after, field.field))) {
      kKeys.insert_if_absent(tx.writer(), {{"kind", key.kind},
                                           {"key", key.key},
                                           {"object", change.object.name},
                                           {"record_id", change.after->id()},
                                           {"field", field.field}});
    }
  }
  keep_reason(tx, change);
}

void Dedupe::forget(db::Writer& writer, RecordId id) {
  kKeys.erase(writer, {{"record_id", db::Compare::Equal, id}});
}

void Dedupe::refresh(Tx& tx, const record::Record& record) const {
  forget(tx.writer(), record.id());
  for (const auto& field : fields_) {
    if (field.object != record.definition().name) continue;
    for (const auto& key : keys_of_all(field.kind, texts_of(record, field.field))) {
      kKeys.insert_if_absent(tx.writer(), {{"kind", key.kind},
                                           {"key", key.key},
                                           {"object", field.object},
                                           {"record_id", record.id()},
                                           {"field", field.field}});
    }
  }
}

// Why somebody made a second one stays in the record's history.
void Dedupe::keep_reason(Tx& tx, const Change& change) {
  const auto* reason = change.options.options.if_contains("duplicate_reason");
  if (change.operation != Operation::Create || reason == nullptr || !reason->is_string() ||
      reason->get_string().empty()) {
    return;
  }
  constexpr std::size_t kLongest = 500;
  base::JsonObject data;
  data["reason"] = text::to_utf8(text::to_utf32(reason->get_string()).substr(0, kLongest));
  tx.audit(*change.after, "duplicate_accepted", std::move(data));
}

}  // namespace kehai::platform
