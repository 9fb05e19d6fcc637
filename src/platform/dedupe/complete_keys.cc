// Keys of records that were written before the program made keys of these fields.
#include <set>

#include "platform/dedupe/dedupe.h"
#include "platform/settings/settings.h"

namespace kehai::platform {

namespace {

constexpr const char* kKeysOf = "duplicate.keys_of";
constexpr int kBatch = 500;

// Which fields make which keys, as one text.
std::string description(const std::vector<DuplicateField>& fields) {
  std::string text;
  for (const auto& field : fields) {
    text += field.object + "." + field.field + ":" + std::to_string(static_cast<int>(field.kind)) +
            (field.former ? "f;" : ";");
  }
  return text;
}

}  // namespace

void Dedupe::complete_keys(record::Engine& engine) const {
  const std::string wanted = description(fields_);
  std::optional<std::string> known;
  engine.database().read([&](db::Reader& reader) { known = read_setting(reader, kKeysOf); });
  if (known == wanted) return;
  const auto actor = record::system_actor("job");
  std::set<std::string> objects;
  for (const auto& field : fields_) objects.insert(field.object);
  for (const auto& object : objects) {
    // What lies in the recycle bin has keys, too.
    for (const bool deleted : {false, true}) {
      record::ListRequest request;
      request.deleted = deleted;
      request.default_order = "id";
      request.default_top = request.maximum_top = kBatch;
      do {
        std::vector<record::RecordId> page;
        request.options.skiptoken = engine.list_typed(
            actor, object, request,
            [&](const record::TypedRow& row) { page.push_back(row.record.id()); });
        if (page.empty()) break;
        engine.write(
            actor,
            [&](record::Tx& tx) {
              for (const auto id : page) {
                if (const auto record = tx.find(object, id, record::Lock::ForUpdate, true))
                  refresh(tx, *record);
              }
            },
            db::Lane::Bulk);
      } while (!request.options.skiptoken.empty());
    }
  }
  engine.write(actor, [&](record::Tx& tx) {
    write_setting(tx.writer(), kKeysOf, wanted, actor.user_id, tx.now());
  });
}

}  // namespace kehai::platform
