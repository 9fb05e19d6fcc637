// multipart/form-data (RFC 7578): finds the parts of a request body without copying them, in memory
// or in a file.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace kehai::http {

struct Part {
  std::string name;
  std::string file_name;  // last segment only; "" = not a file
  std::string content_type;
  std::uint64_t offset = 0;  // of the content in the body
  std::uint64_t size = 0;
};

// Incremental and strict: nothing before the first boundary, at most 64 parts, 4 KiB of fields per
// part. The result never depends on how the bytes were split. Throws Error Invalid "http.multipart"
// {reason}.
class MultipartReader {
 public:
  explicit MultipartReader(std::string_view boundary);
  void feed(std::string_view bytes);
  // The parts, when the closing boundary was read.
  std::vector<Part> finish();

 private:
  enum class State { Delimiter, Fields, Content, Epilogue };
  bool step();
  void parse_fields(std::string_view fields);
  void drop(std::size_t bytes);

  std::string delimiter_;
  std::string buffer_;
  std::uint64_t position_ = 0;  // of buffer_ in the body
  State state_ = State::Delimiter;
  bool first_ = true;
  std::vector<Part> parts_;
};

// Parts of the request. Throws Error Invalid "http.multipart" when it is not a form or is broken.
std::vector<Part> read_multipart(const Request& request);
const Part* find_part(const std::vector<Part>& parts, std::string_view name);
// Content of a part as text. Throws Error TooLarge "http.part_size" above `limit` bytes.
std::string part_text(const Request& request, const Part& part, std::uint64_t limit = 1U << 20U);
// Hands out the content in blocks of at most 64 KiB, in order.
void read_part(const Request& request, const Part& part,
               const std::function<void(std::string_view)>& block);

// The same for a whole body, wherever it is.
std::uint64_t body_size(const Request& request);
void read_body(const Request& request, const std::function<void(std::string_view)>& block);

}  // namespace kehai::http
