#include "platform/transfer/formats/xlsx_workbook.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "platform/transfer/formats/row_source.h"
#include "platform/transfer/formats/xlsx_text.h"
#include "platform/transfer/formats/xml_stream.h"

namespace kehai::platform {

namespace {

constexpr std::size_t kMostStyles = 65'536;
constexpr std::size_t kMostSheets = 1024;

// Parts other than sheets have no reason to be large; the limit keeps a made-up one from wasting
// time.
constexpr std::uint64_t kLargestPart = 32u << 20;

void parse_part(ZipArchive& archive, const std::string& part, XmlHandler& handler,
                std::uint64_t limit = kLargestPart) {
  const std::unique_ptr<ZipStream> stream = archive.open(part);
  if (stream->size() > limit) throw too_large("part", limit, stream->size());
  const auto xml = make_xml_stream(
      part, [&](char* out, std::size_t count) { return stream->read(out, count); }, handler);
  while (xml->run()) {
  }
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

int to_int(std::string_view text, int fallback) {
  int value = fallback;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// --- relationships
// --------------------------------------------------------------------------------------------

struct Relationship {
  std::string type;    // the last part of the type's address: "worksheet", "sharedStrings" …
  std::string target;  // path inside the archive
};

class RelationshipsHandler : public XmlHandler {
 public:
  explicit RelationshipsHandler(std::string folder) : folder_(std::move(folder)) {}
  std::map<std::string, Relationship, std::less<>> found;

  void start(std::string_view name, const XmlAttributes& attributes) override {
    // What lies outside of the file is not looked at, ever.
    if (name != "Relationship" || attributes.get("TargetMode") == "External") return;
    std::string_view type = attributes.get("Type");
    type.remove_prefix(std::min(type.rfind('/') + 1, type.size()));
    std::string_view target = attributes.get("Target");
    if (found.size() > 10'000) throw broken(folder_, "too many relationships");
    std::string path = target.substr(0, 1) == "/" || target.substr(0, 1) == "\\"
                           ? std::string(target.substr(1))
                           : folder_ + std::string(target);
    found[std::string(attributes.get("Id"))] = {std::string(type), without_dots(path)};
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}

 private:
  // "xl/../xl/styles.xml" → "xl/styles.xml"
  static std::string without_dots(std::string path) {
    std::replace(path.begin(), path.end(), '\\', '/');
    for (;;) {
      const std::size_t dots = path.find("/../");
      if (dots == std::string::npos) return path;
      const std::size_t before = dots == 0 ? std::string::npos : path.rfind('/', dots - 1);
      path.erase(before == std::string::npos ? 0 : before + 1,
                 dots + 4 - (before == std::string::npos ? 0 : before + 1));
    }
  }

  std::string folder_;
};

// Relationships of `part`; none when it has no such file.
RelationshipsHandler relationships_of(ZipArchive& archive, const std::string& part) {
  const std::size_t slash = part.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : part.substr(0, slash + 1);
  const std::string name = slash == std::string::npos ? part : part.substr(slash + 1);
  RelationshipsHandler handler(folder);
  const std::string file = folder + "_rels/" + name + ".rels";
  if (archive.has(file)) parse_part(archive, file, handler);
  return handler;
}

// --- workbook.xml
// ---------------------------------------------------------------------------------------------

class WorkbookHandler : public XmlHandler {
 public:
  WorkbookHandler(Workbook& workbook, const RelationshipsHandler& relationships)
      : workbook_(workbook), relationships_(relationships) {}

  void start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "workbookPr") {
      const std::string_view value = attributes.get("date1904");
      workbook_.date_1904 = value == "1" || value == "true";
    } else if (name == "sheet") {
      if (workbook_.sheets.size() >= kMostSheets) throw broken("workbook", "too many sheets");
      const auto found = relationships_.found.find(attributes.get("id"));
      if (found == relationships_.found.end() || found->second.type != "worksheet") return;
      const std::string_view state = attributes.get("state");
      workbook_.sheets.push_back({std::string(attributes.get("name")), found->second.target,
                                  state == "hidden" || state == "veryHidden"});
    }
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}

 private:
  Workbook& workbook_;
  const RelationshipsHandler& relationships_;
};

[[noreturn]] void refuse(const char* code, const char* format) {
  throw base::Error(base::ErrorKind::Invalid, code, {{"format", format}});
}

// Path of the workbook, or the Error that names what this archive is instead.
std::string find_workbook(ZipArchive& archive) {
  for (const auto& [id, relationship] : relationships_of(archive, "").found) {
    if (relationship.type != "officeDocument") continue;
    const std::string& target = relationship.target;
    if (target.rfind("word/", 0) == 0) refuse("import.not_a_table", "docx");
    if (target.rfind("ppt/", 0) == 0) refuse("import.not_a_table", "pptx");
    if (ends_with(target, ".bin")) refuse("import.format_not_supported", "xlsb");
    if (archive.has(target)) return target;
  }
  if (archive.has("xl/workbook.xml")) return "xl/workbook.xml";
  if (archive.has("xl/workbook.bin")) refuse("import.format_not_supported", "xlsb");
  if (archive.has("mimetype") && archive.has("content.xml"))
    refuse("import.format_not_supported", "ods");
  if (archive.has("Index/Document.iwa")) refuse("import.format_not_supported", "numbers");
  if (archive.has("word/document.xml")) refuse("import.not_a_table", "docx");
  if (archive.has("[Content_Types].xml")) throw broken("xl/workbook.xml", "missing part");
  refuse("import.binary_file", "zip");
}

}  // namespace

// --- shared strings
// -------------------------------------------------------------------------------------------

class SharedStringsHandler : public XmlHandler {
 public:
  SharedStringsHandler(SharedStrings& strings, const TableLimits& limits)
      : strings_(strings), limits_(limits) {}

