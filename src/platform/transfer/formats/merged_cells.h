// Repeating the value of a merged area in all its cells, row by row.
#pragma once

#include <cstdint>
#include <vector>

#include "platform/transfer/formats/row_source.h"

namespace kehai::platform {

struct MergedArea {
  std::int64_t first_row = 0;  // from 1
  std::int64_t last_row = 0;
  std::size_t first_column = 0;  // from 0
  std::size_t last_column = 0;
};

class MergedCells {
 public:
  MergedCells() = default;
  explicit MergedCells(std::vector<MergedArea> areas);
  // Rows come in rising order.
  void fill(RawRow& row);

 private:
  struct Active {
    MergedArea area;
    Cell value;
  };
  std::vector<MergedArea> areas_;  // by first row
  std::size_t next_ = 0;
  std::vector<Active> active_;
};

}  // namespace kehai::platform
