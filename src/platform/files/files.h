// Files 附件: uploads, the fields that name them, and what becomes of files that no field names.
//
// A file is uploaded first and belongs to nobody's record; a field of the type file that names it
// makes it the record's. Whoever sees that field of that record reads the file, nobody else. The
// content lies in <data folder>/files/records and is there before any row names it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/files/content_store.h"
#include "platform/registrar.h"
#include "record/engine.h"
#include "record/files.h"

namespace kehai::platform {

inline constexpr std::int64_t kFileMegabytes = 20;
// How long a file stays that no field names: long enough for a form to be filled in and for a
// backup to copy what its database snapshot names.
inline constexpr std::int64_t kLooseFileHours = 24;
inline constexpr std::int64_t kMostLooseFiles = 100;  // of one person

// Contents below the folder of all files of the installation.
ContentStore file_contents(const std::string& files_folder);

// Safe from any thread.
class Files {
 public:
  struct Parts {
    record::Engine& engine;
    std::string folder;  // contents go to <folder>/records
    std::uint64_t limit = static_cast<std::uint64_t>(kFileMegabytes) << 20U;  // bytes of a file
  };
  explicit Files(Parts parts);

  // Stores the content, then the row. Throws TooLarge "file.too_large" {limit}, field error
  // "file.empty", Limit "file.too_many_uploads" {limit}, "file.not_stored" {reason}.
  record::FileInfo upload(const record::Actor& actor, std::string_view name,
                          const ByteProducer& content) const;

  struct Content {
    record::FileInfo info;
    std::string sha256;
    std::string path;
  };
  // A file that a field of this record names, for whoever reads both. Throws NotFound for
  // everything else, Unavailable "file.missing" when the content is not there.
  Content open(const record::Actor& actor, std::string_view object, record::RecordId id,
               record::RecordId file) const;

  // Rows that no field has named for kLooseFileHours.
  void remove_loose() const;
  // Contents that no row names any more.
  void remove_contents() const;

 private:
  Parts parts_;
  ContentStore contents_;
};

// Table and the hooks of every field of the type file.
void register_files(Registrar& registrar);

// The record goes for good: its files are on their own.
void release_files(record::Tx& tx, const record::Record& record);

// Every field names files that there are (kehai check).
std::vector<record::Invariant> file_invariants(
    const std::vector<record::ObjectDefinition>& objects);
// Sentences about files whose content is missing or another one.
std::vector<std::string> check_files(db::Database& database, const std::string& files_folder);

}  // namespace kehai::platform