  void start(std::string_view name, const XmlAttributes&) override {
    if (name == "si")
      current_.clear();
    else if (name == "t")
      inside_ = !phonetic_;
    else if (name == "rPh")
      phonetic_ = true;
  }
  void end(std::string_view name) override {
    if (name == "t")
      inside_ = false;
    else if (name == "rPh")
      phonetic_ = false;
    else if (name == "si")
      add();
  }
  void text(std::string_view text) override {
    if (!inside_) return;
    if (current_.size() + text.size() > limits_.cell_bytes) {
      throw row_error("import.cell_too_long", limits_.cell_bytes, 0);
    }
    current_ += text;
  }

 private:
  void add() {
    decode_xlsx_escapes(current_);
    strings_.block_ += current_;
    strings_.ends_.push_back(static_cast<std::uint32_t>(strings_.block_.size()));
    const std::uint64_t used =
        strings_.block_.size() + strings_.ends_.size() * sizeof(std::uint32_t);
    if (used > limits_.shared_string_bytes) {
      throw too_large("shared_strings", limits_.shared_string_bytes, used);
    }
  }

  SharedStrings& strings_;
  const TableLimits& limits_;
  std::string current_;
  bool inside_ = false;
  bool phonetic_ = false;
};

void SharedStrings::load(ZipArchive& archive, const std::string& part, const TableLimits& limits) {
  if (part.empty() || !archive.has(part)) return;
  SharedStringsHandler handler(*this, limits);
  // Tags and formatting of a string may be longer than the string.
  parse_part(archive, part, handler, limits.shared_string_bytes * 4);
}

std::string_view SharedStrings::get(std::size_t index) const {
  const std::size_t from = index == 0 ? 0 : ends_[index - 1];
  return std::string_view(block_).substr(from, ends_[index] - from);
}

// --- styles
// ---------------------------------------------------------------------------------------------------

class StylesHandler : public XmlHandler {
 public:
  explicit StylesHandler(CellStyles& styles) : styles_(styles) {}

  void start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "numFmt") {
      const int id = to_int(attributes.get("numFmtId"), 0);
      if (codes_.size() < kMostStyles)
        codes_[id] = std::string(attributes.get("formatCode").substr(0, 255));
    } else if (name == "cellXfs") {
      inside_ = true;
    } else if (name == "xf" && inside_ && styles_.style_format_.size() < kMostStyles) {
      styles_.style_format_.push_back(format_index(to_int(attributes.get("numFmtId"), 0)));
    }
  }
  void end(std::string_view name) override {
    if (name == "cellXfs") inside_ = false;
  }
  void text(std::string_view) override {}

 private:
  std::uint32_t format_index(int id) {
    const auto known = indexes_.find(id);
    if (known != indexes_.end()) return known->second;
    const auto code = codes_.find(id);
    const auto index = static_cast<std::uint32_t>(styles_.formats_.size());
    const std::string_view text =
        code != codes_.end() ? std::string_view(code->second) : builtin_number_format(id);
    styles_.formats_.push_back(text.empty() ? NumberFormat() : NumberFormat(text));
    indexes_[id] = index;
    return index;
  }

  CellStyles& styles_;
  std::map<int, std::string> codes_;
  std::map<int, std::uint32_t> indexes_;
  bool inside_ = false;
};

void CellStyles::load(ZipArchive& archive, const std::string& part) {
  if (part.empty() || !archive.has(part)) return;
  StylesHandler handler(*this);
  parse_part(archive, part, handler);
}

const NumberFormat& CellStyles::format(std::size_t style) const {
  return style < style_format_.size() ? formats_[style_format_[style]] : general_;
}

// --- workbook
// -------------------------------------------------------------------------------------------------

Workbook read_workbook(ZipArchive& archive) {
  const std::string part = find_workbook(archive);
  const RelationshipsHandler relationships = relationships_of(archive, part);
  Workbook workbook;
  for (const auto& [id, relationship] : relationships.found) {
    if (relationship.type == "sharedStrings") workbook.shared_strings_part = relationship.target;
    if (relationship.type == "styles") workbook.styles_part = relationship.target;
  }
  WorkbookHandler handler(workbook, relationships);
  parse_part(archive, part, handler);
  if (workbook.sheets.empty()) throw broken(part, "no sheet");
  return workbook;
}

}  // namespace kehai::platform
