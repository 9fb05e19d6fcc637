// Duplicate check 查重: exact (E), normalised (N) and fuzzy (F) hits across objects, with evidence,
// masked where the asker may not see.
//
// Modules declare which fields make keys and what a hit does at each entry point; this part keeps
// the keys, checks them inside the writing transaction after locking each key (so two people at
// once get the same answer as a later one), and answers the check while typing. Rules: domain 5.
// Thread-safe after registration.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/dedupe/disclosures.h"
#include "platform/registrar.h"
#include "record/engine.h"

namespace kehai::platform {

enum class KeyKind { Company, Uscc, Phone, Email };

// What an exact (E) or normalised (N) hit does on manual entry, API and conversion. Imports decide
// in their own preview.
enum class DuplicateAction { Ignore, Warn, Block };

struct DuplicateField {
  std::string object;
  std::string field;
  KeyKind kind = KeyKind::Company;
  bool former = false;  // names of the past: a hit says so
};

// What a new `object` meeting an existing `other` by this kind of key means.
struct DuplicateRule {
  std::string object;
  std::string other;
  KeyKind kind = KeyKind::Company;
  DuplicateAction exact = DuplicateAction::Warn;
  DuplicateAction normalised = DuplicateAction::Ignore;
};

// How an object shows in a hit: its title, and which column tells its state.
struct DuplicateObject {
  std::string object;
  std::string won_status;  // value of the status field that means a deal was made; "" = none
};

struct DuplicateHit {
  char tier = 'F';  // E, N, F
  DuplicateAction action = DuplicateAction::Ignore;
  std::string object;
  record::RecordId id = 0;
  std::vector<std::string> matched;   // fields of the asking record
  std::vector<std::string> evidence;  // translated sentences
  int score = 0;                      // basis points
};

class Dedupe {
 public:
  void add_field(DuplicateField field) { fields_.push_back(std::move(field)); }
  void add_rule(DuplicateRule rule) { rules_.push_back(rule); }
  void add_object(DuplicateObject object) { objects_.push_back(std::move(object)); }
  // The rows of table() for a record's values, for bulk loads that bypass the hooks.
  std::vector<base::Values> key_rows(std::string_view object, const record::Draft& draft,
                                     record::RecordId id) const;
  static db::TableDefinition table();
  // The keys of a record as it is stored now, whatever they were.
  void refresh(record::Tx& tx, const record::Record& record) const;
  // Takes the keys of a record away that is gone for good.
  static void forget(db::Writer& writer, record::RecordId id);
  // That every record has its keys.
  std::vector<record::Invariant> invariants(
      const std::vector<record::ObjectDefinition>& objects) const;
  // Tables and hooks; call after all rules are there.
  void install(Registrar& registrar);

  // Hits for the given values, best first, at most ten fuzzy ones. `self` is left out; `whole` is
  // the record with the values that are not in the draft.
  std::vector<DuplicateHit> find(db::Reader& reader, const record::Engine& engine,
                                 base::Language language, std::string_view object,
                                 const record::Draft& draft, record::RecordId self,
                                 bool with_fuzzy = true,
                                 const record::Record* whole = nullptr) const;
  // Exact keys of the values, for finding duplicates inside one file; empty when nothing
  // identifies.
  std::vector<std::string> exact_keys(std::string_view object, const record::Draft& draft) const;
  // Records of `object`, deleted ones too, with the same exact key in `field`; nothing when the
  // field makes no keys.
  std::optional<std::vector<record::RecordId>> holders(db::Reader& reader, std::string_view object,
                                                       std::string_view field,
                                                       std::string_view value) const;
  // The answer of POST /duplicates (docs/dev/api.md); counts disclosures of hidden records (60
  // distinct an hour and user).
  std::string check_json(record::Engine& engine, const record::Actor& actor,
                         std::string_view object, const base::JsonObject& values,
                         record::RecordId self);
  // The same hits as JSON array, for errors and previews. `disclosed` receives those of hidden
  // records that the asker hears of for the first time in this hour.
  std::string hits_json(record::Engine& engine, db::Reader& reader, const record::Actor& actor,
                        const std::vector<DuplicateHit>& hits,
                        std::vector<DuplicateHit>* disclosed = nullptr) const;

 private:
  std::any prepare(const record::ObjectDefinition& object, const record::Draft& draft) const;
  void before_save(record::Tx& tx, record::Change& change) const;
  void after_save(record::Tx& tx, record::Change& change) const;
  static std::string state_of(const record::Record& record);
  // `codes` are the asking record's keys that only one legal person has.
  void soften(db::Reader& reader, const record::Engine& engine,
              const std::vector<std::string>& codes,
              std::map<record::RecordId, DuplicateHit>& hits) const;
  std::vector<std::string> legal_codes(const record::Record& record) const;
  static void keep_reason(record::Tx& tx, const record::Change& change);
  static void log_look_ups(record::Engine& engine, const record::Actor& actor,
                           const std::vector<DuplicateHit>& disclosed);
  const DuplicateRule* rule(std::string_view object, std::string_view other, KeyKind kind) const;

  std::vector<DuplicateField> fields_;
  std::vector<DuplicateRule> rules_;
  std::vector<DuplicateObject> objects_;
  std::shared_ptr<Disclosures> disclosures_ = std::make_shared<Disclosures>();
};

}  // namespace kehai::platform
