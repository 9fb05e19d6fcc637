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

// What finds ids.
struct Statement {
  std::string sql;
  Values parameters;
};

std::vector<std::int64_t> ids(Reader& reader, const std::string& sql, const Values& parameters) {
  std::vector<std::int64_t> out;
  reader.query(sql, parameters, [&](const Row& row) { out.push_back(row.get_int(0)); });
  return out;
}
std::vector<std::int64_t> ids(Reader& reader, const Statement& statement) {
  return ids(reader, statement.sql, statement.parameters);
}

// Blocks in which the table has records, newest first, at most `most`. One look into the primary
// key for each.
Statement newest_blocks(const std::string& table, std::size_t most) {
  const std::string bits = std::to_string(kBlockBits);
  const std::string newest = "(SELECT MAX(id) FROM " + quote_identifier(table);
  return {"WITH RECURSIVE newest(block, place) AS (SELECT " + newest + ") >> " + bits +
              ", 1 UNION ALL SELECT " + newest + " WHERE id < newest.block << " + bits + ") >> " +
              bits +
              ", newest.place + 1 FROM newest WHERE newest.block IS NOT NULL AND newest.place < ?) "
              "SELECT block FROM newest WHERE block IS NOT NULL ORDER BY place",
          {Value(static_cast<std::int64_t>(most))}};
}

std::string any_block(std::span<const std::int64_t> blocks) {
  std::string out;
  for (const std::int64_t block : blocks) out += (out.empty() ? "" : " | ") + block_token(block);
  return out;
}

// What the rows of these blocks (none: of all) have. Two conditions: of a single one the index
// looks at the keys of both for each row that either may have, 158 instead of 23 ms with 64 blocks.
Statement having(std::string_view blocks, std::string_view match) {
  Statement out{"SELECT record_id FROM search_index WHERE tokens @@ to_tsquery('simple', ?)", {}};
  if (!blocks.empty()) {
    out.sql += " AND tokens @@ to_tsquery('simple', ?)";
    out.parameters.emplace_back(blocks);
  }
  out.parameters.emplace_back(match);
  return out;
}

// The fence keeps PostgreSQL from walking the primary key backwards for a rare word (117 ms instead
// of 0.2 ms).
Statement newest_hits(std::string_view blocks, std::string_view match, std::size_t limit) {
  Statement out = having(blocks, match);
  out.sql = "WITH hits AS MATERIALIZED (" + out.sql +
            ") SELECT record_id FROM hits ORDER BY record_id DESC LIMIT ?";
  out.parameters.emplace_back(static_cast<std::int64_t>(limit));
  return out;
}

// All hits, newest first, when they are no more than `most`; otherwise one more than that, and no
// more of them are looked at. The limit is beyond the fence: PostgreSQL would guess that some rows
// of the table will soon do and read all of it for a rare word (720 ms of 2,000,000 rows instead of
// 1 ms). What is fenced is still read only as far as it is asked for.
Statement few_hits(std::string_view blocks, std::string_view match, int most) {
  Statement out = having(blocks, match);
  out.sql = "WITH hits AS MATERIALIZED (" + out.sql +
            "), few AS MATERIALIZED (SELECT record_id FROM hits LIMIT ?) "
            "SELECT record_id FROM few ORDER BY record_id DESC";
  out.parameters.emplace_back(static_cast<std::int64_t>(most + 1));
  return out;
}

// Some blocks from everywhere.
Statement sample_blocks() {
  std::string sql;
  for (int i = 0; i < kSampleBlocks; ++i) {
    sql += (i == 0 ? "" : " UNION ") +
           std::string(
               "SELECT (SELECT MAX(record_id) FROM search_index "
               "WHERE record_id <= newest / ") +
           std::to_string(kSampleBlocks) + " * " + std::to_string(i + 1) + ") >> " +
           std::to_string(kBlockBits) + " AS block FROM range";
  }
  return {"WITH range(newest) AS (SELECT MAX(record_id) FROM search_index) SELECT block FROM (" +
              sql + ") AS sample WHERE block IS NOT NULL",
          {}};
}

bool are_few(const std::vector<std::int64_t>& hits, int most) {
  return static_cast<int>(hits.size()) <= most;
}

// Looking up all hits of common words costs more than everything else.
bool are_common(Reader& reader, std::string_view match) {
  const auto blocks = ids(reader, sample_blocks());
  return !blocks.empty() &&
         !are_few(ids(reader, few_hits(any_block(blocks), match, kFewOfSample)), kFewOfSample);
}

// The newest hits in one table on PostgreSQL: a word that many records have is found often enough
// among the newest, block by block; of a rare one all hits are read. Asking the newest for a rare
// one costs next to nothing. It says what to ask and takes what that found, so that hunts in
// several tables can ask together.
class Hunt {
 public:
  Hunt(SearchTable::Words words, int wanted)
      : words_(std::move(words)), wanted_(static_cast<std::size_t>(wanted)) {
    if (!words_.match.empty()) ask_blocks(kFirstBlocks);
  }

