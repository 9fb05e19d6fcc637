#include "platform/transfer/formats/xml_stream.h"

#include <expat.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

#include "platform/transfer/formats/row_source.h"

namespace kehai::platform {

namespace {

constexpr int kChunk = 32 * 1024;
constexpr std::int64_t kLongestTag = 256 * 1024;
constexpr int kDepth = 64;

std::string_view local(const char* name) {
  const char* colon = std::strrchr(name, ':');
  return colon == nullptr ? name : colon + 1;
}

struct ParserFree {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

class Stream : public XmlStream {
 public:
  Stream(std::string part, XmlInput input, XmlHandler& handler)
      : part_(std::move(part)),
        input_(std::move(input)),
        handler_(handler),
        parser_(XML_ParserCreate(nullptr)) {
    if (!parser_) throw std::bad_alloc();
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), on_start, on_end);
    XML_SetCharacterDataHandler(parser_.get(), on_text);
    XML_SetStartDoctypeDeclHandler(parser_.get(), on_doctype);
    XML_SetParamEntityParsing(parser_.get(), XML_PARAM_ENTITY_PARSING_NEVER);
  }

  bool run() override {
    if (ended_) return false;
    XML_Status status = XML_STATUS_OK;
    if (paused_) {
      paused_ = false;
      status = XML_ResumeParser(parser_.get());
      check(status);
    }
    while (!paused_ && !ended_) {
      if (last_) {
        ended_ = true;
        break;
      }
      feed();
    }
    return !ended_;
  }

  void pause() override {
    if (paused_ || failure_) return;
    paused_ = true;
    XML_StopParser(parser_.get(), XML_TRUE);
  }

 private:
  void feed() {
    void* buffer = XML_GetBuffer(parser_.get(), kChunk);
    if (buffer == nullptr) throw broken(part_, "no memory");
    const std::size_t got = input_(static_cast<char*>(buffer), kChunk);
    last_ = got == 0;
    fed_ += static_cast<std::int64_t>(got);
    check(XML_ParseBuffer(parser_.get(), static_cast<int>(got), last_ ? 1 : 0));
    const std::int64_t waiting = fed_ - XML_GetCurrentByteIndex(parser_.get());
    if (!paused_ && !last_ && waiting > kLongestTag) throw broken(part_, "overlong tag");
  }

  void check(XML_Status status) {
    if (failure_) std::rethrow_exception(failure_);
    if (status == XML_STATUS_ERROR) {
      throw broken(part_, std::string(XML_ErrorString(XML_GetErrorCode(parser_.get()))) +
                              " in line " +
                              std::to_string(XML_GetCurrentLineNumber(parser_.get())));
    }
  }

  // Runs a handler; an exception must not cross the C library, so it waits until the parser has
  // returned.
  template <class Function>
  void guarded(Function function) {
    if (failure_) return;
    try {
      function();
    } catch (...) {
      failure_ = std::current_exception();
      XML_StopParser(parser_.get(), XML_FALSE);
    }
  }

  static void on_start(void* data, const char* name, const char** attributes) {
    auto* self = static_cast<Stream*>(data);
    self->guarded([&] {
      if (++self->depth_ > kDepth) throw broken(self->part_, "nested too deep");
      self->handler_.start(local(name), XmlAttributes(attributes));
    });
  }
  static void on_end(void* data, const char* name) {
    auto* self = static_cast<Stream*>(data);
    --self->depth_;
    self->guarded([&] { self->handler_.end(local(name)); });
  }
  static void on_text(void* data, const char* text, int length) {
    auto* self = static_cast<Stream*>(data);
    self->guarded(
        [&] { self->handler_.text(std::string_view(text, static_cast<std::size_t>(length))); });
  }
  static void on_doctype(void* data, const char*, const char*, const char*, int) {
    auto* self = static_cast<Stream*>(data);
    self->guarded([&] {
      throw base::Error(base::ErrorKind::Invalid, "import.dtd_refused", {{"part", self->part_}});
    });
  }

  std::string part_;
  XmlInput input_;
  XmlHandler& handler_;
  std::unique_ptr<XML_ParserStruct, ParserFree> parser_;
  std::exception_ptr failure_;
  std::int64_t fed_ = 0;
  int depth_ = 0;
  bool paused_ = false;
  bool last_ = false;
  bool ended_ = false;
};

}  // namespace

std::string_view XmlAttributes::get(std::string_view local_name) const {
  std::string_view value;
  for (const char** pair = pairs_; pair != nullptr && *pair != nullptr; pair += 2) {
    if (local(pair[0]) != local_name) continue;
    value = pair[1];
    if (std::strchr(pair[0], ':') != nullptr) break;
  }
  return value;
}

std::unique_ptr<XmlStream> make_xml_stream(std::string part, XmlInput input, XmlHandler& handler) {
  return std::make_unique<Stream>(std::move(part), std::move(input), handler);
}

void parse_xml(std::string part, std::string_view document, XmlHandler& handler) {
  std::size_t at = 0;
  const auto stream = make_xml_stream(
      std::move(part),
      [&](char* out, std::size_t count) {
        const std::size_t got = std::min(count, document.size() - at);
        std::memcpy(out, document.data() + at, got);
        at += got;
        return got;
      },
      handler);
  while (stream->run()) {
  }
}

}  // namespace kehai::platform
