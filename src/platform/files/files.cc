#include "platform/files/files.h"

#include <algorithm>

#include "base/error.h"
#include "db/table.h"
#include "platform/files/media_type.h"

namespace kehai::platform {

using base::Error;
using base::ErrorKind;
using db::Compare;
using record::FieldType;
using record::Record;
using record::RecordId;
using record::Value;

namespace {

const db::Table kFiles("file");
constexpr std::int64_t kHour = 3'600'000;
constexpr int kBatch = 200;

struct Row {
  std::string sha256;
  bool is_gone = true;
};

Row read_row(db::Reader& reader, RecordId id) {
  Row row;
  kFiles.select_each(reader, {{"sha256", "gone_at"}, {{"id", Compare::Equal, id}}, {}, 1, false},
                     [&](const db::Row& columns) {
                       row = {std::string(columns.get_text(0)), !columns.is_null(1)};
                     });
  return row;
}

std::int64_t loose_files(db::Reader& reader, std::int64_t user) {
  return kFiles.count(reader,
                      {{"created_by", Compare::Equal, user}, {"record_id", Compare::IsNull, {}}});
}

// Whether any field of any record, in the recycle bin or not, names the file.
bool is_named(db::Reader& reader, const record::Schema& schema, RecordId file) {
  for (const auto& object : schema.objects()) {
    for (const auto& field : object->definition().fields) {
      if (field.type != FieldType::File) continue;
      const db::Table table(field.multiple ? record::multi_table(object->definition(), field)
                                           : object->definition().name);
      const std::string column = field.multiple ? "value" : field.name;
      if (table.count(reader, {{column, Compare::Equal, file}}) > 0) return true;
    }
  }
  return false;
}

// One batch of what has been loose since `before`; false when there was less than a batch. A field
// that names such a file meanwhile has taken it out of the condition.
bool settle_loose(record::Engine& engine, base::Instant before) {
  std::size_t found = 0;
  engine.write(
      record::system_actor("job"),
      [&](record::Tx& tx) {
        auto& writer = tx.writer();
        const auto rows = kFiles.select(writer, {{"id", "record_id"},
                                                 {{"loose_since", Compare::IsNotNull, {}},
                                                  {"loose_since", Compare::LessEqual, before}},
                                                 {{"loose_since", false}},
                                                 kBatch,
                                                 false});
        found = rows.size();
        for (const auto& row : rows) {
          const std::vector<db::Condition> same = {{"id", Compare::Equal, row[0]},
                                                   {"loose_since", Compare::LessEqual, before}};
          if (is_named(writer, tx.schema(), row[0].as_int())) {
            kFiles.update(writer, {{"loose_since", Value()}}, same);
          } else if (row[1].is_null()) {
            kFiles.erase(writer, same);
          } else {  // history still tells its name
            kFiles.update(writer, {{"loose_since", Value()}, {"gone_at", tx.now()}}, same);
          }
        }
      },
      db::Lane::Bulk);
  return found == kBatch;
}

}  // namespace

ContentStore file_contents(const std::string& files_folder) {
  return {files_folder + "/records", {"file.too_large", "file.not_stored"}};
}

Files::Files(Parts parts) : parts_(std::move(parts)), contents_(file_contents(parts_.folder)) {}

record::FileInfo Files::upload(const record::Actor& actor, std::string_view name,
                               const ByteProducer& content) const {
  if (actor.read_only) throw Error(ErrorKind::Forbidden, "access.denied");
  auto& engine = parts_.engine;
  engine.database().read([&](db::Reader& reader) {
    if (loose_files(reader, actor.user_id) >= kMostLooseFiles)
      throw Error(ErrorKind::Limit, "file.too_many_uploads",
                  {{"limit", std::to_string(kMostLooseFiles)}});
  });
  std::string head;
  const auto stored = contents_.put(
      [&](const ByteBlock& block) {
        content([&](std::string_view bytes) {
          head += bytes.substr(0, kMediaTypeHead - std::min(kMediaTypeHead, head.size()));
          block(bytes);
        });
        if (head.empty()) throw Error::fields({{"file", "file.empty", {}}});
      },
      parts_.limit, engine.clock().now());
  record::FileInfo info{0, safe_file_name(name), stored.size, ""};
  info.media_type = media_type_of(info.name, head);
  engine.write(actor, [&](record::Tx& tx) {
    info.id = engine.allocator().next_id("file");
    kFiles.insert(tx.writer(), {{"id", info.id},
                                {"name", info.name},
                                {"sha256", stored.hash},
                                {"size", info.size},
                                {"media_type", info.media_type},
                                {"created_by", actor.user_id},
                                {"created_at", tx.now()},
                                {"loose_since", tx.now()}});
  });
  return info;
}

Files::Content Files::open(const record::Actor& actor, std::string_view object, RecordId id,
                           RecordId file) const {
  auto& engine = parts_.engine;
  std::vector<std::string> hidden;
  const Record record = engine.read(actor, object, id, &hidden);
  const auto& definition = record.definition();
  const bool shown =
      std::any_of(definition.fields.begin(), definition.fields.end(),
                  [&](const record::FieldDefinition& field) {
                    const auto files = record::files_in(record, field);
                    return std::find(files.begin(), files.end(), file) != files.end() &&
                           engine.access().field_access(actor, definition, field) !=
                               record::FieldAccess::Hidden &&
                           !engine.access().is_masked(actor, definition, field) &&
                           std::find(hidden.begin(), hidden.end(), field.name) == hidden.end();
                  });
  if (!shown) throw Error(ErrorKind::NotFound, "record.not_found");
  Content content;
  Row row;
  engine.database().read([&](db::Reader& reader) {
    row = read_row(reader, file);
    content.info = record::file_infos(reader, {file})[file];
  });
  content.sha256 = row.sha256;
  content.path = contents_.path(row.sha256);
  if (row.is_gone || !contents_.has(row.sha256))
    throw Error(ErrorKind::Unavailable, "file.missing", {},
                "the content of file " + std::to_string(file));
  return content;
}

void Files::remove_loose() const {
  const auto before = parts_.engine.clock().now() - kLooseFileHours * kHour;
  while (settle_loose(parts_.engine, before)) {
  }
}

void Files::remove_contents() const {
  auto& engine = parts_.engine;
  // Uploading makes a content new before its row is there.
  const auto before = engine.clock().now() - kLooseFileHours * kHour;
  contents_.remove_unwanted(before, [&](const std::string& hash) {
    engine.check_background_work();
    bool wanted = true;
    engine.database().read([&](db::Reader& reader) {
      wanted = kFiles.count(reader, {{"sha256", Compare::Equal, hash},
                                     {"gone_at", Compare::IsNull, {}}}) > 0;
    });
    return wanted;
  });
}

std::vector<std::string> check_files(db::Database& database, const std::string& files_folder) {
  const auto contents = file_contents(files_folder);
  std::vector<std::string> findings;
  RecordId last = 0;
  std::size_t found = 0;
  do {
    std::vector<base::Values> rows;
    database.read([&](db::Reader& reader) {
      rows = kFiles.select(reader, {{"id", "sha256", "size", "name"},
                                    {{"id", Compare::Greater, last},
                                     {"gone_at", Compare::IsNull, {}},
                                     // Those that no field names may be on their way out.
                                     {"loose_since", Compare::IsNull, {}}},
                                    {{"id", false}},
                                    kBatch,
                                    false});
    });
    found = rows.size();
    for (const auto& row : rows) {
      last = row[0].as_int();
      if (contents.is_sound(row[1].as_text(), row[2].as_int())) continue;
      findings.push_back("The content of file " + std::to_string(last) + " (" + row[3].as_text() +
                         ") is missing or damaged: " + contents.path(row[1].as_text()));
    }
  } while (found == kBatch);
  return findings;
}

}  // namespace kehai::platform
