// Kept totals: counts and sums by a few columns, written in the transaction that changes the rows,
// so that a sum over all that somebody sees reads some thousand totals and not every record.
//
// An object declares them ("totals" in its definition): by which columns, of which point in time
// the month, and what is summed. Owned objects have the owner's department as one more column:
// that is how most rows are seen. Each is a table <object>_totals_<name> of *differences*: a change
// adds rows (−1 of what was, +1 of what is), nobody updates any, so writers neither wait for each
// other nor deadlock; fold_totals() makes one row of many. The total of a key is the sum of its
// rows, which one statement sees whole at any moment. Rows in the recycle bin do not count.
//
// Not in backups: whoever makes or changes the tables without Tx calls prepare_totals() before the
// first request. Errors are those of the database. Functions are safe from any thread; KeptTotals
// belongs to one transaction.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "db/database.h"
#include "db/row_checks.h"
#include "db/table.h"
#include "query/checker.h"
#include "record/record.h"

namespace kehai::record {

std::string totals_name(const ObjectDefinition& object, const TotalsDefinition& totals);
// All that the migrator makes.
std::vector<db::TableDefinition> totals_tables(const std::vector<ObjectDefinition>& objects);

// The totals that answer the request exactly as the rows would, null = none. `scope`: the columns
// that the access condition looks at.
const TotalsDefinition* totals_for(const ObjectDefinition& object, const base::TimeZone& zone,
                                   const query::ExpressionPtr& filter,
                                   const query::CheckedApply& apply,
                                   const std::set<std::string>& scope);

// What one write of a record does to its object's totals.
class KeptTotals {
 public:
  KeptTotals(db::Writer& writer, const base::TimeZone& zone, const ObjectDefinition& object)
      : writer_(writer), zone_(zone), object_(object) {}
  void created(const Record& record);
  // Before the row is updated: `fields` (by index) get the values of `after`. Takes the row lock:
  // what the row holds is what the totals have counted, whatever the caller has read.
  void changed(const Record& after, const std::vector<std::size_t>& fields);

 private:
  db::Writer& writer_;
  const base::TimeZone& zone_;
  const ObjectDefinition& object_;
};

// Moves every record of an owner to another scope department, those in the recycle bin, too: no
// audit, no version.
void set_scope_department(db::Writer& writer, const base::TimeZone& zone,
                          const ObjectDefinition& object, std::int64_t owner,
                          const Value& department);

// Counts all rows anew unless the totals are those of these definitions and this time zone.
void prepare_totals(db::Database& database, const base::TimeZone& zone,
                    const std::vector<ObjectDefinition>& objects);
void fold_totals(db::Database& database, const std::vector<ObjectDefinition>& objects);

// Keys whose total is not the sum of the rows; the example is the first column of one. For `kehai
// check`.
db::Breaches wrong_totals(db::Reader& reader, const ObjectDefinition& object,
                          const TotalsDefinition& totals);

}  // namespace kehai::record
