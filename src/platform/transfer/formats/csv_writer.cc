#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "base/error.h"
#include "platform/transfer/formats/formula_guard.h"
#include "platform/transfer/formats/table_writer.h"

namespace kehai::platform {

namespace {

constexpr std::size_t kBuffer = 64 * 1024;

// Quotes where a reader could misunderstand: separators of any locale, quotes, line ends, blanks at
// the ends.
bool needs_quotes(std::string_view text) {
  if (text.empty()) return false;
  if (text.front() == ' ' || text.back() == ' ' || text.front() == '=' || text.front() == '\'')
    return true;
  return text.find_first_of(",;\t|\"\r\n") != std::string_view::npos;
}

class CsvWriter : public TableWriter {
 public:
  CsvWriter(ByteSink sink, const std::vector<TableColumn>& columns)
      : sink_(std::move(sink)), width_(columns.size()) {
    buffer_ = "\xEF\xBB\xBF";
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) buffer_ += ',';
      add_text(columns[i].title);
    }
    end_row(columns.size() == 1 && columns[0].title.empty());
  }

  void add_row(std::span<const OutCell> cells) override {
    const std::size_t before = buffer_.size();
    for (std::size_t i = 0; i < width_; ++i) {
      if (i > 0) buffer_ += ',';
      if (i >= cells.size()) continue;
      if (cells[i].kind() == OutCell::Kind::Text)
        add_text(cells[i].text());
      else
        buffer_ += cells[i].plain();
    }
    end_row(buffer_.size() == before);
    ++rows_;
  }

  void finish() override { flush(); }
  std::int64_t rows() const override { return rows_; }

 private:
  void add_text(std::string_view text) {
    const bool guard = needs_formula_guard(text);
    if (!guard && !needs_quotes(text)) {
      buffer_ += text;
      return;
    }
    buffer_ += '"';
    if (guard) buffer_ += '\'';
    for (const char c : text) {
      if (c == '"') buffer_ += '"';
      buffer_ += c;
    }
    buffer_ += '"';
  }

  // A row of one empty cell would be a blank line, which readers leave out.
  void end_row(bool blank) {
    if (blank) buffer_ += "\"\"";
    buffer_ += "\r\n";
    if (buffer_.size() >= kBuffer) flush();
  }

  void flush() {
    sink_(buffer_);
    buffer_.clear();
  }

  ByteSink sink_;
  std::size_t width_;
  std::string buffer_;
  std::int64_t rows_ = 0;
};

[[noreturn]] void throw_not_written(int number) {
  throw base::Error(number == ENOSPC ? base::ErrorKind::StorageFull : base::ErrorKind::Unavailable,
                    "export.not_written", {{"reason", std::strerror(number)}});
}

class CsvFileWriter : public TableWriter {
 public:
  CsvFileWriter(const std::filesystem::path& path, const std::vector<TableColumn>& columns)
      : file_(std::fopen(path.c_str(), "wbe"), std::fclose) {
    if (!file_) throw_not_written(errno);
    writer_ =
        std::make_unique<CsvWriter>([this](std::string_view bytes) { write(bytes); }, columns);
  }
  void add_row(std::span<const OutCell> cells) override { writer_->add_row(cells); }
  void finish() override {
    writer_->finish();
    if (std::fclose(file_.release()) != 0) throw_not_written(errno);
  }
  std::int64_t rows() const override { return writer_->rows(); }

 private:
  void write(std::string_view bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size())
      throw_not_written(errno);
  }

  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  std::unique_ptr<CsvWriter> writer_;
};

}  // namespace

std::unique_ptr<TableWriter> make_csv_writer(ByteSink sink, std::vector<TableColumn> columns) {
  return std::make_unique<CsvWriter>(std::move(sink), columns);
}

std::unique_ptr<TableWriter> make_csv_writer(const std::filesystem::path& path,
                                             std::vector<TableColumn> columns) {
  return std::make_unique<CsvFileWriter>(path, columns);
}

}  // namespace kehai::platform
