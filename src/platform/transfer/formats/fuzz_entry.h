// Entry points for fuzzing: bytes in, nothing out. Every refusal is an Error that is swallowed
// here; anything else that leaves these functions (a crash, another exception, a hang) is a bug.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kehai::platform {

// The bytes as a table in whatever format they look like, with small limits; then read to the end.
void fuzz_table(const std::uint8_t* data, std::size_t size);
// The bytes as the XML of one part.
void fuzz_xml(const std::uint8_t* data, std::size_t size);
// The bytes as a sheet of an otherwise sound workbook, so that mutations reach behind the
// container.
void fuzz_sheet(const std::uint8_t* data, std::size_t size);
// The bytes as the Workbook stream of an old XLS, without its container.
void fuzz_biff(const std::uint8_t* data, std::size_t size);
// The bytes as a cell: amounts, dates, booleans, number formats; checks that guard and escapes are
// exact. Aborts when they are not.
void fuzz_cell_values(const std::uint8_t* data, std::size_t size);

}  // namespace kehai::platform
