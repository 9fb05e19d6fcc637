// Keeping a spreadsheet program from running what a stranger typed into a field.
//
// A cell that a spreadsheet would take for a formula gets a leading apostrophe in a CSV export.
// Plain numbers and telephone numbers ("-5", "+886 912 345 678") are harmless and stay. The pair is
// exact: unguard(guard(x)) == x for every x, also for texts that begin with apostrophes themselves.
#pragma once

#include <string>
#include <string_view>

namespace kehai::platform {

// True when `text` needs the apostrophe.
bool needs_formula_guard(std::string_view text);
std::string guard_formula(std::string_view text);
// Takes one guard apostrophe off, if guard_formula() has put it there.
std::string_view unguard_formula(std::string_view text);

}  // namespace kehai::platform
