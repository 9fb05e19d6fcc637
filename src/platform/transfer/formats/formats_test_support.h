// Helpers of the format tests: real files, archives made to order, memory in use.
#pragma once

#include <doctest/doctest.h>
#include <malloc.h>
#include <minizip/zip.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "platform/transfer/formats/table_reader.h"

namespace kehai::platform::test {

// Folder of real input files (KEHAI_TEST_DATA, or ../shared/data beside the checkout), "" when
// there is none.
inline std::filesystem::path data_folder() {
  if (const char* folder = std::getenv("KEHAI_TEST_DATA")) return folder;
  for (const char* folder : {"../shared/data", "../../shared/data"}) {
    if (std::filesystem::exists(std::filesystem::path(folder) / "formats")) return folder;
  }
  return {};
}

// Begins a test that needs the folder; leaves it with a loud message when the folder is missing.
#define KEHAI_NEED_DATA(folder)                                                           \
  const std::filesystem::path folder = kehai::platform::test::data_folder();              \
  if (folder.empty()) {                                                                   \
    std::printf("SKIPPED: the folder of real input files is missing (../shared/data)\n"); \
    return;                                                                               \
  }

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file.good());
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// A folder of its own for each test, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "kehai-formats-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

using Parts = std::vector<std::pair<std::string, std::string>>;

// A ZIP file with these parts, in this order (names may repeat). `zeros` bytes of 0 follow the text
// of the last one.
inline void write_zip(const std::filesystem::path& path, const Parts& parts,
                      std::uint64_t zeros = 0) {
  zipFile file = zipOpen64(path.c_str(), APPEND_STATUS_CREATE);
  REQUIRE(file != nullptr);
  const std::string block(1 << 20, '\0');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    REQUIRE(zipOpenNewFileInZip64(file, parts[i].first.c_str(), nullptr, nullptr, 0, nullptr, 0,
                                  nullptr, Z_DEFLATED, 1, 1) == ZIP_OK);
    zipWriteInFileInZip(file, parts[i].second.data(),
                        static_cast<unsigned>(parts[i].second.size()));
    for (std::uint64_t done = 0; i + 1 == parts.size() && done < zeros; done += block.size()) {
      zipWriteInFileInZip(file, block.data(), static_cast<unsigned>(block.size()));
    }
    zipCloseFileInZip(file);
  }
  zipClose(file, nullptr);
}

// The parts of a workbook with one sheet called 客户; further parts can be added or replaced.
inline Parts workbook_parts(const std::string& sheet_data, const std::string& shared_strings = "",
                            const std::string& styles = "",
                            const std::string& workbook_properties = "") {
  const std::string relation =
      "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
  return {
      {"[Content_Types].xml",
       "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"},
      {"_rels/.rels", "<Relationships><Relationship Id=\"r1\" Type=\"" + relation +
                          "officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"},
      {"xl/workbook.xml",
       "<workbook xmlns:r=\"" + relation + "\">" + workbook_properties +
           "<sheets><sheet name=\"客户\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"},
      {"xl/_rels/workbook.xml.rels",
       "<Relationships><Relationship Id=\"r1\" Type=\"" + relation +
           "worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"" +
           relation +
           "sharedStrings\" Target=\"sharedStrings.xml\"/><Relationship Id=\"r3\" Type=\"" +
           relation + "styles\" Target=\"/xl/styles.xml\"/></Relationships>"},
      {"xl/sharedStrings.xml", "<sst>" + shared_strings + "</sst>"},
      {"xl/styles.xml", "<styleSheet>" + styles + "</styleSheet>"},
      {"xl/worksheets/sheet1.xml", "<worksheet>" + sheet_data + "</worksheet>"},
  };
}

inline std::string zip_bytes(const Parts& parts) {
  const TemporaryFolder folder;
  write_zip(folder / "made.xlsx", parts);
  return read_file(folder / "made.xlsx");
}

// Code of the Error that opening and reading to the end gives; "" = read, with the number of rows.
inline std::pair<std::string, std::int64_t> outcome(const std::filesystem::path& path,
                                                    const TableOptions& options = {}) {
  std::int64_t rows = 0;
  try {
    const auto reader = open_table(path, options);
    std::vector<Cell> cells;
    while (reader->next_row(cells)) ++rows;
  } catch (const base::Error& error) {
    return {error.code(), rows};
  }
  return {"", rows};
}

inline std::string code_of_bytes(std::string bytes, const TableOptions& options = {}) {
  try {
    const auto reader = open_table_bytes(std::move(bytes), options);
    std::vector<Cell> cells;
    while (reader->next_row(cells)) {
    }
  } catch (const base::Error& error) {
    return error.code();
  }
  return "";
}

using TextTable = std::vector<std::vector<std::string>>;

inline TextTable texts_of(TableReader& reader) {
  TextTable table;
  std::vector<Cell> cells;
  while (reader.next_row(cells)) {
    std::vector<std::string>& row = table.emplace_back();
    for (const Cell& cell : cells) row.push_back(cell.text);
  }
  return table;
}

// Header, then rows.
inline TextTable whole_table(std::string bytes, const TableOptions& options = {}) {
  const auto reader = open_table_bytes(std::move(bytes), options);
  TextTable table = {reader->info().columns};
  for (auto& row : texts_of(*reader)) table.push_back(std::move(row));
  return table;
}

// AddressSanitizer keeps freed memory for a while: bounds are wider then.
#ifdef __SANITIZE_ADDRESS__
constexpr std::int64_t kMemoryFactor = 8;
#else
constexpr std::int64_t kMemoryFactor = 1;
#endif

// Resident memory of this process: now, and the highest since the last reset; in KiB.
class MemoryGauge {
 public:
  MemoryGauge() {
    malloc_trim(0);  // what earlier tests have freed must not hide growth
    std::ofstream("/proc/self/clear_refs") << "5";
    before_ = read("VmRSS:");
  }
  std::int64_t growth() const { return read("VmHWM:") - before_; }

 private:
  static std::int64_t read(std::string_view name) {
    std::ifstream status("/proc/self/status");
    std::string line;
    while (std::getline(status, line)) {
      if (line.compare(0, name.size(), name) == 0) return std::atoll(line.c_str() + name.size());
    }
    return 0;
  }
  std::int64_t before_ = 0;
};

}  // namespace kehai::platform::test
