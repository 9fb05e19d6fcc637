// What every format gives to the reader: raw rows, before header, blank and summary rows are told
// apart.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "platform/transfer/formats/table_reader.h"

namespace kehai::platform {

struct RawRow {
  std::vector<Cell> cells;  // only the first `count` are meaningful: the storage is reused
  std::size_t count = 0;
  std::int64_t number = 0;
  std::int64_t line = 0;

  // The next cell, emptied.
  Cell& add() {
    if (count == cells.size()) cells.emplace_back();
    Cell& cell = cells[count++];
    cell.clear();
    return cell;
  }
};

class RowSource {
 public:
  virtual ~RowSource() = default;
  // False at the end. Blank rows may or may not be given; numbers rise.
  virtual bool next(RawRow& row) = 0;
  // Fills format, encoding, delimiter, sheets, sheet, damaged_bytes.
  virtual void describe(TableInfo& info) const = 0;
  virtual int percent_read() const = 0;
};

inline base::Error too_large(const char* what, std::uint64_t limit, std::uint64_t bytes) {
  return base::Error(
      base::ErrorKind::TooLarge, "import.file_too_large",
      {{"what", what}, {"limit", std::to_string(limit)}, {"bytes", std::to_string(bytes)}});
}

inline base::Error row_error(const char* code, std::uint64_t limit, std::int64_t row) {
  return base::Error(base::ErrorKind::Invalid, code,
                     {{"limit", std::to_string(limit)}, {"row", std::to_string(row)}});
}

inline base::Error broken(std::string part, std::string reason) {
  return base::Error(base::ErrorKind::Invalid, "import.file_broken",
                     {{"part", std::move(part)}, {"reason", std::move(reason)}});
}

}  // namespace kehai::platform
