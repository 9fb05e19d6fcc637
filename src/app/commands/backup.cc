#include "app/backup/backup.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/commands/common.h"

namespace kehai::app {

namespace {

struct BackupFlags {
  Options options;
  std::string file;
};

void print_result(const char* what, const std::string& file, const BackupResult& result) {
  std::printf("%s %s: %lld rows, %lld files, %.1f MB\n", what, file.c_str(),
              static_cast<long long>(result.rows), static_cast<long long>(result.files),
              static_cast<double>(result.bytes) / 1e6);
}

}  // namespace

void add_backup(CLI::App& cli, Command& command) {
  const auto flags = std::make_shared<BackupFlags>();
  auto* backup_command = cli.add_subcommand(
      "backup", "Writes one archive with the database and all files, also beside a running server");
  add_shared_flags(*backup_command, flags->options);
  backup_command->add_option("FILE", flags->file, "Archive to write; must not exist")->required();
  backup_command->callback([flags, &command] {
    command = interruptible([flags](Interruption& interruption) {
      const auto duty = interruption.before_end([flags] { remove_unfinished_backup(flags->file); });
      print_result("Backed up to", flags->file, back_up(flags->options, flags->file));
      return kFine;
    });
  });

  auto* restore_command = cli.add_subcommand(
      "restore", "Restores an archive into an empty folder (and an empty database)");
  add_shared_flags(*restore_command, flags->options);
  restore_command->add_option("FILE", flags->file, "Archive to read")->required();
  restore_command->callback([flags, &command] {
    command = interruptible([flags](Interruption& interruption) {
      Restorer restorer(flags->options, flags->file);
      const auto duty = interruption.before_end([&restorer] { restorer.stop(); });
      print_result("Restored", flags->file, restorer.run());
      return kFine;
    });
  });
}

}  // namespace kehai::app
