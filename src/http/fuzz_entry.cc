#include "http/fuzz_entry.h"

#include <stdexcept>

#include "base/error.h"
#include "base/language.h"
#include "http/body_decoder.h"
#include "http/encoding.h"
#include "http/fields.h"
#include "http/multipart.h"
#include "http/request_head.h"

namespace kehai::http {

namespace {

void require(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

// No path that reaches the router may mean two things.
void require_canonical(const Request& request) {
  const std::string& path = request.path;
  if (path == "*") return;
  require(!path.empty() && path.front() == '/', "a path begins with a slash");
  require(path.find('\0') == std::string::npos && path.find('\\') == std::string::npos,
          "no NUL, no backslash in a path");
  require((path + "/").find("/../") == std::string::npos &&
              (path + "/").find("/./") == std::string::npos,
          "no dot segments");
  require(path.find("//") == std::string::npos, "no empty segments");
  require(is_valid_utf8(path), "a path is UTF-8");
  for (const auto& [name, value] : request.query) {
    require(is_valid_utf8(name) && is_valid_utf8(value), "a query is UTF-8");
  }
}

// What a server would do with the stream, as text: each request that it understood, then why it
// stopped.
class Reader {
 public:
  void feed(std::string_view piece) {
    buffer_ += piece;
    while (!stopped_ && step()) {
    }
  }
  const std::string& log() const { return log_; }

 private:
  bool step() {
    if (in_body_) return step_body();
    switch (scanner_.scan(buffer_)) {
      case HeadScanner::State::NeedMore:
        return false;
      case HeadScanner::State::Refused:
        return stop(scanner_.refusal());
      default:
        break;
    }
    Request request;
    Framing framing;
    const Refusal refusal = parse_head(std::string_view(buffer_).substr(0, scanner_.length()),
                                       HeadRules{}, request, framing);
    buffer_.erase(0, scanner_.length());
    scanner_.reset();
    if (refusal) return stop(refusal);
    require_canonical(request);
    log_ += request.method + " " + request.path + "(";
    decoder_ = BodyDecoder(framing, 1000);
    if (decoder_.refusal()) return stop(decoder_.refusal());
    in_body_ = framing.has_body();
    if (!in_body_) log_ += ")";
    return true;
  }

  bool step_body() {
    std::string_view rest = buffer_;
    std::string_view payload;
    const auto state = decoder_.feed(rest, payload);
    log_ += payload;
    const bool progress = rest.size() < buffer_.size();
    buffer_.erase(0, buffer_.size() - rest.size());
    if (state == BodyDecoder::State::Refused) return stop(decoder_.refusal());
    if (state == BodyDecoder::State::Done) {
      in_body_ = false;
      log_ += ")";
      return true;
    }
    return progress && !buffer_.empty();
  }

  bool stop(Refusal refusal) {
    stopped_ = true;
    log_ += " " + std::to_string(refusal.status) + " " + refusal.reason;
    return false;
  }

  std::string buffer_;
  std::string log_;
  HeadScanner scanner_{HeadLimits{200, 300, 8}};
  BodyDecoder decoder_;
  bool in_body_ = false;
  bool stopped_ = false;
};

}  // namespace

std::string stream_verdict(std::string_view stream, const std::vector<std::size_t>& cuts) {
  Reader reader;
  std::size_t from = 0;
  for (std::size_t cut : cuts) {
    reader.feed(stream.substr(from, cut - from));
    from = cut;
  }
  reader.feed(stream.substr(from));
  return reader.log();
}

void fuzz_stream(std::string_view bytes) {
  const std::string whole = stream_verdict(bytes, {});
  std::vector<std::size_t> each(bytes.size());
  for (std::size_t i = 0; i < each.size(); ++i) each[i] = i;
  require(stream_verdict(bytes, each) == whole, "byte by byte gives another verdict");
  require(stream_verdict(bytes, {bytes.size() / 2}) == whole, "two halves give another verdict");
}

void fuzz_fields(std::string_view bytes) {
  Request request;
  request.headers = {{"cookie", std::string(bytes)}, {"authorization", std::string(bytes)}};
  cookie(request, "session");
  bearer_token(request);
  basic_credentials(request);
  media_type(bytes);
  media_parameter(bytes, "boundary");
  require(weighted_list(bytes).size() <= 32, "a list of at most 32 items");
  choose_language(bytes, base::Language::English);
  accepts(bytes, "text/html");
  if (const auto tags = parse_entity_tags(bytes))
    require(tags->tags.size() <= 64, "at most 64 entity tags");
  base64_decode(bytes);
  for (const unsigned char c : content_disposition(std::string(bytes)))
    require(c >= 0x20 && c < 0x7f, "a header of ASCII");
  if (const auto query = parse_query(bytes)) {
    std::string text;
    for (const auto& [name, value] : *query)
      text += percent_encode(name) + "=" + percent_encode(value) + "&";
    require(parse_query(text) == query, "a query comes back the same");
  }
  if (const auto path = canonical_path(bytes)) {
    require(canonical_path(percent_encode(*path, true)) == path, "a path comes back the same");
  }
}

void fuzz_form(std::string_view bytes) {
  const auto read = [&](std::size_t cut) -> std::string {
    try {
      MultipartReader reader("XX");
      reader.feed(bytes.substr(0, cut));
      reader.feed(bytes.substr(cut));
      std::string text;
      for (const Part& part : reader.finish()) {
        require(part.offset <= bytes.size() && part.size <= bytes.size() - part.offset,
                "a part lies inside the form");
        require(part.file_name.find_first_of("/\\") == std::string::npos, "a file name is no path");
        text += part.name + "|" + part.file_name + "|" + part.content_type + "|" +
                std::string(bytes.substr(part.offset, part.size)) + "\n";
      }
      return text;
    } catch (const base::Error& error) {
      return "refused " + error.params().at("reason");
    }
  };
  const std::string whole = read(0);
  require(read(bytes.size() / 2) == whole && read(bytes.size() / 3) == whole,
          "a split form gives other parts");
}

}  // namespace kehai::http
