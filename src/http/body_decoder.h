// Takes the body of one request out of the byte stream, by length or by chunks, within a limit.
//
// Chunk sizes are plain hexadecimal digits; extensions are skipped up to 1 KiB per body; trailer
// fields are refused (they could smuggle what a header may not say). The verdict never depends on
// how the bytes were split. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/request_head.h"

namespace kehai::http {

class BodyDecoder {
 public:
  enum class State { NeedMore, Done, Refused };

  BodyDecoder() = default;
  BodyDecoder(const Framing& framing, std::uint64_t limit);

  // Takes as much of `input` as it can (removing it from the view); `payload` gets the next piece
  // of the body, which may be empty. Call again while NeedMore and `input` is not empty.
  State feed(std::string_view& input, std::string_view& payload);
  Refusal refusal() const { return refusal_; }

 private:
  enum class Step {
    Length,
    SizeStart,
    Size,
    Extension,
    SizeEnd,
    Data,
    DataReturn,
    DataEnd,
    LastReturn,
    LastEnd,
    Done
  };

  State refuse(int status, const char* reason);
  State feed_line_byte(char c);
  State finish_size();

  Step step_ = Step::Done;
  std::uint64_t left_ = 0;  // bytes of the length or of the current chunk that are still to come
  std::uint64_t limit_ = 0;
  std::uint64_t total_ = 0;
  std::uint32_t digits_ = 0;
  std::uint32_t extension_bytes_ = 0;
  Refusal refusal_;
};

}  // namespace kehai::http
