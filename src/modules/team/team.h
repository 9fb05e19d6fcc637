// Team members 团队成员 of single records: who may name them, what is told and written down. The
// reach of a membership is platform/access/memberships.h.
//
// For every object whose definition says "members". Used inside transactions of the engine.
#pragma once

#include <string>
#include <vector>

#include "platform/access/memberships.h"
#include "platform/registrar.h"
#include "record/engine.h"
#include "record/tx.h"

namespace kehai::modules {

// Nobody is a member of more records of one kind: his lists read all of them.
inline constexpr std::int64_t kMostMemberships = 1000;
inline constexpr std::size_t kMostMembers = 50;

// Its owner, whoever may hand it over, administrators.
bool may_manage_team(record::Engine& engine, const record::Actor& actor,
                     const record::Record& record);

// Makes the person a member or changes the membership; tells a new one. Throws Conflict
// "member.too_many", "member.too_many_records", and field errors on `field`: "member.not_active",
// "member.no_right", "member.is_owner".
void put_member(record::Tx& tx, const record::Record& record, platform::Member member,
                std::string_view field, bool quiet = false);
// Everybody's view follows at once: rights of the members, search, open pages.
void announce_team(record::Tx& tx, const record::Record& record);
// False when the person is none.
bool remove_member(record::Tx& tx, const record::Record& record, std::int64_t user);

// Option of a write that takes the owner away: the team stays.
inline constexpr std::string_view kKeepTeam = "keep_team";

// Input of a hand-over: whether the former owner stays as a member, and until when.
std::vector<record::FieldDefinition> keep_owner_fields();
// After the hand-over, with the same input.
void keep_former_owner(record::Tx& tx, const record::Record& record, const record::Draft& input,
                       std::int64_t former);

// The members of a record as the person sees them, for GET …/members. Throws as
// Engine::read() does, and NotFound "route.not_found" for objects without members.
std::string members_json(record::Engine& engine, const record::Actor& actor,
                         std::string_view object, record::RecordId id);

// Which of the named people cannot see the record, for GET …/unseeing: somebody who mentioned them
// may want them in the team. Throws as Engine::read() does, Forbidden for who may not manage the
// team, and Invalid for more than kMostMembers people.
std::string unseeing_json(record::Engine& engine, const record::Actor& actor,
                          std::string_view object, record::RecordId id,
                          const std::vector<std::int64_t>& users);

// After all objects are registered.
void register_team(platform::Registrar& registrar);

}  // namespace kehai::modules
