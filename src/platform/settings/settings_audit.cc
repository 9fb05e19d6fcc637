#include "platform/settings/settings_audit.h"

#include "db/table.h"
#include "record/engine.h"

namespace kehai::platform {

namespace {

const db::Table kAudit("audit_entry");

}  // namespace

void audit_setting(record::Tx& tx, std::string_view object, const base::JsonObject& data) {
  kAudit.insert(tx.writer(), {{"id", tx.engine().allocator().next_id("audit_entry")},
                              {"object", object},
                              {"record_id", 0},
                              {"action", "changed"},
                              {"version", 0},
                              {"actor_id", tx.actor().user_id},
                              {"at", tx.now()},
                              {"via", tx.actor().via},
                              {"request_id", tx.actor().request_id},
                              {"changes", boost::json::serialize(data)}});
}

}  // namespace kehai::platform
