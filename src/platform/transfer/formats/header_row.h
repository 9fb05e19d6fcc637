// Finding the header of a table below the account lines that banks, shops and ERP systems put on
// top.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "platform/transfer/formats/table_reader.h"

namespace kehai::platform {

// Index of the header among `rows`, or -1 when the first full row is already data. Blank rows are
// allowed.
int find_header(const std::vector<TableRow>& rows);

// A row after the data that sums up ("合计"), counts ("共 12 笔") or only decorates ("-----").
bool is_summary_row(const std::vector<Cell>& cells, std::size_t columns);

bool is_blank_row(const std::vector<Cell>& cells);

// The cells joined by blanks, at most `limit` bytes, cut between characters.
std::string joined_text(const std::vector<Cell>& cells, std::size_t limit);

}  // namespace kehai::platform
