#include "modules/by_hand.h"

#include "modules/action_input.h"
#include "platform/transfer/import_types.h"
#include "record/engine.h"

namespace kehai::modules {

bool brings_history(const record::WriteOptions& options) {
  return options.entry == "import" && options.options.contains(platform::kImportHistory);
}

bool is_by_hand(const record::Tx& tx, const record::WriteOptions& options) {
  return !tx.actor().system && options.entry != "demo" && !brings_history(options);
}

void check_active_owner(record::Tx& tx, std::int64_t user) {
  const auto person = tx.find("user", user);
  if (!person || person->text("status") != "active")
    throw field_error("owner_id", "holding.owner_not_active");
}

void check_named_owner(record::Tx& tx, const record::Change& change, std::int64_t expected) {
  const std::int64_t owner = change.after->integer("owner_id");
  if (owner == 0 || owner == tx.actor().user_id || owner == expected ||
      !is_by_hand(tx, change.options))
    return;
  auto& access = tx.engine().access();
  const bool may_hand_over =
      access.may(tx.actor(), change.object, "assign") ||
      (change.options.entry != "import" && access.may(tx.actor(), change.object, "transfer"));
  if (!may_hand_over) throw field_error("owner_id", "holding.may_not_assign");
  check_active_owner(tx, owner);
}

}  // namespace kehai::modules
