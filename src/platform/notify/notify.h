// In-app notifications 消息: written in the transaction of what happened, shown live over SSE, read
// by their recipient only.
#pragma once

#include <string>

#include "platform/registrar.h"
#include "record/tx.h"

namespace kehai::platform {

// Tells `user` in his language; text key "notification.<kind>". The same news by the same person
// within a minute becomes one message with a count where there is a text
// "notification.<kind>.many". Nothing happens when the person is the actor or unknown. The
// parameter "title" is the title of the record; it is veiled for whom the field is hidden or
// masked.
void notify(record::Tx& tx, std::int64_t user, const std::string& kind, base::Params params,
            std::string_view object, record::RecordId record_id);

// Marks notifications of the actor as read: those in `ids`, or all of them when empty. Returns how
// many were unread.
std::int64_t mark_read(record::Engine& engine, const record::Actor& actor,
                       const std::vector<record::RecordId>& ids);
std::int64_t unread_count(record::Engine& engine, const record::Actor& actor);

void register_notify(Registrar& registrar);

}  // namespace kehai::platform
