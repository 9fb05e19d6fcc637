// Rows out of a text file with separators.
//
// Lenient where people's files are: CR, LF and CRLF mixed, line breaks inside quotes, quotes in the
// middle of a cell, blanks around quoted cells, the ="0012" that protects digits from Excel, rows
// of any length.
#pragma once

#include <memory>

#include "platform/transfer/formats/byte_source.h"
#include "platform/transfer/formats/row_source.h"

namespace kehai::platform {

// Takes the bytes; reads them once for the encoding and then row by row.
std::unique_ptr<RowSource> make_delimited_source(std::unique_ptr<ByteSource> bytes,
                                                 const TableOptions& options);

}  // namespace kehai::platform
