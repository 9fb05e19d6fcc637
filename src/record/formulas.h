// Computed fields: formulas of the expression language over a record.
//
// A formula over the record's own fields is an ordinary column that Tx writes with every change;
// one that needs the time, the reader or other records is answered when it is read, with what that
// reader may see, and has no column (design 10.14). A formula reads no computed field and no list
// of records, but for "children/any()" by itself: a column that follows the children, and that
// formulas may read. Who may not read a field that a formula looks at does not see the formula
// either (admits() for rows, the access policy for fields). Columns that are set past Tx
// (Store::set_column) are not for stored formulas. Functions without state.
#pragma once

#include <vector>

#include "db/database.h"
#include "record/engine.h"
#include "record/registry.h"

namespace kehai::record {

// What a stored formula may know beside its row. The zone is borrowed.
query::Environment formula_environment(const base::TimeZone& zone);

// Throws Invalid "definition.invalid" {object, reason} for a formula that does not fit: unknown
// names, another type or scale than its result.
void check_formulas(const Schema& schema, const base::TimeZone& zone);

// Sets the stored computed fields of a record that is about to be written; with `before`, those
// that look at something that has changed. A record that is made has no children yet.
void compute_stored(const ObjectSchema& object, const base::TimeZone& zone, Record& record,
                    const Record* before = nullptr);

// Whether compute_stored() would look at this field, given what has changed.
bool is_read_by_changes(const ObjectDefinition& object, std::size_t field, const Record& before,
                        const Record& after);

// Sets the others in rows that `actor` is about to read; what he may not look at is null.
void compute_at_read(db::Reader& reader, Engine& engine, const Actor& actor,
                     const ObjectSchema& object, std::vector<TypedRow>& rows);

// After migrate(): fills the columns whose formula is new or has changed, those of an object
// together; `steps` hears of each object.
void backfill_formulas(db::Database& database, const Schema& schema, const base::TimeZone& zone,
                       const Steps& steps = {});

// Records whose column is not what the formula says, for `kehai check`.
db::Breaches wrong_formulas(db::Reader& reader, const ObjectSchema& object,
                            const FieldDefinition& field, const base::TimeZone& zone);

}  // namespace kehai::record
