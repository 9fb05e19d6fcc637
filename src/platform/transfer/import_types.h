// The values of an import: settings, counts, what is wrong with a row. Plain values without
// behaviour of their own.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/time.h"
#include "record/record.h"

namespace kehai::platform {

enum class ImportStatus {
  Uploaded,
  Validating,
  Validated,
  Applying,
  Done,
  Partial,
  Failed,
  Cancelled
};
std::string_view import_status_name(ImportStatus status);
ImportStatus parse_import_status(std::string_view name);

// What happens with a row that is there already.
// Skip: nothing. Create: it is made all the same, unless the very same line of a file was imported
// before. Attach: empty fields of the existing record are filled, when the person may edit it.
enum class DuplicateMode { Skip, Create, Attach };

// A column of the file holds the key of the row in another system: kept, so that later files may
// refer to it.
inline constexpr std::string_view kExternalId = "external_id";

// Right to bring in what was decided elsewhere and long ago: states, authors, dates of creation,
// other owners. Also the option of such a write (record::WriteOptions), which no request can set.
// Without it the rows of a file are checked like what somebody types in.
inline constexpr std::string_view kImportHistory = "import_history";

struct ImportSettings {
  std::string sheet;             // "" = detected
  std::string encoding;          // "" = detected
  std::string delimiter;         // "" = detected
  std::int64_t header_row = -1;  // -1 = detected, 0 = the file has none
  std::map<std::string, std::string>
      mapping;               // column → field, kExternalId, "id", "code", "contact.name" (of a
                             // companion, import_companions.h), or "" = left out
  bool has_mapping = false;  // somebody chose it; else `mapping` is a guess
  DuplicateMode duplicates = DuplicateMode::Skip;
  bool update = false;        // change existing records, found by `key`, instead of creating
  std::string key;            // field, "id", "code" or kExternalId
  std::int64_t owner_id = 0;  // for rows that name no owner; 0 = the importing person
  std::int64_t pool_id = 0;   // instead of an owner
  base::JsonObject defaults;  // field → value for rows that leave it empty
  std::string source;         // the other system's name, when several have keys that look alike
  std::set<std::string> create_missing;  // references whose missing record is made from its name
  std::map<std::string, std::map<std::string, std::string>>
      values;  // column → cell → what is meant
};
// Throws field errors for members that are wrong or unknown. Members that are absent keep what
// `current` has.
ImportSettings parse_import_settings(const base::JsonObject& json, const ImportSettings& current);
base::JsonObject import_settings_json(const ImportSettings& settings);
// The same for storage: also says whether the mapping is only a guess.
std::string store_import_settings(const ImportSettings& settings);
ImportSettings load_import_settings(std::string_view json);

struct ImportCounts {
  std::int64_t rows = 0;
  std::int64_t good = 0;
  std::int64_t bad = 0;
  std::int64_t duplicates = 0;
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t skipped = 0;
};

// One thing that is wrong with a row.
struct CellError {
  std::string column;  // name in the file; "" = the row as a whole
  std::string field;
  std::string value;  // as it stands in the file, cut at 200 bytes
  std::string code;
  base::Params params;
};

// Why a row is taken for a duplicate.
struct RowDuplicate {
  enum class Kind { Line, Record, SameLine, ExternalId };
  Kind kind = Kind::Record;
  std::int64_t line = 0;  // Line: the earlier row of this file
  char tier = 'E';
  std::string object;  // Record, SameLine, ExternalId
  record::RecordId id = 0;
  std::vector<std::string> matched;   // fields
  std::vector<std::string> evidence;  // sentences
  int score = 10'000;
};

struct RowFinding {
  enum class Status { Good, Error, Duplicate };
  std::int64_t row = 0;
  Status status = Status::Good;
  std::vector<CellError> errors;
  std::vector<RowDuplicate> duplicates;
};
std::string_view row_status_name(RowFinding::Status status);
std::string finding_json(const RowFinding& finding);  // without row and status
RowFinding parse_finding(std::int64_t row, std::string_view status, std::string_view json);

struct ImportJob {
  std::int64_t id = 0;
  std::int64_t user_id = 0;
  std::string via;
  std::string object;
  std::string file_name;
  std::string file_hash;
  std::int64_t file_size = 0;
  ImportStatus status = ImportStatus::Uploaded;
  ImportSettings settings;
  std::string preview;  // JSON object of the API
  ImportCounts counts;
  std::int64_t done = 0;         // rows of the present run
  std::int64_t total = 0;        // 0 = not known yet
  std::int64_t applied_row = 0;  // last row number that is committed
  bool all_or_nothing = false;
  bool cancel_requested = false;
  std::string message_code;
  base::Params message_params;
  base::Instant created_at = 0;
  base::Instant started_at = 0;  // of the present run
  base::Instant updated_at = 0;  // also the heartbeat of a running import
};

}  // namespace kehai::platform
