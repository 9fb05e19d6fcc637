#include "db/search_table.h"

#include <limits>
#include <string>

#include "db/bulk.h"
#include "db/dialect.h"

namespace kehai::db {

namespace {

// PostgreSQL: every record has a token of its block of ids, so that the newest can be asked for
// alone.
constexpr int kBlockBits = 12;
// So many blocks are asked at once, the newest first, as long as this many times more may suffice.
constexpr std::size_t kWindow = 2;
constexpr std::size_t kMostWindows = 6;
// SQLite: bytes of a page of the index. FTS5 reads pages from their beginning: with its own 4,050 a
// word that has to be looked for in many places costs twice to three times as much.
constexpr int kPageSize = 1000;
// SQLite: parts of the index from which on they are made one, and pages written in a step of that.
constexpr std::int64_t kManyParts = 8;
constexpr std::int64_t kStepPages = 500;

std::string block_token(std::int64_t block) {
  return "xk" + std::to_string(block);
}

std::vector<std::int64_t> ids(Reader& reader, const std::string& sql, const Values& parameters) {
  std::vector<std::int64_t> out;
  reader.query(sql, parameters, [&](const Row& row) { out.push_back(row.get_int(0)); });
  return out;
}

// Blocks in which the table has records, newest first, at most `most`. One look into the primary
// key for each.
std::vector<std::int64_t> newest_blocks(Reader& reader, const std::string& table,
                                        std::size_t most) {
  const std::string bits = std::to_string(kBlockBits);
  const std::string source = " FROM " + quote_identifier(table);
  return ids(
      reader,
      "WITH RECURSIVE newest(block, place) AS (SELECT (SELECT MAX(id)" + source + ") >> " + bits +
          ", 1 UNION ALL SELECT (SELECT MAX(id)" + source + " WHERE id < newest.block << " + bits +
          ") >> " + bits +
          ", newest.place + 1 FROM newest WHERE newest.block IS NOT NULL AND newest.place < ?) "
          "SELECT block FROM newest WHERE block IS NOT NULL ORDER BY place",
      {Value(static_cast<std::int64_t>(most))});
}

// The fence keeps PostgreSQL from walking the primary key backwards for a rare word (117 ms instead
// of 0.2 ms).
std::vector<std::int64_t> newest_hits(Reader& reader, std::string_view match, int limit) {
  return ids(reader,
             "WITH hits AS MATERIALIZED (SELECT record_id FROM search_index WHERE tokens @@ "
             "to_tsquery('simple', ?)) "
             "SELECT record_id FROM hits ORDER BY record_id DESC LIMIT ?",
             {Value(match), Value(static_cast<std::int64_t>(limit))});
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
    // Holds for what is written from now on.
    writer.execute(
        "INSERT INTO search_index (search_index, rank) SELECT 'pgsz', ?1 WHERE NOT EXISTS (SELECT "
        "1 "
        "FROM search_index_config WHERE k = 'pgsz' AND v = ?1)",
        Values{Value(static_cast<std::int64_t>(kPageSize))});
  }
}

void SearchTable::put(Writer& writer, std::int64_t record_id, std::string_view tokens) {
  const std::vector<Values> rows{{record_id, tokens}};
  put_many(writer, rows);
}

namespace {

std::string insert_arrays() {
  return "INSERT INTO search_index (record_id, tokens) SELECT id, "
         "array_to_tsvector(array_append(string_to_array(words, ' '), 'xk' || (id >> " +
         std::to_string(kBlockBits) +
         "))) FROM unnest(?::TEXT::BIGINT[], ?::TEXT::TEXT[]) AS given(id, words)";
}

}  // namespace

void SearchTable::put_many(Writer& writer, std::span<const Values> rows) {
  if (rows.empty()) return;
  if (writer.dialect().is_postgres()) {
    writer.execute(
        insert_arrays() + " ON CONFLICT (record_id) DO UPDATE SET tokens = excluded.tokens",
        Values{Value(array_literal(rows, 0)), Value(array_literal(rows, 1))});
    return;
  }
  for (const auto& row : rows) {
    erase(writer, row[0].as_int());
    writer.execute("INSERT INTO search_index (rowid, tokens) VALUES (?, ?)", row);
  }
}

void SearchTable::put_new(Writer& writer, std::span<const Values> rows) {
  if (rows.empty()) return;
  if (writer.dialect().is_postgres()) {
    writer.execute(insert_arrays(),
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
  if (!reader.dialect().is_postgres())
    return find_before(reader, match, limit, std::numeric_limits<std::int64_t>::max());
  // Every hit is looked up in the table before the newest are known. A word that many records have
  // is found often enough among the newest; for a rare one asking them costs next to nothing.
  const auto blocks = newest_blocks(reader, table, 2 * kMostWindows * kWindow);
  const auto wanted = static_cast<std::size_t>(limit);
  std::vector<std::int64_t> newest;
  for (std::size_t at = 0; at + kWindow < blocks.size(); at += kWindow) {
    std::string window = block_token(blocks[at]);
    for (std::size_t i = 1; i < kWindow; ++i) window += " | " + block_token(blocks[at + i]);
    const auto hits = newest_hits(reader, "(" + window + ") & (" + std::string(match) + ")",
                                  static_cast<int>(wanted - newest.size()));
    newest.insert(newest.end(), hits.begin(), hits.end());
    if (newest.size() == wanted) return newest;
    if (hits.size() * kMostWindows < wanted - newest.size()) break;
  }
  return newest_hits(reader, match, limit);
}

std::vector<std::int64_t> SearchTable::find_before(Reader& reader, std::string_view match,
                                                   int limit, std::int64_t before) {
  if (match.empty()) return {};
  return ids(
      reader,
      "SELECT rowid FROM search_index WHERE search_index MATCH ? AND rowid < ? ORDER BY rowid "
      "DESC LIMIT ?",
      {Value(match), Value(before), Value(static_cast<std::int64_t>(limit))});
}

bool SearchTable::is_scattered(Reader& reader) {
  if (reader.dialect().is_postgres()) return false;
  // One look into the primary key for each part.
  const auto parts = ids(reader,
                         "WITH RECURSIVE part(id) AS (SELECT MIN(segid) FROM search_index_idx "
                         "UNION ALL SELECT (SELECT "
                         "MIN(segid) FROM search_index_idx WHERE segid > part.id) FROM part WHERE "
                         "part.id IS NOT NULL) "
                         "SELECT id FROM part WHERE id IS NOT NULL LIMIT ?",
                         {Value(kManyParts)});
  return static_cast<std::int64_t>(parts.size()) >= kManyParts;
}

bool SearchTable::gather(Writer& writer, Step step) {
  if (writer.dialect().is_postgres()) return false;
  const auto changes = [&] { return ids(writer, "SELECT total_changes()", {}).at(0); };
  const std::int64_t before = changes();
  writer.execute("INSERT INTO search_index (search_index, rank) VALUES ('merge', ?)",
                 Values{Value(step == Step::First ? -kStepPages : kStepPages)});
  // The statement itself counts as one.
  return changes() - before > 1;
}

}  // namespace kehai::db
