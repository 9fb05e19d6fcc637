#include "modules/lead/without_owner.h"

#include "base/error.h"
#include "modules/action_input.h"

namespace kehai::modules {

bool is_at_work(record::Tx& tx, std::int64_t user) {
  const auto person = user == 0 ? std::nullopt : tx.find("user", user);
  return person && person->text("status") == "active";
}

void put_without_owner(record::Tx& tx, const Holding& holding, const record::Record& lead,
                       std::int64_t preferred, std::int64_t owner, record::Draft& draft) {
  auto pool = holding.pools().find(preferred);
  if (!pool || !pool->is_enabled) {
    pool = holding.pools().choose("lead", lead.integer("region_id"),
                                  lead.integer("owner_department_id"));
  }
  if (!pool) throw field_error("pool_id", "holding.no_pool");
  draft.set("status", "unassigned")
      .set("owner_id", record::Value())
      .set("pool_id", pool->id)
      .set("pooled_at", tx.now());
  if (owner != 0) draft.set("previous_owner_id", owner);
}

}  // namespace kehai::modules
