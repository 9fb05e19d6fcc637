#include "http/multipart.h"

#include <algorithm>

#include "base/error.h"
#include "http/encoding.h"
#include "http/fields.h"

namespace kehai::http {
namespace {

constexpr std::size_t kMaxParts = 64;
constexpr std::size_t kMaxFields = 4096;
constexpr std::size_t kBlock = 65'536;

[[noreturn]] void refuse(const char* reason) {
  throw base::Error(base::ErrorKind::Invalid, "http.multipart", {{"reason", reason}});
}

// Value of name="…" as browsers and curl write it: %22, %0D, %0A or \" and \\ stand for themselves.
bool disposition_value(std::string_view field, std::string_view name, std::string& value) {
  const std::string wanted = std::string(name) + "=\"";
  std::size_t at = 0;
  while (true) {
    at = field.find(wanted, at);
    if (at == std::string_view::npos) return false;
    // Only after "; ", so that filename="…" is not found for name.
    const char before = at == 0 ? ' ' : field[at - 1];
    if (before == ' ' || before == ';') break;
    at += wanted.size();
  }
  value.clear();
  for (std::size_t i = at + wanted.size(); i < field.size(); ++i) {
    const char next = i + 1 < field.size() ? field[i + 1] : '\0';
    if (field[i] == '"') return true;
    if (field[i] == '\\' && (next == '"' || next == '\\')) {
      value += next;
      ++i;
    } else if (field.substr(i, 3) == "%22") {
      value += '"';
      i += 2;
    } else {
      value += field[i];
    }
  }
  return false;
}

bool is_clean_text(std::string_view text) {
  return is_valid_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
         });
}

}  // namespace

MultipartReader::MultipartReader(std::string_view boundary)
    : delimiter_("\r\n--" + std::string(boundary)) {
  if (boundary.empty() || boundary.size() > 70 || !is_clean_text(boundary)) refuse("boundary");
}

void MultipartReader::drop(std::size_t bytes) {
  buffer_.erase(0, bytes);
  position_ += bytes;
}

void MultipartReader::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view block = bytes.substr(0, kBlock);
    bytes.remove_prefix(block.size());
    buffer_ += block;
    while (step()) {
    }
  }
}

// Handles what the buffer holds; false when more bytes are needed.
bool MultipartReader::step() {
  switch (state_) {
    case State::Delimiter: {
      // Before the first one the line break is missing.
      const std::string_view wanted = std::string_view(delimiter_).substr(first_ ? 2 : 0);
      if (buffer_.size() < wanted.size() + 2) return false;
      if (buffer_.compare(0, wanted.size(), wanted) != 0) refuse("boundary");
      const std::string_view after = std::string_view(buffer_).substr(wanted.size(), 2);
      if (after == "--") {
        state_ = State::Epilogue;
      } else if (after == "\r\n") {
        state_ = State::Fields;
      } else {
        refuse("boundary");
      }
      first_ = false;
      drop(wanted.size() + 2);
      return true;
    }
    case State::Fields: {
      const std::size_t end = buffer_.find("\r\n\r\n");
      if (std::min(end, buffer_.size()) > kMaxFields) refuse("fields");
      if (end == std::string::npos) return false;
      if (parts_.size() == kMaxParts) refuse("parts");
      parse_fields(std::string_view(buffer_).substr(0, end));
      drop(end + 4);
      parts_.back().offset = position_;
      state_ = State::Content;
      return true;
    }
    case State::Content: {
      const std::size_t end = buffer_.find(delimiter_);
      const std::size_t content = end != std::string::npos ? end
                                  : buffer_.size() >= delimiter_.size()
                                      ? buffer_.size() - delimiter_.size() + 1
                                      : 0;
      parts_.back().size += content;
      drop(content);
      if (end == std::string::npos) return false;
      state_ = State::Delimiter;
      return true;
    }
    default:
      drop(buffer_.size());
      return false;
  }
}

void MultipartReader::parse_fields(std::string_view fields) {
  Part part;
  bool named = false;
  while (!fields.empty()) {
    const std::size_t end = fields.find("\r\n");
    const std::string_view line = fields.substr(0, end);
    fields = end == std::string_view::npos ? std::string_view() : fields.substr(end + 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) refuse("fields");
    const std::string name = to_lower_ascii(line.substr(0, colon));
    const std::string_view value = trim_blanks(line.substr(colon + 1));
    if (!is_clean_text(value)) refuse("fields");
    if (name == "content-type") part.content_type = value;
    if (name != "content-disposition") continue;
    if (named || media_type(value) != "form-data" || !disposition_value(value, "name", part.name)) {
      refuse("disposition");
    }
    named = true;
    disposition_value(value, "filename", part.file_name);
    const std::size_t separator = part.file_name.find_last_of("/\\");
    if (separator != std::string::npos) part.file_name.erase(0, separator + 1);
  }
  if (!named) refuse("disposition");
  parts_.push_back(std::move(part));
}

std::vector<Part> MultipartReader::finish() {
  if (state_ != State::Epilogue) refuse("end");
  return std::move(parts_);
}

std::vector<Part> read_multipart(const Request& request) {
  const std::string_view type = request.header("content-type");
  if (media_type(type) != "multipart/form-data") refuse("content_type");
  MultipartReader reader(media_parameter(type, "boundary"));
  read_body(request, [&](std::string_view block) { reader.feed(block); });
  return reader.finish();
}

const Part* find_part(const std::vector<Part>& parts, std::string_view name) {
  const auto found =
      std::find_if(parts.begin(), parts.end(), [&](const Part& part) { return part.name == name; });
  return found == parts.end() ? nullptr : &*found;
}

std::string part_text(const Request& request, const Part& part, std::uint64_t limit) {
  if (part.size > limit)
    throw base::Error(base::ErrorKind::TooLarge, "http.part_size", {{"name", part.name}});
  std::string text;
  text.reserve(part.size);
  read_part(request, part, [&](std::string_view block) { text += block; });
  return text;
}

void read_part(const Request& request, const Part& part,
               const std::function<void(std::string_view)>& block) {
  std::string buffer;
  for (std::uint64_t done = 0; done < part.size;) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(part.size - done, kBlock));
    if (request.body_file) {
      buffer.resize(size);
      if (request.body_file->read(part.offset + done, buffer.data(), size) != size) {
        throw base::Error(base::ErrorKind::Unavailable, "http.spool");
      }
      block(buffer);
    } else {
      block(std::string_view(request.body).substr(part.offset + done, size));
    }
    done += size;
  }
}

std::uint64_t body_size(const Request& request) {
  return request.body_file ? request.body_file->size() : request.body.size();
}

void read_body(const Request& request, const std::function<void(std::string_view)>& block) {
  Part whole;
  whole.size = body_size(request);
  read_part(request, whole, block);
}

}  // namespace kehai::http
