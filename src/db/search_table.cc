#include "db/search_table.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "db/bulk.h"
#include "db/dialect.h"

namespace kehai::db {

namespace {

// PostgreSQL: every record has a token of its block of ids, so that the newest can be asked for
// alone.
constexpr int kBlockBits = 12;
// So many of the newest blocks are asked before it is clear that the words are not rare, twice as
// many each time.
constexpr std::size_t kFirstBlocks = 7;
// Hits of rare words that may all be read.
constexpr int kFewHits = 500;
// Words are common when more records than so many of so many blocks from everywhere have them.
constexpr int kSampleBlocks = 2;
constexpr int kFewOfSample = 10;
constexpr std::int64_t kAnyId = std::numeric_limits<std::int64_t>::max();
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

// Where records are, and the column of their ids.
struct Source {
  std::string table;
  std::string column;
};

// Blocks in which there are records, newest first, at most `most`. One look into the primary key
// for each.
std::vector<std::int64_t> newest_blocks(Reader& reader, const Source& source, std::size_t most) {
  const std::string bits = std::to_string(kBlockBits);
  const std::string column = quote_identifier(source.column);
  const std::string newest = "(SELECT MAX(" + column + ") FROM " + quote_identifier(source.table);
  return ids(
      reader,
      "WITH RECURSIVE newest(block, place) AS (SELECT " + newest + ") >> " + bits +
          ", 1 UNION ALL SELECT " + newest + " WHERE " + column + " < newest.block << " + bits +
          ") >> " + bits +
          ", newest.place + 1 FROM newest WHERE newest.block IS NOT NULL AND newest.place < ?) "
          "SELECT block FROM newest WHERE block IS NOT NULL ORDER BY place",
      {Value(static_cast<std::int64_t>(most))});
}

std::string any_block(std::span<const std::int64_t> blocks) {
  std::string out;
  for (const std::int64_t block : blocks) out += (out.empty() ? "" : " | ") + block_token(block);
  return out;
}

// What the rows of these blocks (none: of all) have. Two conditions: of a single one the index
// looks at the keys of both for each row that either may have, 158 instead of 23 ms with 64 blocks.
std::string having(std::string_view blocks, std::string_view match, Values& parameters) {
  std::string sql = "SELECT record_id FROM search_index WHERE tokens @@ to_tsquery('simple', ?)";
  if (!blocks.empty()) {
    sql += " AND tokens @@ to_tsquery('simple', ?)";
    parameters.emplace_back(blocks);
  }
  parameters.emplace_back(match);
  return sql;
}

// The fence keeps PostgreSQL from walking the primary key backwards for a rare word (117 ms instead
// of 0.2 ms).
std::vector<std::int64_t> newest_hits(Reader& reader, std::string_view blocks,
                                      std::string_view match, int limit) {
  Values parameters;
  const std::string hits = having(blocks, match, parameters);
  parameters.emplace_back(static_cast<std::int64_t>(limit));
  return ids(reader,
             "WITH hits AS MATERIALIZED (" + hits +
                 ") SELECT record_id FROM hits ORDER BY record_id DESC LIMIT ?",
             parameters);
}

// All hits, newest first, when they are no more than `most`; rows are looked at for no more of
// them. The limit is beyond the fence: PostgreSQL would guess that some rows of the table will soon
// do and read all of it for a rare word (720 ms of 2,000,000 rows instead of 1 ms). What is fenced
// is still read only as far as it is asked for.
std::optional<std::vector<std::int64_t>> few_hits(Reader& reader, std::string_view blocks,
                                                  std::string_view match, int most) {
  Values parameters;
  const std::string all = having(blocks, match, parameters);
  parameters.emplace_back(static_cast<std::int64_t>(most + 1));
  auto hits = ids(reader,
                  "WITH hits AS MATERIALIZED (" + all +
                      "), few AS MATERIALIZED (SELECT record_id FROM hits LIMIT ?) "
                      "SELECT record_id FROM few ORDER BY record_id DESC",
                  parameters);
  if (static_cast<int>(hits.size()) > most) return std::nullopt;
  return hits;
}

// Looking up all hits of common words costs more than everything else.
bool are_common(Reader& reader, std::string_view match) {
  std::string sql;
  for (int i = 0; i < kSampleBlocks; ++i) {
    sql += (i == 0 ? "" : " UNION ") +
           std::string(
               "SELECT (SELECT MAX(record_id) FROM search_index "
               "WHERE record_id <= newest / ") +
           std::to_string(kSampleBlocks) + " * " + std::to_string(i + 1) + ") >> " +
           std::to_string(kBlockBits) + " AS block FROM range";
  }
  const auto blocks =
      ids(reader,
          "WITH range(newest) AS (SELECT MAX(record_id) FROM search_index) SELECT block "
          "FROM (" +
              sql + ") AS sample WHERE block IS NOT NULL",
          {});
  if (blocks.empty()) return false;
  return !few_hits(reader, any_block(blocks), match, kFewOfSample);
}

// The newest hits on PostgreSQL, block by block.
class NewestHits {
 public:
  NewestHits(Reader& reader, std::string_view match, int wanted, Source source)
      : reader_(reader),
        match_(match),
        wanted_(static_cast<std::size_t>(wanted)),
        source_(std::move(source)) {}

  // Asks further blocks, until `most` have been asked; true when these have enough, or there are no
  // others.
  bool ask_blocks(std::size_t most) {
    const auto blocks = newest_blocks(reader_, source_, most);
    while (found_.size() < wanted_ && asked_ < blocks.size()) {
      const std::size_t end = std::min(2 * asked_ + 1, blocks.size());
      const std::string window = any_block(std::span(blocks).subspan(asked_, end - asked_));
      const auto hits =
          newest_hits(reader_, window, match_, static_cast<int>(wanted_ - found_.size()));
      found_.insert(found_.end(), hits.begin(), hits.end());
      asked_ = end;
    }
    return found_.size() == wanted_ || blocks.size() < most;
  }

  std::vector<std::int64_t> take() { return std::move(found_); }

 private:
  Reader& reader_;
  std::string_view match_;
  std::size_t wanted_;
  Source source_;
  std::vector<std::int64_t> found_;
  std::size_t asked_ = 0;
};

// A word that many records have is found often enough among the newest; of a rare one all hits are
// read. Asking the newest for a rare one costs next to nothing.
std::vector<std::int64_t> hits_in_blocks(Reader& reader, std::string_view match, int limit,
                                         const Source& source) {
  NewestHits newest(reader, match, limit, source);
  if (newest.ask_blocks(kFirstBlocks)) return newest.take();
  auto few = are_common(reader, match) ? std::nullopt : few_hits(reader, {}, match, kFewHits);
  if (few) {
    few->resize(std::min(few->size(), static_cast<std::size_t>(limit)));
    return std::move(*few);
  }
  std::size_t most = kFirstBlocks;
  do most = 2 * most + 1;
  while (!newest.ask_blocks(most));
  return newest.take();
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
  if (reader.dialect().is_postgres()) return hits_in_blocks(reader, match, limit, {table, "id"});
  return find_before(reader, match, limit, kAnyId);
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

std::optional<std::vector<std::int64_t>> SearchTable::find_few(Reader& reader,
                                                               std::string_view match, int most) {
  if (match.empty()) return std::vector<std::int64_t>{};
  if (reader.dialect().is_postgres()) {
    if (are_common(reader, match)) return std::nullopt;
    return few_hits(reader, {}, match, most);
  }
  auto found = find_before(reader, match, most + 1, kAnyId);
  if (static_cast<int>(found.size()) > most) return std::nullopt;
  return found;
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
