// Rows out of an old XLS workbook (BIFF8 and BIFF5 in a compound file).
#pragma once

#include <memory>

#include "platform/transfer/formats/byte_source.h"
#include "platform/transfer/formats/row_source.h"

namespace kehai::platform {

std::unique_ptr<RowSource> make_xls_source(std::unique_ptr<ByteSource> bytes,
                                           const TableOptions& options);

// Only the stream "Workbook" of such a file.
std::unique_ptr<RowSource> make_biff_source(std::unique_ptr<ByteSource> stream,
                                            const TableOptions& options);

}  // namespace kehai::platform
