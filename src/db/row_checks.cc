#include "db/row_checks.h"

#include <algorithm>

#include "db/conditions.h"
#include "db/dialect.h"

namespace kehai::db {

namespace {

Breaches ask(Reader& reader, const std::string& sql, const Values& parameters) {
  Breaches found;
  reader.query(sql, parameters, [&](const Row& row) {
    found.count = row.get_int(0);
    found.example = row.get_int(1);
  });
  return found;
}

std::string head_of(const Rows& rows) {
  return "SELECT COUNT(*), MIN(t." + quote_identifier(rows.key) + ") FROM " +
         quote_identifier(rows.table) + " t";
}

std::string pair_text(const Pair& pair) {
  std::string own = "t." + quote_identifier(pair.own);
  if (pair.dropped_bits > 0) own = "(" + own + " >> " + std::to_string(pair.dropped_bits) + ")";
  return "p." + quote_identifier(pair.theirs) +
         (pair.null_is_equal ? " IS NOT DISTINCT FROM " : " = ") + own;
}

std::string gathered_text(const Partner& partner, Values& parameters) {
  const Pair& pair = partner.pairs.at(0);
  std::string sql = "t." + quote_identifier(pair.own) + " IN (SELECT p." +
                    quote_identifier(pair.theirs) + " FROM " + quote_identifier(partner.table) +
                    " p";
  append_conditions(sql, partner.where, parameters, " WHERE ", "p.");
  return sql + ")";
}

std::string partner_text(const Partner& partner, Values& parameters) {
  if (partner.is_gathered) return gathered_text(partner, parameters);
  std::string sql = "EXISTS (SELECT 1 FROM " + quote_identifier(partner.table) + " p WHERE ";
  for (std::size_t i = 0; i < partner.pairs.size(); ++i)
    sql += (i == 0 ? "" : " AND ") + pair_text(partner.pairs[i]);
  append_conditions(sql, partner.where, parameters, " AND ", "p.");
  return sql + ")";
}

// A step that does not begin where the one before ended; the first begins nowhere.
std::string torn_steps(const Chain& chain) {
  const std::string owner = quote_identifier(chain.owner_column);
  return "SELECT COUNT(*), MIN(owner) FROM (SELECT " + owner + " AS owner, " +
         quote_identifier(chain.from) + " AS start, LAG(" + quote_identifier(chain.to) +
         ") OVER (PARTITION BY " + owner + " ORDER BY \"created_at\", \"id\") AS previous FROM " +
         quote_identifier(chain.steps) +
         " WHERE \"deleted_at\" IS NULL) step WHERE start IS DISTINCT FROM previous";
}

// Owners without a step, or whose last step ended elsewhere.
std::string wrong_ends(const Chain& chain) {
  const std::string owner = quote_identifier(chain.owner_column);
  return "SELECT COUNT(*), MIN(o.\"id\") FROM " + quote_identifier(chain.owners) +
         " o LEFT JOIN (SELECT " + owner + " AS owner, " + quote_identifier(chain.to) +
         " AS stop, ROW_NUMBER() OVER (PARTITION BY " + owner +
         " ORDER BY \"created_at\" DESC, \"id\" DESC) AS place FROM " +
         quote_identifier(chain.steps) +
         " WHERE \"deleted_at\" IS NULL) step ON step.owner = o.\"id\" AND step.place = 1 "
         "WHERE o.\"deleted_at\" IS NULL AND step.stop IS DISTINCT FROM o." +
         quote_identifier(chain.now);
}

}  // namespace

void Breaches::add(std::int64_t key) {
  example = count == 0 ? key : std::min(example, key);
  ++count;
}

void Breaches::add(const Breaches& more) {
  if (more.count == 0) return;
  example = count == 0 ? more.example : std::min(example, more.example);
  count += more.count;
}

Breaches all_of(Reader& reader, const Rows& rows) {
  return without_partner(reader, rows, {});
}

Breaches without_partner(Reader& reader, const Rows& rows, const std::vector<Partner>& partners) {
  Values parameters;
  std::string sql = head_of(rows);
  append_conditions(sql, rows.where, parameters, " WHERE ", "t.");
  std::string_view next = rows.where.empty() ? " WHERE " : " AND ";
  for (const auto& partner : partners) {
    sql += next;
    sql += "NOT " + partner_text(partner, parameters);
    next = " AND ";
  }
  return ask(reader, sql, parameters);
}

Breaches with_partner(Reader& reader, const Rows& rows, const Partner& partner) {
  Values parameters;
  std::string sql = head_of(rows);
  append_conditions(sql, rows.where, parameters, " WHERE ", "t.");
  sql += rows.where.empty() ? " WHERE " : " AND ";
  sql += partner_text(partner, parameters);
  return ask(reader, sql, parameters);
}

Breaches repeated(Reader& reader, const Rows& rows, const std::string& column) {
  Values parameters;
  std::string sql = "SELECT COUNT(*), MIN(again) FROM (SELECT MIN(t." + quote_identifier(rows.key) +
                    ") AS again FROM " + quote_identifier(rows.table) + " t";
  append_conditions(sql, rows.where, parameters, " WHERE ", "t.");
  sql += " GROUP BY t." + quote_identifier(column) + " HAVING COUNT(*) > 1) several";
  return ask(reader, sql, parameters);
}

Breaches broken_chains(Reader& reader, const Chain& chain) {
  Breaches found = ask(reader, torn_steps(chain), {});
  found.add(ask(reader, wrong_ends(chain), {}));
  return found;
}

std::set<std::string> index_names(Reader& reader) {
  std::set<std::string> names;
  const auto* sql =
      reader.dialect().is_postgres()
          ? "SELECT c.relname::TEXT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN "
            "pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND "
            "i.indisvalid"
          : "SELECT name FROM sqlite_schema WHERE type = 'index'";
  reader.query(sql, {}, [&](const Row& row) { names.emplace(row.get_text(0)); });
  return names;
}

Partner indexed_record(const Dialect& dialect) {
  return {"search_index", {{"id", dialect.is_postgres() ? "record_id" : "rowid"}}, {}};
}

}  // namespace kehai::db
