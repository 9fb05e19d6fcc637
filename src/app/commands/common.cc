#include "app/commands/common.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>

#include "base/language.h"

namespace kehai::app {

void add_shared_flags(CLI::App& command, Options& options) {
  command
      .add_option("--data", options.data_directory, "Folder of this company: database, files, keys")
      ->envname("KEHAI_DATA")
      ->required();
  command
      .add_option("--database", options.database_url,
                  "postgres://… in place of the embedded database")
      ->envname("KEHAI_DATABASE");
}

record::Actor operator_actor() {
  return record::system_actor("command_line");
}

void print_error(const base::Error& error) {
  const char* locale = std::getenv("LANG");
  const auto language =
      base::parse_language(locale == nullptr ? "" : locale, base::Language::English);
  const base::Texts texts;
  // A reason may be a code of its own.
  base::Params params = error.params();
  if (const auto reason = params.find("reason");
      reason != params.end() && texts.has(language, reason->second)) {
    reason->second = texts.text(language, reason->second);
  }
  std::fprintf(stderr, "kehai: %s\n", texts.text(language, error.code(), params).c_str());
  for (const auto& field : error.field_errors()) {
    std::fprintf(stderr, "  %s: %s\n", field.field.c_str(),
                 texts.text(language, field.code, field.params).c_str());
  }
  if (!error.detail().empty()) std::fprintf(stderr, "  (%s)\n", error.detail().c_str());
}

}  // namespace kehai::app
