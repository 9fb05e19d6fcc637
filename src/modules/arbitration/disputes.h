// Raising and ending a dispute about who has a lead or an account (domain 5.7).
//
// Used inside transactions of the engine, unless said otherwise.
#pragma once

#include <string>

#include "modules/pool/holding.h"
#include "record/engine.h"
#include "record/tx.h"

namespace kehai::modules {

// Days to decide, working days of the organisation's country.
inline constexpr std::int64_t kDaysToDecide = 3;

struct Plea {
  std::string evidence;
  record::RecordId lead_id = 0;  // the claimant's own lead; 0 = none
  bool sees_record = false;      // otherwise its name stays masked for the claimant
};

// What is asked of whoever raises a dispute: "evidence", "lead_id".
std::vector<record::FieldDefinition> plea_fields();

// The dispute that the actor raises about a record that somebody else has. Marks the record as
// disputed, tells its owner and who decides. Throws Forbidden for whom may not create such records,
// Conflict "arbitration.not_disputable", "arbitration.own", "arbitration.already_open", and field
// errors.
record::Record raise_dispute(record::Tx& tx, record::Record& record, const Plea& plea);

// The same for a hidden hit of the duplicate check; body {"ticket","evidence","lead_id"?}. Opens a
// transaction. Throws also Conflict "join.ticket_over".
record::RecordId raise_by_ticket(record::Engine& engine, const record::Actor& actor,
                                 const base::JsonObject& body);

// The lead or account that it is about, locked. Throws NotFound.
record::Record disputed_record(record::Tx& tx, const record::Record& dispute);
// Other open disputes about the same record.
std::vector<record::Record> other_open(record::Tx& tx, const record::Record& dispute);
// Sets or takes off the mark that stops every change of hands.
void mark_disputed(record::Tx& tx, record::Record& record, bool disputed);
// Notifies the owner, and whoever decides: the decider, or the administrators.
void tell_other_side(record::Tx& tx, const record::Record& dispute, const std::string& to_owner,
                     const std::string& to_deciders, const base::Params& params);

// Once a day is over: who has not decided in time, and the administrators, are reminded.
void tell_overdue(record::Engine& engine);

}  // namespace kehai::modules
