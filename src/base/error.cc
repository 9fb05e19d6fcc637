#include "base/error.h"

namespace kehai::base {

Error Error::fields(std::vector<FieldError> errors) {
  Error error(ErrorKind::Unprocessable, "record.invalid");
  error.field_errors_ = std::move(errors);
  return error;
}

}  // namespace kehai::base
