// Exports: what a spreadsheet sees, and that importing one's own export gives the original back.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "base/json.h"
#include "platform/transfer/formats/formats_test_support.h"
#include "platform/transfer/formats/formula_guard.h"
#include "platform/transfer/formats/table_reader.h"
#include "platform/transfer/formats/table_writer.h"

using namespace kehai::platform;
using namespace kehai::platform::test;
namespace base = kehai::base;

namespace {

TableOptions own_export() {
  TableOptions options;
  options.own_export = true;
  options.header_row = 1;
  return options;
}

std::string csv_of(const std::vector<TableColumn>& columns,
                   const std::vector<std::vector<OutCell>>& rows) {
  std::string bytes;
  const auto writer = make_csv_writer([&](std::string_view part) { bytes += part; }, columns);
  for (const auto& row : rows) writer->add_row(row);
  writer->finish();
  return bytes;
}

// Writes the texts as one column (with a number beside it), reads them back.
std::vector<std::string> round_trip(const std::vector<std::string>& texts, bool xlsx) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / (xlsx ? "own.xlsx" : "own.csv");
  const std::vector<TableColumn> columns = {{.title = "编号", .kind = ColumnKind::Integer},
                                            {.title = "文本"}};
  const auto writer = xlsx ? make_xlsx_writer(path, columns) : make_csv_writer(path, columns);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const OutCell cells[] = {OutCell::integer(static_cast<std::int64_t>(i)),
                             OutCell::text(texts[i])};
    writer->add_row(cells);
  }
  writer->finish();
  CHECK(writer->rows() == static_cast<std::int64_t>(texts.size()));
  const auto reader = open_table(path, own_export());
  CHECK(reader->info().columns == std::vector<std::string>{"编号", "文本"});
  std::vector<std::string> back;
  std::vector<Cell> cells;
  while (reader->next_row(cells)) {
    REQUIRE(cells.size() == 2);
    CHECK(cells[0].text == std::to_string(back.size()));
    back.push_back(cells[1].text);
  }
  return back;
}

