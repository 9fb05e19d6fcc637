#include "platform/transfer/formats/merged_cells.h"

#include <algorithm>
#include <utility>

namespace kehai::platform {

namespace {

// A title merged over the whole width of a sheet is filled no further than this.
constexpr std::size_t kWidest = 256;

}  // namespace

MergedCells::MergedCells(std::vector<MergedArea> areas) : areas_(std::move(areas)) {
  std::sort(areas_.begin(), areas_.end(),
            [](const MergedArea& a, const MergedArea& b) { return a.first_row < b.first_row; });
}

void MergedCells::fill(RawRow& row) {
  std::erase_if(active_, [&](const Active& active) { return active.area.last_row < row.number; });
  for (; next_ < areas_.size() && areas_[next_].first_row <= row.number; ++next_) {
    const MergedArea& area = areas_[next_];
    // The value stands in the first row of the area; without it the area is empty.
    if (area.first_row != row.number || area.first_column >= row.count) continue;
    if (area.last_column - area.first_column >= kWidest) continue;
    const Cell& value = row.cells[area.first_column];
    if (value.kind != CellKind::Empty) active_.push_back({area, value});
  }
  for (const Active& active : active_) {
    while (row.count <= active.area.last_column) row.add();
    for (std::size_t column = active.area.first_column; column <= active.area.last_column;
         ++column) {
      if (row.cells[column].kind == CellKind::Empty) row.cells[column] = active.value;
    }
  }
}

}  // namespace kehai::platform
