// Asking to be let into the team of a record: of one that one sees, or of one that one may not see,
// a hit of the duplicate check (domain 5.3); there the asker learns nothing more than whether he
// was let in.
#pragma once

#include <string>

#include "modules/team/team.h"

namespace kehai::modules {

struct JoinRequest {
  std::int64_t user_id = 0;
  platform::MemberAccess access = platform::MemberAccess::Read;
  std::string note;
  base::Instant at = 0;
};

db::TableDefinition join_request_table();
std::vector<JoinRequest> join_requests_of(db::Reader& reader, record::RecordId record_id);
// Nothing is left to answer: the person became a member, or the record has no team any more.
void forget_join_requests(db::Writer& writer, record::RecordId record_id, std::int64_t user = 0);

// Asks the owner; body {"ticket","access"?,"note"?}. Says nothing about the record, whatever became
// of it. Throws Conflict "join.ticket_over" and field errors.
void ask_to_join(record::Engine& engine, const record::Actor& actor, const base::JsonObject& body);

// The same for a record that one sees, with the input of the action.
void ask_to_join_visible(record::ActionContext& context);

// The owner's answer on the record.
void answer_join(record::ActionContext& context);

}  // namespace kehai::modules
