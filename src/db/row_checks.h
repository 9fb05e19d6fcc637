// Questions about whole tables: which rows break a rule (kehai check). Each is one statement that
// the database answers by itself, so that the program's memory does not grow with the tables; names
// come from declarations, values are parameters.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "db/table.h"

namespace kehai::db {

// How many rows break a rule, and one of them: its lowest key.
struct Breaches {
  std::int64_t count = 0;
  std::int64_t example = 0;
  void add(std::int64_t key);
  void add(const Breaches& more);
};

// The rows that a rule is about; `key` names them in findings.
struct Rows {
  std::string table;
  std::vector<Condition> where;
  std::string key = "id";
};

// The row's own column, without its lowest bits, is the partner's; nulls are equal when asked for.
struct Pair {
  std::string own;
  std::string theirs;
  bool null_is_equal = false;
  int dropped_bits = 0;
};

struct Partner {
  std::string table;
  std::vector<Pair> pairs;
  std::vector<Condition> where;
  // The table has no index for the one pair (of columns without nulls): its rows are gathered once
  // instead of being looked for again for every row.
  bool is_gathered = false;
};

// History that is told by steps: a step begins where the one before it ended, the first begins
// nowhere, and the last ends where the owner is now. Steps follow each other by created_at and id.
struct Chain {
  std::string steps;  // table
  std::string owner_column;
  std::string from;
  std::string to;
  std::string owners;  // table
  std::string now;     // column of the owner
};

Breaches all_of(Reader& reader, const Rows& rows);
// Rows that have none of the partners.
Breaches without_partner(Reader& reader, const Rows& rows, const std::vector<Partner>& partners);
// Rows that have the partner.
Breaches with_partner(Reader& reader, const Rows& rows, const Partner& partner);
// Rows whose value of `column` others have, too: counted once for each value.
Breaches repeated(Reader& reader, const Rows& rows, const std::string& column);
// Owners whose chain is broken; rows in the recycle bin are not looked at.
Breaches broken_chains(Reader& reader, const Chain& chain);
// What the database calls its indexes, without those that it could not finish.
std::set<std::string> index_names(Reader& reader);
// The full-text index as partner of records: the row of a record that is indexed.
Partner indexed_record(const Dialect& dialect);

}  // namespace kehai::db
