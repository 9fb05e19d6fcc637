#include "platform/transfer/formats/xls_source.h"

namespace kehai::platform {

std::unique_ptr<RowSource> make_xls_source(std::unique_ptr<ByteSource>, const TableOptions&) {
  throw base::Error(base::ErrorKind::Invalid, "import.format_not_supported", {{"format", "xls"}});
}

}  // namespace kehai::platform
