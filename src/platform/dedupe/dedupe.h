// Duplicate check 查重: exact (E), normalised (N) and fuzzy (F) hits across objects, with evidence,
// masked where the asker may not see.
//
// Modules declare which fields make keys and which pairs meet; what a hit does is data (rules.h).
// This part keeps the keys, checks them inside the writing transaction after locking each key (so
// two people at once get the same answer as a later one), and answers the check while typing.
// Rules: domain 5. Thread-safe after registration.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/text/phone.h"
#include "platform/dedupe/disclosures.h"
#include "platform/dedupe/keys.h"
#include "platform/dedupe/rules.h"
#include "platform/registrar.h"
#include "record/engine.h"

namespace kehai::platform {

// Setting "1": a hidden hit names its owner and his department; else it says that there is one.
inline constexpr const char* kShowsOwner = "duplicate.shows_owner";

struct DuplicateField {
  std::string object;
  std::string field;
  KeyKind kind = KeyKind::Company;
  bool former = false;  // names of the past: a hit says so
  // Numbers of any sort, of kind Phone: what is no mobile number is read as OfficePhone.
  bool mixed_phones = false;
};

// How an object shows in a hit: its title, and which column tells its state.
struct DuplicateObject {
  std::string object;
  std::string won_status;   // value of the status field that means a deal was made; "" = none
  std::string open_status;  // value of the status field of what OpenSibling finds
  // Numbers without a country code are read by the region in this field.
  std::string region_field;
  // The record that this one belongs to: the region is there, and one mail domain within it says
  // nothing.
  std::string parent_field;
  // Names the head office of a branch: a branch by its name is told of the record of this object
  // that has its head office's name.
  std::string head_field;
};

struct DuplicateHit {
  char tier = 'F';  // E, N, F
  DuplicateAction action = DuplicateAction::Ignore;
  std::string object;
  record::RecordId id = 0;
  std::vector<std::string> matched;   // fields of the asking record
  std::vector<std::string> evidence;  // translated sentences
  int score = 0;                      // basis points
  bool public_number = false;         // met by a number that more than three records have
  bool head_office = false;           // the asking record is a branch of this one
  std::string proposed_field;         // of the asking record: could refer to this one
};

struct DuplicateQuestion {
  std::string_view object;
  const record::Draft& draft;
  record::RecordId self = 0;  // left out
  DuplicateEntry entry = DuplicateEntry::Manual;
  bool with_fuzzy = true;
  const record::Record* whole = nullptr;  // with the values that are not in the draft
};

class Dedupe {
 public:
  void add_field(DuplicateField field) { fields_.push_back(std::move(field)); }
  void add_rule(DuplicateRule rule) { rules_->declare(std::move(rule)); }
  void add_object(DuplicateObject object) { objects_.push_back(std::move(object)); }
  // The rows of table() for a record's values, for bulk loads that bypass the hooks.
  std::vector<base::Values> key_rows(std::string_view object, const record::Draft& draft,
                                     record::RecordId id) const;
  static db::TableDefinition table();
  // The keys of a record as it is stored now, whatever they were.
  void refresh(record::Tx& tx, const record::Record& record) const;
  // After a start of a program that makes keys of more fields than the one before: the keys of all
  // records anew, once.
  void complete_keys(record::Engine& engine) const;
  // Takes the keys of a record away that is gone for good.
  static void forget(db::Writer& writer, record::RecordId id);
  // That every record has its keys.
  std::vector<record::Invariant> invariants(
      const std::vector<record::ObjectDefinition>& objects) const;
  // Tables and hooks; call after all rules are there.
  void install(Registrar& registrar);