std::vector<std::string> hard_texts() {
  return {"",
          "plain",
          " leading",
          "trailing ",
          "a,b",
          "a;b",
          "say \"hi\"",
          "line\nbreak",
          "line\r\nbreak",
          "cr\ronly",
          "=1+1",
          "+1+1",
          "-1+1",
          "@SUM(A1)",
          "\t=1",
          "\r=1",
          "-5",
          "+886912345678",
          "+86 138 0000 0000",
          "-1,234.50",
          "'=1",
          "''=1",
          "'",
          "'quoted'",
          "'-5",
          " =1",
          "  @x",
          "＝1+1",
          "00123",
          "1.38E+10",
          "TRUE",
          "2026-03-01",
          "=\"0012\"",
          "\"",
          "\"\"",
          "sep=;",
          "合计",
          "----",
          "😀 𠮷 Ω",
          "_x000D_",
          "\x01\x1F",
          "\xEF\xBB\xBFx",
          "\xE3\x80\x80全角",
          "\xEF\xBF\xBE",
          std::string(32'767, 'x')};
}

}  // namespace

TEST_CASE("guard: formulas get an apostrophe, numbers and telephone numbers do not") {
  for (const char* text : {"=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\tx", "\rx", " =1",
                           "＝1", "-", "+", "'=1", "-1-2", "+1(2)"}) {
    CAPTURE(std::string(text));
    CHECK(guard_formula(text) == "'" + std::string(text));
    CHECK(unguard_formula(guard_formula(text)) == text);
  }
  for (const char* text : {"", "x=1", "-5", "-1,234.50", "+886912345678", "+86 138 0000 0000",
                           "-12.5%", "'abc", "'", "客户"}) {
    CAPTURE(std::string(text));
    CHECK(guard_formula(text) == text);
    CHECK(unguard_formula(text) == text);
  }
}

TEST_CASE("csv: bytes as spreadsheets expect them") {
  const std::string bytes = csv_of(
      {{.title = "名称"},
       {.title = "金额", .kind = ColumnKind::Money},
       {.title = "日期"},
       {.title = "时间"},
       {.title = "有效"}},
      {{OutCell::text("=cmd|' /C calc'!A0"), OutCell::decimal(-123456, 2),
        OutCell::date(base::date_from_civil(2026, 3, 1)),
        OutCell::date_time(base::date_from_civil(2026, 3, 1), 34'200'000), OutCell::boolean(true)},
       {OutCell::text("a\"b"), OutCell(), OutCell::integer(-7)}});
  CHECK(bytes ==
        "\xEF\xBB\xBF名称,金额,日期,时间,有效\r\n\"'=cmd|' /C "
        "calc'!A0\",-1234.56,2026-03-01,2026-03-01 09:30:00,true\r\n"
        "\"a\"\"b\",,-7,,\r\n");
  CHECK(OutCell::decimal(5, 2).plain() == "0.05");
  CHECK(OutCell::decimal(INT64_MIN, 2).plain() == "-92233720368547758.08");
  CHECK(OutCell::decimal(12, 0).plain() == "12");
}

TEST_CASE("round trip: hard texts survive both formats") {
  const std::vector<std::string> texts = hard_texts();
  CHECK(round_trip(texts, false) == texts);
  CHECK(round_trip(texts, true) == texts);
}

TEST_CASE("round trip: a foreign reader sees no formula in our CSV") {
  std::string bytes;
  const auto writer = make_csv_writer([&](std::string_view part) { bytes += part; },
                                      {{.title = "a"}, {.title = "b"}});
  for (const std::string& text : hard_texts()) {
    const OutCell cells[] = {OutCell::text(text), OutCell::text("x")};
    writer->add_row(cells);
  }
  writer->finish();
  TableOptions exact;
  exact.trim = false;
  exact.header_row = 1;
  exact.keep_summary_rows = true;
  const auto reader = open_table_bytes(bytes, exact);
  std::vector<Cell> cells;
  int rows = 0;
  while (reader->next_row(cells)) {
    ++rows;
    const std::string& text = cells[0].text;
    if (text.empty() || std::string("=@\t\r").find(text[0]) == std::string::npos) continue;
    FAIL_CHECK("a cell begins like a formula: ", text);
  }
  CHECK(rows == static_cast<int>(hard_texts().size()));
}

TEST_CASE("round trip: injection payloads and the big list of naughty strings") {
  KEHAI_NEED_DATA(data);
  std::vector<std::string> texts;
  const base::Json naughty = base::parse_json(read_file(data / "hostile/blns.json"));
  for (const auto& text : naughty.as_array()) texts.emplace_back(text.as_string());
  CHECK(texts.size() > 500);
  const std::string payloads = read_file(data / "hostile/csv/csv-injection-payloads.txt");
  for (std::size_t from = 0; from < payloads.size();) {
    const std::size_t end = std::min(payloads.find('\n', from), payloads.size());
    texts.push_back(payloads.substr(from, end - from));
    from = end + 1;
  }
  CHECK(round_trip(texts, false) == texts);
  CHECK(round_trip(texts, true) == texts);
}

TEST_CASE("xlsx: types, formats and precision") {
  const TemporaryFolder folder;
  const auto path = folder / "typed.xlsx";
  const base::Date day = base::date_from_civil(2026, 3, 1);
  const auto writer =
      make_xlsx_writer(path,
                       {{.title = "名称"},
                        {.title = "数", .kind = ColumnKind::Integer},
                        {.title = "金额", .kind = ColumnKind::Money, .currency = "¥"},
                        {.title = "单价", .kind = ColumnKind::Decimal, .scale = 6},
                        {.title = "日期", .kind = ColumnKind::Date},
                        {.title = "时间", .kind = ColumnKind::DateTime},
                        {.title = "是", .kind = ColumnKind::Boolean}},
                       {.sheet_name = "客户/导出:2026"});
  const OutCell first[] = {
      OutCell::text("=1+1"),          OutCell::integer(-42), OutCell::decimal(123'456'789, 2),
      OutCell::decimal(1'234'567, 6), OutCell::date(day),    OutCell::date_time(day, 34'215'250),
      OutCell::boolean(true)};
  const OutCell second[] = {OutCell(), OutCell::integer(INT64_MAX), OutCell::decimal(INT64_MIN, 2),
                            OutCell(), OutCell::date(base::date_from_civil(1850, 1, 2))};
  writer->add_row(first);
  writer->add_row(second);
  writer->finish();
  const auto reader = open_table(path);
  CHECK(reader->info().sheet == "客户 导出 2026");
  std::vector<Cell> cells;
  REQUIRE(reader->next_row(cells));
  CHECK(cells[0].kind == CellKind::Text);
  CHECK(cells[0].text == "=1+1");
  CHECK(cells[1].number == "-42");
  CHECK(cells[2].number == "1234567.89");
  CHECK(cells[2].text == "¥1,234,567.89");
  CHECK(cells[3].number == "1.234567");
  CHECK(cells[4].kind == CellKind::Date);
  CHECK(cells[4].date == day);
  CHECK_FALSE(cells[4].has_time);
  CHECK(cells[5].milliseconds == 34'215'250);
  CHECK(cells[6].boolean);
  REQUIRE(reader->next_row(cells));
  CHECK(cells[1].text == "9223372036854775807");  // beyond 15 digits: text, not a rounded number
  CHECK(cells[1].kind == CellKind::Text);
  CHECK(cells[2].text == "-92233720368547758.08");
  CHECK(cells[4].text == "1850-01-02");
  CHECK(cells[4].kind == CellKind::Text);
}

TEST_CASE("xlsx: every amount of cents comes back exactly") {
  const TemporaryFolder folder;
  const auto path = folder / "cents.xlsx";
  const auto writer = make_xlsx_writer(path, {{.title = "金额", .kind = ColumnKind::Money}});
  std::vector<std::int64_t> amounts;
  std::uint64_t state = 7;
  for (int i = 0; i < 5000; ++i) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    amounts.push_back(static_cast<std::int64_t>(state >> 14) %
                      (i % 2 == 0 ? 1'000'000 : 999'999'999'999'999));
    const OutCell cell = OutCell::decimal(amounts.back(), 2);
    writer->add_row({&cell, 1});
  }
  writer->finish();
  const auto reader = open_table(path);
  std::vector<Cell> cells;
  std::size_t row = 0, wrong = 0;
  while (reader->next_row(cells)) {
    const std::string expected = OutCell::decimal(amounts[row++], 2).plain();
    std::string number =
        cells[0].number.find('.') == std::string::npos ? cells[0].number + "." : cells[0].number;
    number.resize(number.find('.') + 3, '0');
    wrong += number == expected ? 0 : 1;
  }
  CHECK(row == amounts.size());
  CHECK(wrong == 0);
}

