// The reading half of a run: the file opened as it was agreed, its rows chunk by chunk, ahead of
// what is written where that is safe.
#include <algorithm>

#include "platform/transfer/import_pass_row.h"
#include "platform/transfer/import_store.h"

namespace kehai::platform {

using record::RecordId;

TableOptions table_options(const ImportSettings& settings) {
  TableOptions options;
  options.sheet = settings.sheet;
  options.encoding = settings.encoding;
  options.delimiter = settings.delimiter;
  options.header_row = settings.header_row;
  options.unguard = true;
  return options;
}

void ImportPass::open() {
  reader_ = open_table(parts_.file, table_options(job_.settings));
  const auto preview = reader_->preview(50);
  std::size_t width = 0;
  for (const auto& row : preview.rows) width = std::max(width, row.cells.size());
  plan_ = make_plan(parts_.engine, parts_.actor, job_.object, job_.settings,
                    column_names(reader_->info(), width), true);
  resolver_ = std::make_unique<ReferenceResolver>(parts_.engine, parts_.dedupe, parts_.actor,
                                                  job_.settings.source);
  parser_ = std::make_unique<RowParser>(parts_.engine, parts_.dedupe, plan_, *resolver_,
                                        parts_.actor.language);
  options_.entry = "import";
  options_.keep_authorship = plan_.keeps_authorship;
  options_.quiet = true;
  if (parts_.engine.access().may(parts_.actor, plan_.definition(), kImportHistory))
    options_.options[kImportHistory] = true;
  row_by_row_ = checks_by_writing();
  check_rights();
}

// What a row says may depend on what the rows before it have done: then nothing is read ahead.
bool ImportPass::reads_ahead() const {
  if (!apply_) return true;
  return !plan_.settings.update &&
         std::none_of(plan_.columns.begin(), plan_.columns.end(), [&](const PlannedColumn& column) {
           return column.field != nullptr && column.field->is_reference() &&
                  column.field->target == plan_.definition().name;
         });
}

ImportPass::Chunk ImportPass::read_chunk(std::size_t wanted) {
  Chunk chunk;
  chunk.rows.reserve(wanted);
  while (chunk.rows.size() < wanted && !chunk.is_last) {
    Row row;
    chunk.is_last = !read_row(row);
    if (!chunk.is_last) chunk.rows.push_back(std::move(row));
  }
  read_ += static_cast<std::int64_t>(chunk.rows.size());
  chunk.expected = read_ * 100 / std::max(reader_->percent_read(), 1);
  if (!chunk.rows.empty()) look_into_database(chunk.rows);
  return chunk;
}

bool ImportPass::read_row(Row& row) {
  if (!reader_->next_row(cells_)) return false;
  row.parsed = parser_->parse(cells_, reader_->row_number());
  if (row.parsed.blank) row.parsed.errors.push_back({"", "", "", "import.row_empty", {}});
  // The second of two equal lines is another line: both were imported, and both are known when the
  // file comes again.
  const std::uint32_t copy = lines_[row.parsed.fingerprint]++;
  row.fingerprint =
      static_cast<std::int64_t>(hash_text(std::to_string(copy), row.parsed.fingerprint));
  return true;
}

// Lines up to the last committed one are read for what they say about duplicates only.
void ImportPass::skip_applied() {
  if (!apply_ || job_.applied_row == 0) return;
  std::unordered_map<std::int64_t, RecordId> created;
  parts_.engine.database().read([&](db::Reader& reader) {
    created.clear();
    own_companions_.clear();
    for (auto page = companion_records(reader, job_.id, 0); !page.empty();
         page = companion_records(reader, job_.id, page.back().row)) {
      for (const auto& other : page) own_companions_.emplace(other.object, other.id);
    }
    std::int64_t after = 0;
    constexpr int kPage = 5000;
    for (;;) {
      const auto page = created_rows(reader, job_.id, after, kPage);
      for (const auto& row : page) created[row.row] = row.record_id;
      if (page.size() < kPage) break;
      after = page.back().row;
    }
  });
  Row row;
  while (reader_->row_number() < job_.applied_row && read_row(row)) {
    const auto found = created.find(row.parsed.number);
    if (found == created.end()) continue;
    note_seen(row, found->second, seen_);
    own_records_.insert(found->second);
  }
}

}  // namespace kehai::platform