  // Hits for the given values, best first, at most ten that are only alike.
  std::vector<DuplicateHit> find(db::Reader& reader, const record::Engine& engine,
                                 base::Language language, const DuplicateQuestion& question) const;
  // For many drafts of an import at once: whether find() could answer anything without with_fuzzy.
  // No means no. `prepared`: what Engine::prepare() made of the draft.
  struct Asking {
    const record::Draft& draft;
    const std::vector<std::any>& prepared;
  };
  std::vector<bool> may_meet(db::Reader& reader, std::string_view object,
                             const std::vector<Asking>& asking) const;
  // Exact keys of a row, for finding duplicates inside one file; empty when nothing identifies.
  struct FileKey {
    std::string key;
    bool blocks = false;  // nobody can decide to make a second one
  };
  std::vector<FileKey> exact_keys(std::string_view object, const record::Draft& draft) const;
  // Whether an import of the object should propose to use existing records.
  bool import_attaches(std::string_view object) const;
  // The record that a conversion uses instead of making `draft`; nothing when it makes one, or when
  // it may not.
  std::optional<record::RecordId> attach_target(record::Tx& tx, std::string_view object,
                                                const record::Draft& draft,
                                                record::RecordId converted_from) const;
  // Records of `object`, deleted ones too, with the same exact key in `field`; nothing when the
  // field makes no keys.
  std::optional<std::vector<record::RecordId>> holders(db::Reader& reader, std::string_view object,
                                                       std::string_view field,
                                                       std::string_view value) const;
  // The answer of POST /duplicates (docs/dev/api.md); counts disclosures of hidden records (60
  // distinct an hour and user).
  std::string check_json(record::Engine& engine, const record::Actor& actor,
                         std::string_view object, const base::JsonObject& values,
                         record::RecordId self, DuplicateEntry entry);
  // The same hits as JSON array, for errors and previews. `disclosed` receives those of hidden
  // records that the asker hears of for the first time in this hour.
  std::string hits_json(record::Engine& engine, db::Reader& reader, const record::Actor& actor,
                        const std::vector<DuplicateHit>& hits,
                        std::vector<DuplicateHit>* disclosed = nullptr) const;
  // {"fields":["mobile"]}: the telephone numbers of a record that more than three records have.
  std::string public_numbers_json(record::Engine& engine, const record::Actor& actor,
                                  std::string_view object, record::RecordId id) const;

 private:
  friend class HitSearch;
  // What prepare() carries to the transaction.
  struct Prepared {
    struct Field {
      std::vector<std::string> values;
      std::set<StoredKey> keys;
    };
    std::map<std::string, Field, std::less<>> by_field;
  };

  std::any prepare(const record::ObjectDefinition& object, const record::Draft& draft) const;
  static const Prepared* prepared_in(const std::any& scratch);
  void before_save(record::Tx& tx, record::Change& change) const;
  void after_save(record::Tx& tx, record::Change& change) const;
  void check(record::Tx& tx, const record::Change& change, DuplicateEntry entry,
             const record::Draft& looked_at) const;
  // Bare numbers get the country code of the record's region.
  void settle_phones(record::Tx& tx, record::Change& change) const;
  text::PhoneRegion region_of(db::Reader& reader, const record::Engine& engine,
                              std::string_view object, const record::Draft& draft,
                              const record::Record* whole) const;
  const DuplicateObject* about(std::string_view object) const;
  std::vector<std::string> fields_of(std::string_view object) const;
  std::set<StoredKey> stored_keys(std::string_view object, const std::string& name,
                                  const std::vector<std::string>& values) const;
  std::set<StoredKey> keys_now(std::string_view object, const std::string& name,
                               const std::vector<std::string>& values,
                               const Prepared* prepared) const;
  static std::string state_of(const record::Record& record);
  std::vector<std::string> legal_codes(const record::Record& record) const;
  static void keep_reason(record::Tx& tx, const record::Change& change);
  static void log_look_ups(record::Engine& engine, const record::Actor& actor,
                           const std::vector<DuplicateHit>& disclosed);
  record::Draft typed_values(record::Engine& engine, db::Reader& reader, const record::Actor& actor,
                             const record::ObjectSchema& object,
                             const base::JsonObject& values) const;
  std::string hints_json(const record::Engine& engine, base::Language language,
                         std::string_view object, const record::Draft& draft) const;

  std::vector<DuplicateField> fields_;
  std::shared_ptr<DuplicateRules> rules_ = std::make_shared<DuplicateRules>();
  std::vector<DuplicateObject> objects_;
  std::shared_ptr<Disclosures> disclosures_ = std::make_shared<Disclosures>();
  std::shared_ptr<const Switches> switches_;
};

}  // namespace kehai::platform