TEST_CASE("xlsx: too long texts are cut and counted, unwritable paths are said") {
  const TemporaryFolder folder;
  const auto path = folder / "long.xlsx";
  const auto writer = make_xlsx_writer(path, {{.title = "长"}});
  const std::string text(40'000, 'x');
  const OutCell cell = OutCell::text(text);
  writer->add_row({&cell, 1});
  writer->finish();
  CHECK(writer->cut_texts() == 1);
  CHECK(texts_of(*open_table(path))[0][0].size() == 32'767);
  CHECK_THROWS_AS(make_csv_writer(folder / "no/such/folder.csv", {{.title = "a"}}), base::Error);
  const auto nowhere = make_xlsx_writer(folder / "no/such/folder.xlsx", {{.title = "a"}});
  CHECK_THROWS_AS(nowhere->finish(), base::Error);
}

TEST_CASE("large files: a million rows stream through within bounded memory") {
  const TemporaryFolder folder;
  const auto path = folder / "large.csv";
  constexpr int kRows = 1'000'000;
  {
    const auto writer = make_csv_writer(path, {{.title = "编号", .kind = ColumnKind::Integer},
                                               {.title = "客户名称"},
                                               {.title = "手机"},
                                               {.title = "金额", .kind = ColumnKind::Money},
                                               {.title = "日期", .kind = ColumnKind::Date},
                                               {.title = "备注"}});
    for (int i = 0; i < kRows; ++i) {
      const OutCell cells[] = {
          OutCell::integer(i),          OutCell::text("杭州某某科技有限公司"),
          OutCell::text("13800000000"), OutCell::decimal(123'456, 2),
          OutCell::date(20'000),        OutCell::text("电话联系，约下周二上午见面")};
      writer->add_row(cells);
    }
    writer->finish();
  }
  const auto size = std::filesystem::file_size(path);
  CHECK(size > 100'000'000);
  const MemoryGauge gauge;
  const auto start = std::chrono::steady_clock::now();
  const auto [code, rows] = outcome(path);
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(
                                std::chrono::steady_clock::now() - start)
                                .count();
  std::printf("csv: %lld rows, %lld MB in %lld ms, memory grew by %lld KiB\n",
              static_cast<long long>(rows), static_cast<long long>(size >> 20),
              static_cast<long long>(milliseconds), static_cast<long long>(gauge.growth()));
  CHECK(code == "");
  CHECK(rows == kRows);
  CHECK(gauge.growth() < 32 * 1024 * kMemoryFactor);
}

TEST_CASE("large files: a hundred thousand rows of XLSX within bounded memory") {
  const TemporaryFolder folder;
  const auto path = folder / "large.xlsx";
  const MemoryGauge writing;
  {
    const auto writer = make_xlsx_writer(path, {{.title = "编号", .kind = ColumnKind::Integer},
                                                {.title = "名称"},
                                                {.title = "金额", .kind = ColumnKind::Money}});
    for (int i = 0; i < 100'000; ++i) {
      const std::string name = "客户" + std::to_string(i);
      const OutCell cells[] = {OutCell::integer(i), OutCell::text(name),
                               OutCell::decimal(i * 101, 2)};
      writer->add_row(cells);
    }
    writer->finish();
  }
  const std::int64_t grown_writing = writing.growth();
  CHECK(grown_writing < 32 * 1024 * kMemoryFactor);
  const MemoryGauge reading;
  const auto start = std::chrono::steady_clock::now();
  const auto [code, rows] = outcome(path);
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(
                                std::chrono::steady_clock::now() - start)
                                .count();
  std::printf("xlsx: %lld rows in %lld ms, memory grew by %lld KiB writing, %lld KiB reading\n",
              static_cast<long long>(rows), static_cast<long long>(milliseconds),
              static_cast<long long>(grown_writing), static_cast<long long>(reading.growth()));
  CHECK(code == "");
  CHECK(rows == 100'000);
  CHECK(reading.growth() < 32 * 1024 * kMemoryFactor);
}
