// One run over a file: either every row is checked, or the good ones are written.
//
// Rows go through the engine in chunks on the bulk lane. A chunk is taken as if all of its rows
// were good; when one is not, it is rolled back and taken again with a savepoint for each row,
// which is what the answer then says. A chunk that is written commits together with its findings,
// its created records and the number of its last row, so that a run that was interrupted goes on
// behind it and no row is written twice. A chunk that is only checked is rolled back; its findings
// are stored with those of others. While one chunk is written, another thread reads the next and
// looks up what the database says about it. Used by one thread.
#pragma once

#include <any>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "platform/dedupe/dedupe.h"
#include "platform/transfer/import_plan.h"
#include "platform/transfer/import_types.h"
#include "platform/transfer/row_parser.h"
#include "record/engine.h"

namespace kehai::platform {

// Up to this many rows, all-or-nothing is one transaction; above it, what was written is taken back
// on a late failure.
inline constexpr std::int64_t kOneTransactionRows = 2000;

// How the file is to be opened.
TableOptions table_options(const ImportSettings& settings);

class ImportPass {
 public:
  struct Parts {
    record::Engine& engine;
    const Dedupe& dedupe;
    const record::Actor& actor;
    std::filesystem::path file;
    std::int64_t row_limit = 0;  // 0 = none
    // Asked between chunks.
    std::function<bool()> should_stop;  // the program ends: leave the import as it is
    std::function<bool()> should_cancel;
    std::function<void(const ImportJob&)> on_progress;  // a few times a second
  };
  enum class End { Finished, Cancelled, Stopped, RowsFailed };

  // `job` is changed as the run goes on and stored with every chunk.
  ImportPass(Parts parts, ImportJob& job, bool apply);
  ~ImportPass();
  // Throws what makes the whole import impossible: the file is damaged or has more rows than the
  // limit (TooLarge "import.too_many_rows" {limit}), a right was taken away, the disk is full.
  End run();

 private:
  struct Row;
  struct Result;
  struct Chunk;
  struct Outcome;
  struct Seen {
    std::int64_t line = 0;
    record::RecordId id = 0;
  };
  using MadeByName =
      std::map<std::pair<std::string, std::string>, record::RecordId>;  // object, name
  using SeenKeys = std::unordered_map<std::uint64_t, Seen>;

  void open();
  Chunk read_chunk(std::size_t wanted);
  bool reads_ahead() const;
  bool read_row(Row& row);
  void skip_applied();
  void check_rights() const;
  void check_references(db::Reader& reader, std::vector<Row>& rows);
  void look_into_database(std::vector<Row>& rows);
  void find_known(db::Reader& reader, std::vector<Row>& rows);
  std::vector<RowDuplicate> known_of(db::Reader& reader, const std::string& object,
                                     const record::Draft& from_file) const;
  void find_duplicates(db::Reader& reader, std::vector<Row>& rows);
  void find_target(Row& row);
  void forget_own(Row& row);
  bool write_chunk(std::vector<Row>& rows);
  void take_chunk(record::Tx& tx, const std::vector<Row>& rows, Outcome& outcome);
  bool keep_refused(const std::vector<Result>& results, std::int64_t bad);
  void keep_checked(std::vector<Result>& results);
  void store_checked(bool force);
  // Runs fn in a savepoint when the chunk is taken row by row.
  void attempt(record::Tx& tx, const std::function<void()>& fn);
  Result handle(record::Tx& tx, const Row& row, const SeenKeys& chunk);
  void add_broken_rules(record::Tx& tx, const Row& row, RowFinding& finding) const;
  Result handle_duplicate(record::Tx& tx, const Row& row, const SeenKeys& chunk, Result result);
  void create(record::Tx& tx, const Row& row, const SeenKeys& chunk, Result& result);
  void create_with_others(record::Tx& tx, const Row& row, const SeenKeys& chunk, Result& result);
  record::RecordId make_beside(record::Tx& tx, const std::string& object, record::Draft draft,
                               Result& result);
  record::RecordId make_missing(record::Tx& tx, const MissingRecord& missing, Result& result);
  void make_companions(record::Tx& tx, const Row& row, record::RecordId id, const SeenKeys& chunk,
                       Result& result);
  bool bring_to_line(record::Tx& tx, const Row& row, const Seen& seen, const SeenKeys& chunk,
                     Result& result);
  const Seen* find_seen_companion(const ParsedCompanion& companion, const SeenKeys& chunk) const;
  void find_known_companions(db::Reader& reader, Row& row);
  const PlannedColumn* column_of(const std::string& field) const;
  void update(record::Tx& tx, const Row& row, record::RecordId id, bool only_empty, Result& result);
  void check_kept(const Row& row, const record::Record& record) const;
  std::vector<CellError> cell_errors(const base::Error& error, const Row& row) const;
  const Seen* find_seen(const Row& row, const SeenKeys& chunk) const;
  // Later lines may be the same as this one.
  static bool is_settled(const Result& result);
  bool checks_by_writing() const;
  static void note_seen(const Row& row, record::RecordId id, SeenKeys& seen);
  static void count(const Row& row, const Result& result, bool apply, ImportCounts& counts);
  void store(record::Tx& tx, const std::vector<Row>& rows, const std::vector<Result>& results,
             ImportJob& job);
  void take_back();
  void report(bool force);

  Parts parts_;
  ImportJob& job_;
  bool apply_;
  bool one_transaction_ = false;
  std::unique_ptr<TableReader> reader_;
  ImportPlan plan_;
  std::unique_ptr<ReferenceResolver> resolver_;
  std::unique_ptr<RowParser> parser_;
  record::WriteOptions options_;
  SeenKeys seen_;
  std::unordered_map<std::uint64_t, std::uint32_t> lines_;             // how often each line came
  std::unordered_set<record::RecordId> own_records_;                   // made by this import
  std::set<std::pair<std::string, record::RecordId>> own_companions_;  // object, id
  MadeByName made_;  // for references, by earlier rows
  MadeByName made_in_chunk_;
  std::vector<Cell> cells_;
  std::int64_t read_ = 0;      // rows
  std::int64_t expected_ = 0;  // rows of the whole file, as far as was read when the chunk was
  bool row_by_row_ =
      false;  // the chunk at hand, because one of its rows or of the one before failed
  std::chrono::steady_clock::time_point reported_{};
  std::chrono::nanoseconds write_time_{};  // of the last chunk, while it kept others from writing
  std::vector<RowFinding> checked_;        // findings of a check that are not stored yet
  std::chrono::steady_clock::time_point stored_{};
};

// Takes back what an import created; records changed since then stay when `only_unchanged`. Returns
// how many went.
std::int64_t take_back_created(record::Engine& engine, const record::Actor& actor,
                               const ImportJob& job, bool only_unchanged, std::int64_t& kept);

}  // namespace kehai::platform
