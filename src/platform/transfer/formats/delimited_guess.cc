#include "platform/transfer/formats/delimited_guess.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

namespace kehai::platform {

namespace {

// Rows that are looked at: enough to get below any preamble.
constexpr std::size_t kRows = 400;

// Number of cells of each record, as `delimiter` would cut it; blank records are left out.
std::vector<std::size_t> count_cells(std::string_view sample, char delimiter, char quote,
                                     bool whole) {
  std::vector<std::size_t> counts;
  std::size_t cells = 1;
  bool quoted = false, at_start = true, blank = true;
  const auto finish = [&] {
    if (!blank) counts.push_back(cells);
    cells = 1;
    at_start = blank = true;
  };
  for (std::size_t i = 0; i < sample.size() && counts.size() < kRows; ++i) {
    const char c = sample[i];
    if (quoted) {
      if (c == quote) quoted = i + 1 < sample.size() && sample[i + 1] == quote && ++i;
    } else if (c == '\n' || c == '\r') {
      finish();
    } else if (c == delimiter) {
      ++cells;
      at_start = true;
      blank = false;
    } else {
      if (c == quote && at_start) quoted = true;
      if (c != ' ' && c != '=') at_start = false;
      blank = false;
    }
  }
  // The last record of a cut sample is incomplete.
  if (whole) finish();
  return counts;
}

struct Fit {
  std::size_t width = 1;  // the most frequent number of cells above one
  std::uint64_t score = 0;
};

Fit judge(const std::vector<std::size_t>& counts) {
  std::map<std::size_t, std::size_t> frequency;
  std::size_t cut = 0;
  for (const std::size_t count : counts) {
    if (count < 2) continue;
    ++frequency[count];
    ++cut;
  }
  Fit fit;
  std::size_t agreeing = 0;
  for (const auto& [width, rows] : frequency) {
    if (rows >= agreeing) {
      agreeing = rows;
      fit.width = width;
    }
  }
  // Prose has a comma here and there; a table has the same number in row after row.
  const bool table =
      cut * 10 >= counts.size() * 6 || (agreeing >= 3 && fit.width >= 3) || agreeing >= 8;
  if (!table || agreeing == 0) return {};
  fit.score = (agreeing * 2 + cut) * (20 + std::min<std::size_t>(fit.width, 40));
  return fit;
}

DelimiterGuess separator_line(std::string_view sample) {
  std::string_view line = sample.substr(0, sample.find_first_of("\r\n"));
  const std::size_t length = line.size();
  if (line.size() > 2 && line.front() == '"' && line.back() == '"')
    line = line.substr(1, line.size() - 2);
  if (line.size() != 5 || (line.substr(0, 4) != "sep=" && line.substr(0, 4) != "SEP=")) return {};
  std::size_t skip = length;
  if (sample.substr(skip, 1) == "\r") ++skip;
  if (sample.substr(skip, 1) == "\n") ++skip;
  return {line[4], skip};
}

}  // namespace

DelimiterGuess guess_delimiter(std::string_view sample, char quote, bool whole) {
  const DelimiterGuess said = separator_line(sample);
  if (said.skip_bytes > 0) return said;
  DelimiterGuess guess{'\0', 0};
  std::uint64_t best = 0;
  for (const char candidate : {',', '\t', ';', '|'}) {
    const Fit fit = judge(count_cells(sample, candidate, quote, whole));
    if (fit.score > best) {
      best = fit.score;
      guess.delimiter = candidate;
    }
  }
  return guess;
}

}  // namespace kehai::platform
