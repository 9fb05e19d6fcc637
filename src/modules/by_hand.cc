#include "modules/by_hand.h"

#include "modules/action_input.h"
#include "record/engine.h"

namespace kehai::modules {

bool is_by_hand(const record::Tx& tx, const record::WriteOptions& options) {
  return !tx.actor().system && options.entry != "import" && options.entry != "demo";
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
  if (!access.may(tx.actor(), change.object, "assign") &&
      !access.may(tx.actor(), change.object, "transfer")) {
    throw field_error("owner_id", "holding.may_not_assign");
  }
  check_active_owner(tx, owner);
}

}  // namespace kehai::modules
