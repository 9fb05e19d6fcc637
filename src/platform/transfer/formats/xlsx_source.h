// Rows out of an XLSX workbook: the sheet is unpacked and parsed as it is read.
#pragma once

#include <memory>

#include "platform/transfer/formats/byte_source.h"
#include "platform/transfer/formats/row_source.h"

namespace kehai::platform {

std::unique_ptr<RowSource> make_xlsx_source(std::unique_ptr<ByteSource> bytes,
                                            const TableOptions& options);

}  // namespace kehai::platform
