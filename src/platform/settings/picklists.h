// The lists of choices that an organisation changes itself: industry, lead source, reasons …
//
// Kept in picklist(name, value, labels, colour, position, active); the defaults come with the
// program. A value that is taken out of a list stays as inactive, because records hold it.
// Functions without state; safe from any thread; not inside a transaction.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "db/table.h"
#include "platform/access/access.h"
#include "record/definition.h"
#include "record/engine.h"

namespace kehai::platform {

using Picklists = std::map<std::string, std::vector<record::Option>>;

// All lists in order of position, inactive values included.
Picklists read_picklists(db::Database& database);
// Reads them and gives them to the engine. A list with values that only the program gives has a
// second name, "manual.<name>", with what people may choose.
void load_picklists(record::Engine& engine);
// The new list, in order, with all labels; values that are missing become inactive. Right
// "configure" on "picklist", else Forbidden "access.denied"; NotFound for an unknown list; field
// errors "options" ("picklist.bad_value", "picklist.duplicate_value", "picklist.too_long").
void update_picklist(record::Engine& engine, const record::Actor& actor, const std::string& name,
                     const std::vector<record::Option>& options);
// Adds the lists and values that this version brings and the database does not know yet.
void seed_picklists(record::Engine& engine);
// Reloads when another node changed a list.
std::function<void(record::Engine&)> make_picklist_follower();

db::TableDefinition picklist_table();

}  // namespace kehai::platform
