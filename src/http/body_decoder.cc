#include "http/body_decoder.h"

#include <algorithm>

#include "http/encoding.h"

namespace kehai::http {
namespace {
constexpr std::uint32_t kMaxSizeDigits = 12;
constexpr std::uint32_t kMaxExtensionBytes = 1024;
}  // namespace

BodyDecoder::BodyDecoder(const Framing& framing, std::uint64_t limit) : limit_(limit) {
  if (framing.chunked) {
    step_ = Step::SizeStart;
  } else if (framing.content_length > limit) {
    refuse(413, "body_size");
  } else if (framing.content_length > 0) {
    step_ = Step::Length;
    left_ = framing.content_length;
  }
}

BodyDecoder::State BodyDecoder::refuse(int status, const char* reason) {
  refusal_ = {status, reason};
  return State::Refused;
}

BodyDecoder::State BodyDecoder::feed(std::string_view& input, std::string_view& payload) {
  payload = {};
  if (refusal_) return State::Refused;
  while (step_ != Step::Done) {
    if (input.empty()) return State::NeedMore;
    if (step_ == Step::Length || step_ == Step::Data) {
      const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
      payload = input.substr(0, taken);
      input.remove_prefix(taken);
      left_ -= taken;
      if (left_ == 0) step_ = step_ == Step::Length ? Step::Done : Step::DataReturn;
      return step_ == Step::Done ? State::Done : State::NeedMore;
    }
    const char c = input.front();
    input.remove_prefix(1);
    if (feed_line_byte(c) == State::Refused) return State::Refused;
  }
  return State::Done;
}

BodyDecoder::State BodyDecoder::feed_line_byte(char c) {
  switch (step_) {
    case Step::SizeStart:
    case Step::Size: {
      const int digit = hex_digit(c);
      if (digit >= 0) {
        if (++digits_ > kMaxSizeDigits) return refuse(400, "chunk_size");
        left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
        step_ = Step::Size;
        return State::NeedMore;
      }
      if (step_ == Step::SizeStart) return refuse(400, "chunk_size");
      if (c == '\r') {
        step_ = Step::SizeEnd;
      } else if (c == ';') {
        step_ = Step::Extension;
      } else {
        return refuse(400, "chunk_size");
      }
      return State::NeedMore;
    }
    case Step::Extension: {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '\r') {
        step_ = Step::SizeEnd;
        return State::NeedMore;
      }
      if ((byte < 0x20 && c != '\t') || byte == 0x7F) return refuse(400, "chunk_extension");
      if (++extension_bytes_ > kMaxExtensionBytes) return refuse(400, "chunk_extension");
      return State::NeedMore;
    }
    case Step::SizeEnd:
      return c == '\n' ? finish_size() : refuse(400, "chunk_size");
    case Step::DataReturn:
      if (c != '\r') return refuse(400, "chunk_end");
      step_ = Step::DataEnd;
      return State::NeedMore;
    case Step::DataEnd:
      if (c != '\n') return refuse(400, "chunk_end");
      step_ = Step::SizeStart;
      digits_ = 0;
      return State::NeedMore;
    case Step::LastReturn:
      if (c != '\r') return refuse(400, "trailer");
      step_ = Step::LastEnd;
      return State::NeedMore;
    case Step::LastEnd:
      if (c != '\n') return refuse(400, "trailer");
      step_ = Step::Done;
      return State::NeedMore;
    default:
      return refuse(400, "body");
  }
}

BodyDecoder::State BodyDecoder::finish_size() {
  if (left_ == 0) {
    step_ = Step::LastReturn;
    return State::NeedMore;
  }
  if (left_ > limit_ - total_) return refuse(413, "body_size");
  total_ += left_;
  step_ = Step::Data;
  return State::NeedMore;
}

}  // namespace kehai::http
