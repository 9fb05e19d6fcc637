// The full-text index behind platform/search: one row of space-separated tokens per record, FTS5 on
// SQLite, a GIN-indexed tsvector on PostgreSQL. Tokens are [a-z0-9]+; the match text comes from
// base/text/tokens.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.h"

namespace kehai::db {

class SearchTable {
 public:
  static void create(Writer& writer);
  static void put(Writer& writer, std::int64_t record_id, std::string_view tokens);
  // The same for many: {record id, tokens}.
  static void put_many(Writer& writer, std::span<const Values> rows);
  // Records that are not in the index yet, with their tokens; saves looking for them.
  static void put_new(Writer& writer, std::span<const Values> rows);
  // Before and after a bulk load into a database that nobody else uses yet.
  static void begin_bulk(Writer& writer);
  static void end_bulk(Writer& writer);
  static void erase(Writer& writer, std::int64_t record_id);
  // Newest records first (by id), at most `limit`. `table`: where all records are that can match
  // (column id).
  static std::vector<std::int64_t> find(Reader& reader, std::string_view match, int limit,
                                        const std::string& table);
  struct Words {
    std::string match;
    std::string table;
  };
  // The same for each of these; PostgreSQL is asked for all of them together.
  static std::vector<std::vector<std::int64_t>> find_each(Reader& reader,
                                                          std::span<const Words> words, int limit);
  // SQLite: the same over all tables, of the records older than `before`.
  static std::vector<std::int64_t> find_before(Reader& reader, std::string_view match, int limit,
                                               std::int64_t before);
  // All hits, newest first, of words that no more than `most` records have; nothing of others.
  static std::optional<std::vector<std::int64_t>> find_few(Reader& reader, std::string_view match,
                                                           int most);
  // SQLite: every batch of changes becomes a part of the index, and each word of a question is
  // looked up in every part. True: there are many.
  static bool is_scattered(Reader& reader);
  // One of many short steps that make one part of them; false when there is nothing left to do.
  enum class Step { First, Next };
  static bool gather(Writer& writer, Step step);
};

}  // namespace kehai::db
