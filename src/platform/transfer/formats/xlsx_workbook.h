// The parts of an XLSX workbook that a sheet needs: sheet list, shared strings, number formats.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "platform/transfer/formats/number_format.h"
#include "platform/transfer/formats/table_reader.h"
#include "platform/transfer/formats/zip_archive.h"

namespace kehai::platform {

// All shared strings in one block of memory.
class SharedStrings {
 public:
  void load(ZipArchive& archive, const std::string& part, const TableLimits& limits);
  std::size_t size() const { return ends_.size(); }
  std::string_view get(std::size_t index) const;

 private:
  friend class SharedStringsHandler;
  std::string block_;
  std::vector<std::uint32_t> ends_;
};

// Number format of each cell style.
class CellStyles {
 public:
  void load(ZipArchive& archive, const std::string& part);
  const NumberFormat& format(std::size_t style) const;

 private:
  friend class StylesHandler;
  std::vector<NumberFormat> formats_;
  std::vector<std::uint32_t> style_format_;  // style → index in formats_
  NumberFormat general_;
};

struct WorkbookSheet {
  std::string name;
  std::string part;
  bool hidden = false;
};

struct Workbook {
  std::vector<WorkbookSheet> sheets;
  std::string shared_strings_part;  // "" = none
  std::string styles_part;
  bool date_1904 = false;
};

// Throws the Error that names what the archive is when it is no workbook.
Workbook read_workbook(ZipArchive& archive);

}  // namespace kehai::platform
