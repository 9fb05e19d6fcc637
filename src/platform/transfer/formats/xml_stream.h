// Streaming XML that refuses what a spreadsheet never needs: a DOCTYPE in any encoding, tags larger
// than 256 KB, deep nesting. No external entity is ever looked at.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace kehai::platform {

// Attributes of one start tag. Names are given without their namespace prefix.
class XmlAttributes {
 public:
  explicit XmlAttributes(const char** pairs) : pairs_(pairs) {}
  // "" when absent. With several attributes of the local name, the prefixed one wins (r:id before
  // id).
  std::string_view get(std::string_view local_name) const;

 private:
  const char** pairs_;
};

class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual void start(std::string_view name, const XmlAttributes& attributes) = 0;
  virtual void end(std::string_view name) = 0;
  virtual void text(std::string_view text) = 0;
};

class XmlStream {
 public:
  virtual ~XmlStream() = default;
  // Reads on until the handler calls pause() or the document ends; false when it has ended.
  // Throws Error "import.file_broken" or "import.dtd_refused", and what the handler throws.
  virtual bool run() = 0;
  // Called by the handler: run() returns once this tag is done.
  virtual void pause() = 0;
};

// Gives the next piece of the document; 0 at its end.
using XmlInput = std::function<std::size_t(char* out, std::size_t count)>;

// `part` names the document in errors. `handler` must outlive the stream.
std::unique_ptr<XmlStream> make_xml_stream(std::string part, XmlInput input, XmlHandler& handler);

// A whole document in memory.
void parse_xml(std::string part, std::string_view document, XmlHandler& handler);

}  // namespace kehai::platform
