// What a hit does, by pair of objects, kind of key and entry point: data that an administrator
// changes (object duplicate_rule). Modules declare the pairs and their defaults; rows are made at
// the first start and can neither be added nor deleted.
//
// Kept in memory, read outside any transaction and swapped whole; every node reloads within a
// second and after its own changes. Safe from any thread after registration.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/registrar.h"
#include "record/engine.h"

namespace kehai::platform {

// OfficePhone: a telephone that colleagues share; it meets a customer's, not a colleague's.
// MailDomain: only ever a hint. OpenSibling: the field refers to a record that has another open
// one.
enum class KeyKind { Company, Uscc, Phone, OfficePhone, Email, MailDomain, OpenSibling };

// Rising: of several hits the strongest counts. Ignore shows the hit and asks for nothing, Attach
// uses the existing record instead of making one.
enum class DuplicateAction { Ignore, Warn, Attach, Block };

enum class DuplicateEntry { Manual, Api, Import, Convert, Transfer };
inline constexpr std::size_t kDuplicateEntries = 5;

struct DuplicateActions {
  std::optional<DuplicateAction> exact;  // none: such a hit cannot be at this entry
  std::optional<DuplicateAction> normalised;
};

// What an `object` that is saved means when it meets an existing `other` by this kind of key.
struct DuplicateRule {
  std::string object;
  std::string other;
  KeyKind kind = KeyKind::Company;
  std::array<DuplicateActions, kDuplicateEntries> actions;  // by entry
  bool attaches_on_convert = false;                         // converting may use the existing one

  const DuplicateActions& at(DuplicateEntry entry) const {
    return actions[static_cast<std::size_t>(entry)];
  }
  DuplicateActions& at(DuplicateEntry entry) { return actions[static_cast<std::size_t>(entry)]; }
  DuplicateAction action(DuplicateEntry entry, char tier) const;
};

class DuplicateRules {
 public:
  using List = std::vector<DuplicateRule>;

  void declare(DuplicateRule rule);
  // The object, its guard, the starter that makes missing rows, the schedule that follows others.
  static void install(Registrar& registrar, const std::shared_ptr<DuplicateRules>& self);
  std::shared_ptr<const List> current() const;
  // Whether a hit at this entry can do at least `action`.
  bool reaches(std::string_view object, DuplicateEntry entry, DuplicateAction action) const;

 private:
  void seed(record::Engine& engine) const;
  void load(record::Engine& engine);
  void guard(record::Tx& tx, record::Change& change) const;

  record::Engine* engine_ = nullptr;  // for reloading after own changes
  List declared_;
  mutable std::mutex mutex_;
  std::shared_ptr<const List> current_ = std::make_shared<List>();
};

const DuplicateRule* find_rule(const DuplicateRules::List& rules, std::string_view object,
                               std::string_view other, KeyKind kind);

}  // namespace kehai::platform
