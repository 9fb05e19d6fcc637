#include "db/search_table.h"

#include <cstdlib>

#include "db/bulk.h"
#include "db/dialect.h"

namespace kehai::db {

namespace {

// PostgreSQL: from this many hits on a word is common; then this many of the newest records are
// looked at.
constexpr std::int64_t kCommonWord = 15'000;
constexpr std::int64_t kNewest = 10'000;

std::vector<std::int64_t> ids(Reader& reader, const std::string& sql, const Values& parameters) {
  std::vector<std::int64_t> out;
  reader.query(sql, parameters, [&](const Row& row) { out.push_back(row.get_int(0)); });
  return out;
}

// What the planner expects; knows common words well.
std::int64_t estimated_hits(Reader& reader, std::string_view match) {
  std::int64_t hits = 0;
  const Values parameters{Value(match)};
  reader.query("EXPLAIN SELECT record_id FROM search_index WHERE tokens @@ to_tsquery('simple', ?)",
               parameters, [&](const Row& row) {
                 const std::string_view line = row.get_text(0);
                 const auto at = line.find("rows=");
                 if (hits == 0 && at != std::string_view::npos)
                   hits = std::atoll(std::string(line.substr(at + 5)).c_str());
               });
  return hits;
}

}  // namespace

void SearchTable::create(Writer& writer) {
  if (writer.dialect().is_postgres()) {
    writer.execute(
        "CREATE TABLE IF NOT EXISTS search_index (record_id BIGINT PRIMARY KEY, tokens TSVECTOR "
        "NOT NULL)");
    writer.execute(
        "CREATE INDEX IF NOT EXISTS ix_search_index_tokens ON search_index USING GIN (tokens)");
  } else {
    writer.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS search_index USING fts5(tokens, content='', "
        "contentless_delete=1, "
        "detail=none, tokenize='ascii')");
  }
}

void SearchTable::put(Writer& writer, std::int64_t record_id, std::string_view tokens) {
  if (writer.dialect().is_postgres()) {
    const Values parameters{Value(record_id), Value(tokens)};
    writer.execute(
        "INSERT INTO search_index (record_id, tokens) VALUES (?, "
        "array_to_tsvector(string_to_array(?, ' '))) "
        "ON CONFLICT (record_id) DO UPDATE SET tokens = excluded.tokens",
        parameters);
  } else {
    erase(writer, record_id);
    const Values row{Value(record_id), Value(tokens)};
    writer.execute("INSERT INTO search_index (rowid, tokens) VALUES (?, ?)", row);
  }
}

void SearchTable::put_new(Writer& writer, std::span<const Values> rows) {
  if (rows.empty()) return;
  if (writer.dialect().is_postgres()) {
    writer.execute(
        "INSERT INTO search_index (record_id, tokens) SELECT id, "
        "array_to_tsvector(string_to_array(words, ' ')) "
        "FROM unnest(?::TEXT::BIGINT[], ?::TEXT::TEXT[]) AS given(id, words)",
        Values{Value(array_literal(rows, 0)), Value(array_literal(rows, 1))});
    return;
  }
  for (const auto& row : rows)
    writer.execute("INSERT INTO search_index (rowid, tokens) VALUES (?, ?)", row);
}

void SearchTable::begin_bulk(Writer& writer) {
  if (writer.dialect().is_postgres()) {
    writer.execute("DROP INDEX IF EXISTS ix_search_index_tokens");
  } else {
    writer.execute("INSERT INTO search_index (search_index, rank) VALUES ('hashsize', 67108864)");
    writer.execute("INSERT INTO search_index (search_index, rank) VALUES ('automerge', 0)");
  }
}

void SearchTable::end_bulk(Writer& writer) {
  if (writer.dialect().is_postgres()) {
    create(writer);
  } else {
    writer.execute("INSERT INTO search_index (search_index, rank) VALUES ('hashsize', 1048576)");
    writer.execute("INSERT INTO search_index (search_index, rank) VALUES ('automerge', 4)");
    writer.execute("INSERT INTO search_index (search_index) VALUES ('optimize')");
  }
}

void SearchTable::erase(Writer& writer, std::int64_t record_id) {
  const Values parameters{Value(record_id)};
  writer.execute(writer.dialect().is_postgres() ? "DELETE FROM search_index WHERE record_id = ?"
                                                : "DELETE FROM search_index WHERE rowid = ?",
                 parameters);
}

std::vector<std::int64_t> SearchTable::find(Reader& reader, std::string_view match, int limit,
                                            const std::string& table) {
  if (match.empty()) return {};
  const Value most(static_cast<std::int64_t>(limit));
  if (!reader.dialect().is_postgres()) {
    return ids(
        reader,
        "SELECT rowid FROM search_index WHERE search_index MATCH ? ORDER BY rowid DESC LIMIT ?",
        {Value(match), most});
  }
  // Every hit is looked up in the table before the newest are known. When nearly every record has
  // the word, it is found sooner by looking at the newest records one by one. OFFSET 0 keeps the
  // planner from turning that around.
  if (estimated_hits(reader, match) > kCommonWord) {
    auto newest =
        ids(reader,
            "SELECT hit.record_id FROM (SELECT id FROM " + quote_identifier(table) +
                " ORDER BY id DESC LIMIT ?) newest CROSS JOIN LATERAL (SELECT record_id FROM "
                "search_index "
                "WHERE record_id = newest.id AND tokens @@ to_tsquery('simple', ?) OFFSET 0) hit "
                "ORDER BY newest.id DESC LIMIT ?",
            {Value(kNewest), Value(match), most});
    if (newest.size() == static_cast<std::size_t>(limit)) return newest;
  }
  // The fence keeps PostgreSQL from walking the primary key backwards for a rare word (117 ms
  // instead of 0.2 ms).
  return ids(reader,
             "WITH hits AS MATERIALIZED (SELECT record_id FROM search_index WHERE tokens @@ "
             "to_tsquery('simple', ?)) "
             "SELECT record_id FROM hits ORDER BY record_id DESC LIMIT ?",
             {Value(match), most});
}

}  // namespace kehai::db
