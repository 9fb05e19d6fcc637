// Finds what values meet: by their keys, by what is open at the same record, by names that are
// alike.
#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "base/text/company_name.h"
#include "db/table.h"
#include "platform/dedupe/dedupe.h"
#include "platform/dedupe/keys.h"
#include "platform/dedupe/values.h"
#include "record/field_reader.h"

namespace kehai::platform {

using record::RecordId;

namespace {

const db::Table kKeys("dedupe_key");
constexpr int kCandidatesPerKey = 100;
constexpr int kOpenSiblings = 10;
constexpr std::size_t kMaximumFuzzy = 10;
constexpr std::size_t kPublicNumber = 3;  // a number shared by more records only warns

struct Holder {
  std::string object;
  RecordId id = 0;
  std::string field;
};

std::vector<Holder> holders_of(db::Reader& reader, const StoredKey& key) {
  std::vector<Holder> out;
  kKeys.select_each(
      reader,
      {{"object", "record_id", "field"},
       {{"kind", db::Compare::Equal, key.kind}, {"key", db::Compare::Equal, key.key}},
       {},
       kCandidatesPerKey,
       false},
      [&](const db::Row& row) {
        out.push_back({std::string(row.get_text(0)), row.get_int(1), std::string(row.get_text(2))});
      });
  return out;
}

// How many records have a number, when they are too many to tell whose it is; else 0.
std::size_t sharing_too_many(const std::vector<Holder>& holders) {
  std::set<RecordId> records;
  for (const auto& holder : holders) records.insert(holder.id);
  return records.size() > kPublicNumber ? records.size() : 0;
}

int tier_rank(char tier) {
  return tier == 'E' ? 0 : tier == 'N' ? 1 : 2;
}

// By the province of GB/T 2260.
text::PhoneRegion phone_region(std::int64_t region) {
  switch (region / 10'000) {
    case 71:
      return text::PhoneRegion::Taiwan;
    case 81:
      return text::PhoneRegion::HongKong;
    case 82:
      return text::PhoneRegion::Macao;
    default:
      return text::PhoneRegion::Mainland;
  }
}

// A telephone of the house among somebody's own numbers is the house's.
KeyKind asked_as(const DuplicateField& field, std::string_view value, text::PhoneRegion region) {
  const bool is_shared =
      field.mixed_phones && text::normalize_phone(value, region).kind == text::PhoneKind::Landline;
  return is_shared ? KeyKind::OfficePhone : field.kind;
}

bool contains(const std::vector<std::string>& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

// One search; lives as long as a call of Dedupe::find().
class HitSearch {
 public:
  HitSearch(const Dedupe& dedupe, db::Reader& reader, const record::Engine& engine,
            base::Language language, const DuplicateQuestion& question)
      : dedupe_(dedupe),
        reader_(reader),
        engine_(engine),
        language_(language),
        question_(question),
        rules_(dedupe.rules_->current()),
        schema_(engine.schema()) {}

  std::vector<DuplicateHit> run() {
    for (const auto& field : dedupe_.fields_) {
      if (field.object != question_.object) continue;
      for (const auto& value : texts_of(question_.draft, field.field)) {
        if (field.kind == KeyKind::OpenSibling) {
          find_open(field, value);
        } else {
          find_by_keys(field, value);
          if (field.kind == KeyKind::Company && question_.with_fuzzy) find_head_offices(value);
        }
      }
    }
    soften();
    std::vector<DuplicateHit> close = head_offices();
    std::vector<DuplicateHit> out;
    for (auto& [id, hit] : hits_) out.push_back(hit);
    std::sort(out.begin(), out.end(), [](const DuplicateHit& a, const DuplicateHit& b) {
      if (a.tier != b.tier) return tier_rank(a.tier) < tier_rank(b.tier);
      return a.id < b.id;
    });
    for (auto& hit : alike()) close.push_back(std::move(hit));
    add_same_domain(close);
    if (close.size() > kMaximumFuzzy) close.resize(kMaximumFuzzy);
    out.insert(out.end(), close.begin(), close.end());
    return out;
  }

 private:
  std::string say(const std::string& key, const base::Params& params = {}) const {
    return engine_.texts().text(language_, "duplicate.evidence." + key, params);
  }

  DuplicateHit& note(const Holder& holder, const DuplicateField& field, char tier,
                     DuplicateAction action, std::string evidence) {
    constexpr int kCertain = 10'000;
    auto& hit = hits_[holder.id];
    if (hit.id == 0 || tier_rank(tier) < tier_rank(hit.tier)) hit.tier = tier;
    hit.id = holder.id;
    hit.object = holder.object;
    hit.score = kCertain;
    hit.action = std::max(hit.action, action);
    if (!contains(hit.matched, field.field)) hit.matched.push_back(field.field);
    if (!contains(hit.evidence, evidence)) hit.evidence.push_back(std::move(evidence));
    return hit;
  }

  // Only bare numbers ask for it.
  text::PhoneRegion region_for(const DuplicateField& field, const std::string& value) const {
    const bool depends =
        is_phone(field.kind) && text::normalize_phone(value).kind == text::PhoneKind::Ambiguous;
    return depends ? dedupe_.region_of(reader_, engine_, question_.object, question_.draft,
                                       question_.whole)
                   : text::PhoneRegion::Mainland;
  }

  void find_by_keys(const DuplicateField& field, const std::string& value) {
    const auto region = region_for(field, value);
    const KeyKind kind = asked_as(field, value, region);
    for (const auto& key : keys_of(kind, value, region)) {
      const char tier = tier_of(key.kind);
      if (tier == 'F' && !question_.with_fuzzy) continue;
      const auto found = holders_of(reader_, key);
      const std::size_t sharing = is_phone(kind) ? sharing_too_many(found) : 0;
      for (const auto& holder : found) {
        if (holder.id == question_.self) continue;
        const auto* rule = find_rule(*rules_, question_.object, holder.object, kind);
        if (rule == nullptr) continue;
        if (kind == KeyKind::MailDomain) {
          same_domain_.emplace(holder.id, std::pair(holder, key.key));
        } else if (tier == 'F') {
          candidates_.emplace(holder.id, holder.object);
        } else {
          add(holder, field, key, tier, *rule, value, sharing);
        }
      }
    }
  }

  // `sharing`: how many records have a number that too many have; else 0.
  void add(const Holder& holder, const DuplicateField& field, const StoredKey& key, char tier,
           const DuplicateRule& rule, const std::string& value, std::size_t sharing) {
    // Names that are the same are the same without their legal forms, too.
    const auto known = hits_.find(holder.id);
    const bool is_exact = known != hits_.end() && known->second.tier == 'E' &&
                          contains(known->second.matched, field.field);
    if (tier == 'N' && is_exact) return;
    auto action = rule.action(question_.entry, tier);
    if (sharing > 0) action = std::min(action, DuplicateAction::Warn);
    const bool is_former = std::any_of(dedupe_.fields_.begin(), dedupe_.fields_.end(),
                                       [&](const DuplicateField& candidate) {
                                         return candidate.object == holder.object &&
                                                candidate.field == holder.field && candidate.former;
                                       });
    std::string removed;
    if (tier == 'N') {
      for (const auto& step : text::explain_company_name(value).steps)
        removed += (removed.empty() ? "" : "、") + step.text;
    }
    auto& hit = note(holder, field, tier, action,
                     say(is_former ? "former_name" : key.kind, {{"removed", removed}}));
    if (sharing == 0) return;
    hit.public_number = true;
    auto evidence = say("public_number", {{"count", std::to_string(sharing)}});
    if (!contains(hit.evidence, evidence)) hit.evidence.push_back(std::move(evidence));
  }

  // What is open at the record that `value` refers to.
  void find_open(const DuplicateField& field, const std::string& value) {
    const auto* about = dedupe_.about(question_.object);
    const auto* rule = find_rule(*rules_, question_.object, question_.object, field.kind);
    if (about == nullptr || rule == nullptr) return;
    const auto action = rule->action(question_.entry, 'E');
    if (action == DuplicateAction::Ignore && !question_.with_fuzzy) return;
    const auto& definition = schema_->at(question_.object).definition();
    std::vector<RecordId> open;
    db::Table(definition.name)
        .select_each(reader_,
                     {{"id"},
                      {{field.field, db::Compare::Equal, base::Value(RecordId{std::stoll(value)})},
                       {definition.status_field, db::Compare::Equal, about->open_status},
                       {"deleted_at", db::Compare::IsNull, {}},
                       {"id", db::Compare::NotEqual, base::Value(question_.self)}},
                      {},
                      kOpenSiblings,
                      false},
                     [&](const db::Row& row) { open.push_back(row.get_int(0)); });
    for (const RecordId id : open)
      note({definition.name, id, field.field}, field, 'E', action, say("open_sibling"));
  }

  // A branch is a child of its head office, not a duplicate of it (domain 5.4).
  void find_head_offices(const std::string& value) {
    const auto name = text::explain_company_name(value);
    if (!name.is_branch || name.head_norm.empty()) return;
    for (const auto& holder : holders_of(reader_, {"name_norm", name.head_norm})) {
      const auto* about = dedupe_.about(holder.object);
      if (about == nullptr || about->head_field.empty() || holder.id == question_.self) continue;
      head_offices_.emplace(holder.id, holder.object);
    }
  }

  // Those that are there, apart from the one that the record names already.
  std::vector<DuplicateHit> head_offices() {
    std::vector<DuplicateHit> out;
    for (const auto& [id, object] : head_offices_) {
      const auto& field = dedupe_.about(object)->head_field;
      const bool is_same_kind = object == question_.object;
      if (is_same_kind && named_by(field) == id) continue;
      for (const auto& record : engine_.store().load_many(reader_, schema_->at(object), {id})) {
        if (Dedupe::state_of(record) == "deleted") continue;
        DuplicateHit own;
        own.object = object;
        own.id = id;
        // It may be met by a number as well; then the same hit says both.
        const auto met = hits_.find(id);
        auto& hit = met == hits_.end() ? out.emplace_back(std::move(own)) : met->second;
        hit.head_office = true;
        hit.evidence.insert(hit.evidence.begin(), say("head_office"));
        if (is_same_kind) hit.proposed_field = field;
        for (const auto& name : dedupe_.fields_) {
          const bool asks = name.object == question_.object && name.kind == KeyKind::Company &&
                            !texts_of(question_.draft, name.field).empty();
          if (asks && !contains(hit.matched, name.field)) hit.matched.push_back(name.field);
        }
      }
    }
    return out;
  }

  RecordId named_by(const std::string& field) const {
    const auto given = question_.draft.values.find(field);
    if (given != question_.draft.values.end()) return given->second.int_or(0);
    return question_.whole == nullptr ? 0 : question_.whole->integer(field);
  }

  // Keys of the asking record that only one legal person has.
  std::vector<std::string> own_codes() const {
    auto codes = question_.whole == nullptr ? std::vector<std::string>{}
                                            : dedupe_.legal_codes(*question_.whole);
    for (const auto& field : dedupe_.fields_) {
      if (field.object != question_.object || field.kind != KeyKind::Uscc) continue;
      for (const auto& value : texts_of(question_.draft, field.field)) {
        for (const auto& key : keys_of(field.kind, value)) codes.push_back(key.key);
      }
    }
    return codes;
  }

  // What is in the recycle bin, voided or converted is shown, but stands in nobody's way; of a file
  // no row stays out for what is in the recycle bin. Two
  // different valid codes are two legal persons, whatever else is equal: a hint at most.
  void soften() {
    const auto codes = own_codes();
    std::map<std::string, std::vector<RecordId>> by_object;
    for (const auto& [id, hit] : hits_) by_object[hit.object].push_back(id);
    for (const auto& [object, ids] : by_object) {
      std::set<RecordId> known;
      for (const auto& record : engine_.store().load_many(reader_, schema_->at(object), ids)) {
        known.insert(record.id());
        auto& hit = hits_[record.id()];
        const auto theirs = dedupe_.legal_codes(record);
        const bool differs =
            std::none_of(theirs.begin(), theirs.end(),
                         [&](const std::string& code) { return contains(codes, code); });
        if (differs && !theirs.empty() && !codes.empty()) {
          hit.tier = 'F';
          hit.action = DuplicateAction::Ignore;
        }
        const std::string state = Dedupe::state_of(record);
        if (state != "owned" && state != "pool")
          hit.action = std::min(hit.action, DuplicateAction::Warn);
        // Whoever took an import back brings the same file again.
        if (state == "deleted" && question_.entry == DuplicateEntry::Import)
          hit.action = DuplicateAction::Ignore;
      }
      for (const RecordId id : ids) {
        if (!known.contains(id)) hits_.erase(id);
      }
    }
  }

  // Candidates share the beginning, the end or the pinyin of the core; the score decides.
  std::vector<DuplicateHit> alike() const {
    std::vector<DuplicateHit> close;
    std::map<std::string, std::vector<RecordId>> by_object;
    for (const auto& [id, other] : candidates_) {
      if (!hits_.contains(id) && !head_offices_.contains(id)) by_object[other].push_back(id);
    }
    for (const auto& [other, ids] : by_object) {
      const auto records = engine_.store().load_many(reader_, schema_->at(other), ids);
      for (const auto& field : dedupe_.fields_) {
        if (field.object != question_.object || field.kind != KeyKind::Company) continue;
        for (const auto& value : texts_of(question_.draft, field.field)) {
          const text::NameMatcher matcher(text::company_keys(value).key_core);
          for (const auto& record : records) {
            const int score = likeness(matcher, record);
            if (score < text::kSimilarEnough) continue;
            DuplicateHit hit;
            hit.object = other;
            hit.id = record.id();
            hit.matched = {field.field};
            hit.score = score;
            hit.evidence = {say("similar", {{"percent", std::to_string(score / 100)}})};
            close.push_back(std::move(hit));
          }
        }
      }
    }
    std::sort(close.begin(), close.end(), [](const DuplicateHit& a, const DuplicateHit& b) {
      return a.score != b.score ? a.score > b.score : a.id < b.id;
    });
    return close;
  }

  int likeness(const text::NameMatcher& matcher, const record::Record& record) const {
    int best = 0;
    for (const auto& field : dedupe_.fields_) {
      if (field.object != record.definition().name || field.kind != KeyKind::Company) continue;
      if (record.definition().field(field.field)->multiple) continue;
      best = std::max(best, matcher.score(text::company_keys(record.text(field.field)).key_core));
    }
    return best;
  }

  RecordId parent_of(const std::string& object, const record::Record* record,
                     const record::Draft* draft) const {
    const auto* about = dedupe_.about(object);
    if (about == nullptr || about->parent_field.empty()) return 0;
    if (draft != nullptr) {
      const auto given = draft->values.find(about->parent_field);
      if (given != draft->values.end()) return given->second.int_or(0);
    }
    return record == nullptr ? 0 : record->integer(about->parent_field);
  }

  // One mail domain is no more than a hint, and none among the people of one customer.
  void add_same_domain(std::vector<DuplicateHit>& close) const {
    const RecordId parent =
        parent_of(std::string(question_.object), question_.whole, &question_.draft);
    std::map<std::string, std::vector<RecordId>> by_object;
    for (const auto& [id, met] : same_domain_) {
      const bool known = hits_.contains(id) || id == parent ||
                         std::any_of(close.begin(), close.end(),
                                     [id = id](const DuplicateHit& hit) { return hit.id == id; });
      if (!known) by_object[met.first.object].push_back(id);
    }
    for (const auto& [object, ids] : by_object) {
      for (const auto& record : engine_.store().load_many(reader_, schema_->at(object), ids)) {
        if (Dedupe::state_of(record) == "deleted") continue;
        if (parent != 0 && parent_of(object, &record, nullptr) == parent) continue;
        DuplicateHit hit;
        hit.object = object;
        hit.id = record.id();
        for (const auto& field : dedupe_.fields_) {
          if (field.object != question_.object || field.kind != KeyKind::MailDomain) continue;
          if (!texts_of(question_.draft, field.field).empty()) hit.matched.push_back(field.field);
        }
        hit.evidence = {say("mail_domain", {{"domain", same_domain_.at(record.id()).second}})};
        close.push_back(std::move(hit));
      }
    }
  }

  const Dedupe& dedupe_;
  db::Reader& reader_;
  const record::Engine& engine_;
  base::Language language_;
  const DuplicateQuestion& question_;
  std::shared_ptr<const DuplicateRules::List> rules_;
  std::shared_ptr<const record::Schema> schema_;
  std::map<RecordId, DuplicateHit> hits_;
  std::map<RecordId, std::string> candidates_;                      // names alike → object
  std::map<RecordId, std::string> head_offices_;                    // → object
  std::map<RecordId, std::pair<Holder, std::string>> same_domain_;  // with the domain
};

std::vector<DuplicateHit> Dedupe::find(db::Reader& reader, const record::Engine& engine,
                                       base::Language language,
                                       const DuplicateQuestion& question) const {
  return HitSearch(*this, reader, engine, language, question).run();
}

std::vector<Dedupe::FileKey> Dedupe::exact_keys(std::string_view object,
                                                const record::Draft& draft) const {
  std::vector<FileKey> out;
  const auto rules = rules_->current();
  const auto* own_region = about(object);
  const bool has_region = own_region != nullptr && !own_region->region_field.empty();
  const auto given = draft.values.find(has_region ? own_region->region_field : "");
  const auto region = phone_region(given == draft.values.end() ? 0 : given->second.int_or(0));
  for (const auto& field : fields_) {
    if (field.object != object || !is_stored(field.kind)) continue;
    for (const auto& value : texts_of(draft, field.field)) {
      const auto* own = find_rule(*rules, object, object, asked_as(field, value, region));
      const auto action =
          own == nullptr ? DuplicateAction::Ignore : own->action(DuplicateEntry::Import, 'E');
      if (action == DuplicateAction::Ignore) continue;
      for (const auto& key : keys_of(field.kind, value, region)) {
        if (tier_of(key.kind) == 'E')
          out.push_back({key.kind + ":" + key.key, action == DuplicateAction::Block});
      }
    }
  }
  return out;
}

bool Dedupe::import_attaches(std::string_view object) const {
  const auto rules = rules_->current();
  return std::any_of(rules->begin(), rules->end(), [&](const DuplicateRule& rule) {
    return rule.object == object && rule.other == object &&
           rule.action(DuplicateEntry::Import, 'E') == DuplicateAction::Attach;
  });
}

std::optional<RecordId> Dedupe::attach_target(record::Tx& tx, std::string_view object,
                                              const record::Draft& draft,
                                              RecordId converted_from) const {
  if (!rules_->reaches(object, DuplicateEntry::Convert, DuplicateAction::Attach))
    return std::nullopt;
  const DuplicateQuestion question{object, draft, 0, DuplicateEntry::Convert, false, nullptr};
  std::optional<RecordId> target;
  for (const auto& hit : find(tx.writer(), tx.engine(), tx.actor().language, question)) {
    if (hit.id == converted_from) continue;
    if (hit.action == DuplicateAction::Block) return std::nullopt;
    if (hit.action != DuplicateAction::Attach || target) continue;
    if (tx.engine().can_see(tx.writer(), tx.actor(), tx.schema().at(hit.object), hit.id))
      target = hit.id;
  }
  return target;
}

std::optional<std::vector<RecordId>> Dedupe::holders(db::Reader& reader, std::string_view object,
                                                     std::string_view field,
                                                     std::string_view value) const {
  std::vector<RecordId> out;
  bool declared = false;
  for (const auto& candidate : fields_) {
    if (candidate.object != object || candidate.field != field || !is_stored(candidate.kind) ||
        candidate.kind == KeyKind::MailDomain) {
      continue;
    }
    declared = true;
    for (const auto& key : keys_of(candidate.kind, value)) {
      if (tier_of(key.kind) != 'E') continue;
      for (const auto& holder : holders_of(reader, key)) {
        const bool same = holder.object == object && holder.field == field;
        if (same && std::find(out.begin(), out.end(), holder.id) == out.end())
          out.push_back(holder.id);
      }
    }
  }
  if (!declared) return std::nullopt;
  return out;
}

std::string Dedupe::public_numbers_json(record::Engine& engine, const record::Actor& actor,
                                        std::string_view object, RecordId id) const {
  const auto schema = engine.schema();
  const auto& definition = schema->at(object).definition();
  base::JsonArray shared;
  engine.database().read([&](db::Reader& reader) {
    shared.clear();
    const auto record = engine.store().load(reader, schema->at(object), id, false);
    std::vector<std::string> hidden;
    if (!record || !engine.can_see(reader, actor, schema->at(object), id) ||
        !record::admits(engine.access().scope(actor, definition, "read"), *record, &hidden)) {
      throw base::Error(base::ErrorKind::NotFound, "record.not_found");
    }
    const record::FieldReader visible(engine.access(), actor, definition);
    for (const auto& field : fields_) {
      if (field.object != object || !is_phone(field.kind)) continue;
      if (!visible.shows_all({field.field}, hidden)) continue;
      for (const auto& value : texts_of(*record, field.field)) {
        for (const auto& key : keys_of(field.kind, value)) {
          if (sharing_too_many(holders_of(reader, key)) > 0) shared.emplace_back(field.field);
        }
      }
    }
  });
  base::JsonObject out;
  out["fields"] = std::move(shared);
  return boost::json::serialize(out);
}

text::PhoneRegion Dedupe::region_of(db::Reader& reader, const record::Engine& engine,
                                    std::string_view object, const record::Draft& draft,
                                    const record::Record* whole) const {
  const auto* own = about(object);
  if (own == nullptr) return text::PhoneRegion::Mainland;
  const auto value = [&](const std::string& field) {
    const auto given = draft.values.find(field);
    if (given != draft.values.end()) return given->second.int_or(0);
    return whole == nullptr ? 0 : whole->integer(field);
  };
  std::int64_t region = own->region_field.empty() ? 0 : value(own->region_field);
  if (!own->parent_field.empty() && value(own->parent_field) != 0) {
    const auto schema = engine.schema();
    const auto& target = schema->at(object).definition().field(own->parent_field)->target;
    const auto* parent = about(target);
    if (parent == nullptr || parent->region_field.empty()) return text::PhoneRegion::Mainland;
    for (const auto& record :
         engine.store().load_many(reader, schema->at(target), {value(own->parent_field)}))
      region = record.integer(parent->region_field);
  }
  return phone_region(region);
}

}  // namespace kehai::platform
