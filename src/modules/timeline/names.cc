#include "modules/timeline/names.h"

#include "record/field_reader.h"

namespace kehai::modules {

void Names::load() {
  for (const auto& [object, ids] : wanted_) {
    known_[object] = engine_.titles(actor_, object, {ids.begin(), ids.end()});
  }
  if (wanted_files_.empty()) return;
  engine_.database().read([&](db::Reader& reader) {
    files_ = record::file_infos(reader, {wanted_files_.begin(), wanted_files_.end()});
  });
}

bool Names::knows(const std::string& object, std::int64_t id) const {
  const auto found = known_.find(object);
  return found != known_.end() && found->second.contains(id);
}

std::string Names::name(const std::string& object, std::int64_t id) const {
  if (id == 0) return "";
  return knows(object, id) ? known_.at(object).at(id) : record::kVeil;
}

void write_person(base::JsonWriter& writer, const Names& names, std::int64_t user) {
  writer.key("by");
  if (user == 0) {
    writer.null();
  } else {
    writer.begin_object()
        .key("id")
        .integer(user)
        .key("name")
        .text(names.name("user", user))
        .end_object();
  }
}

}  // namespace kehai::modules
