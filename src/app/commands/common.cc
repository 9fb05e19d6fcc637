#include "app/commands/common.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/language.h"

namespace kehai::app {

namespace fs = std::filesystem;

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

Command interruptible(std::function<int(Interruption&)> work) {
  return [work = std::move(work)] {
    Interruption interruption;
    return work(interruption);
  };
}

UnfinishedCompany::UnfinishedCompany(Interruption& interruption, const Options& options)
    : duty_(interruption.before_end([this,
                                     is_new = options.database_url.empty() &&
                                              !fs::exists(sqlite_file(options.data_directory)),
                                     file = sqlite_file(options.data_directory)] {
        if (!is_new) {
          if (is_filling_) {
            std::fprintf(stderr,
                         "kehai: The company is only partly filled; begin again with an empty "
                         "database\n");
          }
          return;
        }
        std::error_code ignored;
        // The journal is there for the moment in which a new file is given its log.
        for (const char* end : {"", "-journal", "-wal", "-shm"}) fs::remove(file + end, ignored);
      })) {}

void UnfinishedCompany::open(Application& application) {
  is_filling_ = application.identity().setup_required();
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
