// Files made to hurt: refused or harmless, fast, and within bounded memory.
#include <doctest/doctest.h>

#include <ctime>
#include <string>

#include "platform/transfer/formats/formats_test_support.h"
#include "platform/transfer/formats/fuzz_entry.h"
#include "platform/transfer/formats/table_reader.h"
#include "platform/transfer/formats/xml_stream.h"

using namespace kehai::platform;
using namespace kehai::platform::test;

namespace {

constexpr std::int64_t kMemoryBound = 64 * 1024 * kMemoryFactor;  // KiB

class Ignore : public XmlHandler {
 public:
  void start(std::string_view, const XmlAttributes&) override {}
  void end(std::string_view) override {}
  void text(std::string_view) override {}
};

std::string xml_outcome(const std::string& document) {
  try {
    Ignore handler;
    parse_xml("test", document, handler);
  } catch (const kehai::base::Error& error) {
    return error.code();
  }
  return "";
}

struct Measured {
  std::string code;
  std::int64_t rows = 0;
  std::int64_t milliseconds = 0;  // of processor time: the machine may be busy with other things
  std::int64_t memory = 0;        // KiB
};

Measured measure(const std::filesystem::path& path, const TableOptions& options = {}) {
  const MemoryGauge gauge;
  const std::clock_t start = std::clock();
  Measured measured;
  std::tie(measured.code, measured.rows) = outcome(path, options);
  measured.milliseconds = static_cast<std::int64_t>(std::clock() - start) * 1000 / CLOCKS_PER_SEC;
  measured.memory = gauge.growth();
  return measured;
}

void check_bounds(const Measured& measured) {
  CHECK(measured.milliseconds < 2000);
  CHECK(measured.memory < kMemoryBound);
}

std::string inline_row(int number) {
  return "<row r=\"" + std::to_string(number) + "\"><c t=\"inlineStr\"><is><t>x</t></is></c></row>";
}

}  // namespace

TEST_CASE("hostile: the gauge of these tests sees memory") {
  const MemoryGauge gauge;
  std::string block(100u << 20, 'x');
  CHECK(block[block.size() / 2] == 'x');
  CHECK(gauge.growth() > 90 * 1024);
}

TEST_CASE("hostile: the collected workbooks are refused with the right code") {
  KEHAI_NEED_DATA(data);
  const std::filesystem::path folder = data / "hostile/xlsx";
  const std::pair<const char*, const char*> files[] = {
      {"poc-xmlbomb.xlsx", "import.dtd_refused"},
      {"poc-xmlbomb-empty.xlsx", "import.dtd_refused"},
      {"utf8entity.xlsx", "import.dtd_refused"},
      {"utf16entity.xlsx", "import.file_broken"},
      {"utf8and16.entity.xlsx", "import.file_broken"},
      {"poc-shared-strings.xlsx", "import.file_broken"},
      {"xlsx-corrupted.xlsx", "import.file_broken"},
      {"protected_passtika.xlsx", "import.file_encrypted"},
      {"link-external-workbook-a.xlsx", ""},
      {"xxe_in_schema.xlsx", ""},
  };
  for (const auto& [file, code] : files) {
    CAPTURE(std::string(file));
    const Measured measured = measure(folder / file);
    CHECK(measured.code == code);
    check_bounds(measured);
  }
  int fuzzed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "fuzz")) {
    CAPTURE(entry.path().filename().string());
    const Measured measured = measure(entry.path());
    CHECK(measured.code == "import.file_broken");
    check_bounds(measured);
    ++fuzzed;
  }
  CHECK(fuzzed == 13);
}