  bool is_done() const { return step_ == Step::Done; }
  const Statement& statement() const { return statement_; }
  std::vector<std::int64_t> hits() { return std::move(hits_); }

  void take(std::vector<std::int64_t> found) {
    switch (step_) {
      case Step::Blocks:
        blocks_ = std::move(found);
        go_on();
        break;
      case Step::Window:
        hits_.insert(hits_.end(), found.begin(), found.end());
        asked_ = end_;
        go_on();
        break;
      case Step::Sample:
        if (found.empty())
          ask(Step::All, few_hits({}, words_.match, kFewHits));
        else
          ask(Step::HitsInSample, few_hits(any_block(found), words_.match, kFewOfSample));
        break;
      case Step::HitsInSample:
        if (are_few(found, kFewOfSample))
          ask(Step::All, few_hits({}, words_.match, kFewHits));
        else
          ask_blocks(2 * most_ + 1);
        break;
      case Step::All:
        if (are_few(found, kFewHits))
          end_with(std::move(found));
        else
          ask_blocks(2 * most_ + 1);
        break;
      case Step::Done:
        break;
    }
  }

 private:
  enum class Step { Blocks, Window, Sample, HitsInSample, All, Done };

  void ask(Step step, Statement statement) {
    step_ = step;
    statement_ = std::move(statement);
  }
  void ask_blocks(std::size_t most) {
    most_ = most;
    ask(Step::Blocks, newest_blocks(words_.table, most));
  }
  // The next blocks, as long as hits are missing.
  void go_on() {
    if (hits_.size() < wanted_ && asked_ < blocks_.size()) {
      end_ = std::min(2 * asked_ + 1, blocks_.size());
      const auto window = std::span(blocks_).subspan(asked_, end_ - asked_);
      ask(Step::Window, newest_hits(any_block(window), words_.match, wanted_ - hits_.size()));
    } else if (hits_.size() == wanted_ || blocks_.size() < most_) {
      step_ = Step::Done;
    } else if (most_ == kFirstBlocks) {
      ask(Step::Sample, sample_blocks());
    } else {
      ask_blocks(2 * most_ + 1);
    }
  }
  void end_with(std::vector<std::int64_t> all) {
    hits_ = std::move(all);
    hits_.resize(std::min(hits_.size(), wanted_));
    step_ = Step::Done;
  }

  SearchTable::Words words_;
  std::size_t wanted_;
  std::vector<std::int64_t> hits_;
  std::vector<std::int64_t> blocks_;
  std::size_t most_ = 0;   // as many blocks were asked for
  std::size_t asked_ = 0;  // of them
  std::size_t end_ = 0;    // asked_ behind the window that is being asked
  Step step_ = Step::Done;
  Statement statement_;
};

std::vector<std::vector<std::int64_t>> hunt(Reader& reader,
                                            std::span<const SearchTable::Words> words, int limit) {
  std::vector<Hunt> hunts;
  for (const auto& one : words) hunts.emplace_back(one, limit);
  for (;;) {
    std::vector<Hunt*> asking;
    for (auto& one : hunts) {
      if (!one.is_done()) asking.push_back(&one);
    }
    if (asking.empty()) break;
    std::vector<std::vector<std::int64_t>> found(asking.size());
    std::vector<RowFunction> takers;
    for (auto& list : found)
      takers.emplace_back([&list](const Row& row) { list.push_back(row.get_int(0)); });
    std::vector<Question> questions;
    for (std::size_t i = 0; i < asking.size(); ++i) {
      const auto& statement = asking[i]->statement();
      questions.push_back({statement.sql, statement.parameters, takers[i]});
    }
    reader.query_all(questions);
    for (std::size_t i = 0; i < asking.size(); ++i) asking[i]->take(std::move(found[i]));
  }
  std::vector<std::vector<std::int64_t>> out;
  for (auto& one : hunts) out.push_back(one.hits());
  return out;
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
  const Words words{std::string(match), table};
  return std::move(find_each(reader, {&words, 1}, limit).front());
}

std::vector<std::vector<std::int64_t>> SearchTable::find_each(Reader& reader,
                                                              std::span<const Words> words,
                                                              int limit) {
  if (reader.dialect().is_postgres()) return hunt(reader, words, limit);
  std::vector<std::vector<std::int64_t>> out;
  for (const auto& one : words) out.push_back(find_before(reader, one.match, limit, kAnyId));
  return out;
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
  if (reader.dialect().is_postgres() && are_common(reader, match)) return std::nullopt;
  auto found = reader.dialect().is_postgres() ? ids(reader, few_hits({}, match, most))
                                              : find_before(reader, match, most + 1, kAnyId);
  if (!are_few(found, most)) return std::nullopt;
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