TEST_CASE("hostile: a DOCTYPE is refused in every disguise") {
  KEHAI_NEED_DATA(data);
  int refused = 0, accepted = 0;
  for (const auto& entry : std::filesystem::directory_iterator(data / "hostile/xml")) {
    const std::string name = entry.path().filename().string();
    const std::string code = xml_outcome(read_file(entry.path()));
    CAPTURE(name);
    const bool valid = name.find("TestValid") != std::string::npos || name == "simple.xml" ||
                       name == "simple-ns.xml";
    // This one of PhpSpreadsheet only gets its DOCTYPE from a callback of theirs.
    if (name == "phpspreadsheet_SecurityScannerWithCallbackExample.xml") continue;
    if (valid) {
      // Some "valid" samples lie about their encoding; they may fail to parse, but not for a
      // DOCTYPE.
      CHECK(code != "import.dtd_refused");
      accepted += code.empty() ? 1 : 0;
    } else {
      CHECK(code != "");
      ++refused;
    }
  }
  CHECK(refused >= 16);
  CHECK(accepted >= 4);
  for (const char* document :
       {"<!DOCTYPE x><x/>", "<?xml version='1.0'?><!DOCTYPE x SYSTEM 'http://127.0.0.1/'><x/>",
        "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>"}) {
    CHECK(xml_outcome(document) == "import.dtd_refused");
    std::string wide = "\xFF\xFE";
    for (const char* c = document; *c != '\0'; ++c) wide += {*c, '\0'};
    CHECK(xml_outcome(wide) == "import.dtd_refused");
  }
  CHECK(xml_outcome("<x a=\"" + std::string(400'000, 'y') + "\"/>") == "import.file_broken");
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "<x>";
  CHECK(xml_outcome(deep) == "import.file_broken");
  CHECK(xml_outcome("<x>" + std::string(3'000'000, 'y') + "</x>") == "");
}

TEST_CASE("hostile: a gigabyte of zeros in a megabyte is refused before it is unpacked") {
  const TemporaryFolder folder;
  Parts parts = workbook_parts("");
  parts.back().second = "<worksheet><sheetData>";
  write_zip(folder / "bomb.xlsx", parts, (1ull << 30) - (1 << 20));
  CHECK(std::filesystem::file_size(folder / "bomb.xlsx") < 8u << 20);
  const Measured bomb = measure(folder / "bomb.xlsx");
  std::printf("zip bomb: %s after %lld ms, %lld KiB\n", bomb.code.c_str(),
              static_cast<long long>(bomb.milliseconds), static_cast<long long>(bomb.memory));
  CHECK(bomb.code == "import.file_too_large");
  check_bounds(bomb);
  // Without the limits of ratio and size it still cannot hurt: zeros are no XML.
  TableOptions careless;
  careless.limits.compression_ratio = 1'000'000;
  const Measured unlimited = measure(folder / "bomb.xlsx", careless);
  CHECK(unlimited.code == "import.file_broken");
  check_bounds(unlimited);
}

TEST_CASE("hostile: the archive lies") {
  // Two parts of one name, also when only the case differs.
  Parts twice = workbook_parts("<sheetData>" + inline_row(1) + "</sheetData>");
  twice.push_back({"XL/Workbook.xml", "<workbook/>"});
  CHECK(code_of_bytes(zip_bytes(twice)) == "import.file_broken");
  // Sizes in the directory that are not true.
  std::string bytes = zip_bytes(workbook_parts("<sheetData>" + inline_row(1) + "</sheetData>"));
  CHECK(code_of_bytes(bytes) == "");
  std::string lying = bytes;
  for (std::size_t at = lying.find("PK\x01\x02"); at != std::string::npos;
       at = lying.find("PK\x01\x02", at + 4)) {
    lying[at + 24] = static_cast<char>(lying[at + 24] + 5);
  }
  CHECK(code_of_bytes(lying) == "import.file_broken");
  // A flipped bit, a cut file.
  std::string flipped = bytes;
  flipped[bytes.find("sheet1.xml") + 40] ^= 0x10;
  CHECK(code_of_bytes(flipped) == "import.file_broken");
  CHECK(code_of_bytes(bytes.substr(0, bytes.size() - 30)) == "import.file_broken");
  TableOptions few;
  few.limits.archive_entries = 3;
  CHECK(code_of_bytes(bytes, few) == "import.file_too_large");
  // The mark of an encrypted entry.
  std::string secret = bytes;
  for (std::size_t at = secret.find("PK\x01\x02"); at != std::string::npos;
       at = secret.find("PK\x01\x02", at + 4)) {
    secret[at + 8] |= 1;
  }
  CHECK(code_of_bytes(secret) == "import.file_encrypted");
}

TEST_CASE("hostile: rows and columns beyond any sheet") {
  const auto code = [](const std::string& data) {
    return code_of_bytes(zip_bytes(workbook_parts("<sheetData>" + data + "</sheetData>")));
  };
  CHECK(code("<row r=\"999999999\"><c r=\"A999999999\"><v>1</v></c></row>") ==
        "import.file_broken");
  CHECK(code("<row r=\"-1\"><c><v>1</v></c></row>") == "import.file_broken");
  CHECK(code(inline_row(2) + inline_row(2)) == "import.file_broken");
  CHECK(code("<row r=\"1\"><c r=\"ZZZZ1\"><v>1</v></c></row>") == "import.file_broken");
  CHECK(code("<row r=\"1\"><c r=\"B1\"><v>1</v></c><c r=\"A1\"><v>1</v></c></row>") ==
        "import.file_broken");
  CHECK(code("<row r=\"1\"><c t=\"s\"><v>7</v></c></row>") == "import.file_broken");
  CHECK(code("<row r=\"1\"><c t=\"s\"><v>-1</v></c></row>") == "import.file_broken");
  CHECK(code("<row r=\"1\"><c r=\"XFD1\"><v>1</v></c></row>") == "");
  CHECK(code(inline_row(1048576)) == "");
}

TEST_CASE("hostile: blank rows without end, parts without sense") {
  const TemporaryFolder folder;
  Parts parts = workbook_parts("<sheetData>");
  std::string blanks;
  while (blanks.size() < 110u << 20) blanks.append(1 << 20, ' ');
  parts.back().second =
      "<worksheet><sheetData>" + blanks + inline_row(1) + "</sheetData></worksheet>";
  write_zip(folder / "blank.xlsx", parts);
  TableOptions careless;
  careless.limits.compression_ratio = 1'000'000;
  const Measured blank = measure(folder / "blank.xlsx", careless);
  CHECK(blank.code == "import.file_broken");
  check_bounds(blank);
  parts = workbook_parts("<sheetData>" + inline_row(1) + "</sheetData>");
  parts[5].second = "<styleSheet>" + blanks.substr(0, 40u << 20) + "</styleSheet>";
  write_zip(folder / "styles.xlsx", parts);
  CHECK(measure(folder / "styles.xlsx", careless).code == "import.file_too_large");
}

TEST_CASE("hostile: one long shared string in every cell of wide rows") {
  const TemporaryFolder folder;
  std::string rows;
  for (int row = 1; row <= 40; ++row) {
    rows += "<row>";
    for (int i = 0; i < 16384; ++i) rows += "<c t=\"s\"><v>0</v></c>";
    rows += "</row>";
  }
  write_zip(folder / "wide.xlsx",
            workbook_parts("<sheetData>" + rows + "</sheetData>",
                           "<si><t>" + std::string(32'000, 'f') + "</t></si>"));
  CHECK(measure(folder / "wide.xlsx").code ==
        "import.file_too_large");  // already by its compression
  TableOptions careless;
  careless.limits.compression_ratio = 1'000'000;
  const Measured wide = measure(folder / "wide.xlsx", careless);
  CHECK(wide.code == "import.row_too_large");
  check_bounds(wide);
  // Many strings: capped.
  std::string strings;
  for (int i = 0; i < 3000; ++i) strings += "<si><t>" + std::string(1000, 'g') + "</t></si>";
  TableOptions options;
  options.limits.shared_string_bytes = 1 << 20;
  write_zip(folder / "many.xlsx",
            workbook_parts("<sheetData>" + inline_row(1) + "</sheetData>", strings));
  CHECK(measure(folder / "many.xlsx", options).code == "import.file_too_large");
  CHECK(measure(folder / "many.xlsx").code == "");
}

TEST_CASE("hostile: formulas in a CSV are texts") {
  KEHAI_NEED_DATA(data);
  TableOptions options;
  options.delimiter = "none";
  options.header_row = 0;
  const auto reader = open_table(data / "hostile/csv/csv-injection-payloads.txt", options);
  std::vector<Cell> cells;
  int rows = 0;
  while (reader->next_row(cells)) {
    CHECK(cells[0].kind == CellKind::Text);
    ++rows;
  }
  CHECK(rows == 6);
}

TEST_CASE("hostile: mutated files of every format never crash the reader") {
  const TemporaryFolder folder;
  std::vector<std::string> seeds = {
      "姓名,电话\n\"张三\",1\n", "a;b\r\n=\"1\";'x\r\n",
      zip_bytes(workbook_parts("<sheetData>" + inline_row(1) + "</sheetData>"))};
  const std::filesystem::path data = data_folder();
  if (!data.empty()) {
    seeds.push_back(read_file(data / "formats/xlsx/poi/chinese-provinces.xls"));
    seeds.push_back(read_file(data / "formats/china-exports/ccb_example.xls"));
    seeds.push_back(read_file(data / "formats/xlsx/easyexcel/demo_extra.xlsx"));
  }
  std::uint64_t state = 20260301;
  const auto random = [&] {
    return state = state * 6364136223846793005ull + 1442695040888963407ull, state >> 33;
  };
  for (const std::string& seed : seeds) {
    for (int round = 0; round < 400; ++round) {
      std::string bytes = seed;
      for (std::uint64_t i = 0; i < 1 + random() % 12; ++i)
        bytes[random() % bytes.size()] = static_cast<char>(random());
      if (random() % 8 == 0) bytes.resize(random() % bytes.size());
      fuzz_table(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      fuzz_biff(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      fuzz_xml(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      fuzz_cell_values(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                       std::min<std::size_t>(bytes.size(), 60));
    }
  }
  CHECK(seeds.size() >= 3);
}
