#include "platform/transfer/reference_resolver.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/text/fold.h"
#include "platform/transfer/import_store.h"
#include "query/parser.h"

namespace kehai::platform {

using record::RecordId;

namespace {

constexpr int kDirectorySize = 5000;
constexpr std::size_t kCacheSize = 200'000;
constexpr int kEnough = 20;  // more candidates than this are ambiguous anyway

std::optional<RecordId> parse_record_id(std::string_view text) {
  RecordId id = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), id);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size() || id <= 0) return std::nullopt;
  return id;
}

void add(std::vector<RecordId>& ids, RecordId id) {
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
}

bool looks_like_code(const std::string& prefix, std::string_view text) {
  return !prefix.empty() && text.size() > prefix.size() + 8 &&
         text.substr(0, prefix.size()) == prefix && text.find('-') != std::string_view::npos &&
         text[prefix.size()] >= '0' && text[prefix.size()] <= '9';
}

}  // namespace

std::string text_literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c;
    if (c == '\'') out += c;
  }
  return out + "'";
}

const std::vector<RecordId>& ReferenceResolver::candidates(const std::string& target,
                                                           const std::string& text) {
  if (cache_.size() > kCacheSize) cache_.clear();
  const std::string key = target + '\n' + text;
  const auto found = cache_.find(key);
  if (found != cache_.end()) return found->second;
  return cache_.emplace(key, look_up(target, text)).first->second;
}

std::vector<RecordId> ReferenceResolver::visible(const std::string& target,
                                                 const std::vector<RecordId>& ids) {
  std::vector<RecordId> out;
  const auto schema = engine_.schema();
  const auto& object = schema->at(target);
  if (ids.empty() || !engine_.access().may(actor_, object.definition(), "read")) return out;
  const auto scope = engine_.access().scope(actor_, object.definition(), "read");
  engine_.database().read([&](db::Reader& reader) {
    out.clear();
    for (const auto& record : engine_.store().load_many(reader, object, ids)) {
      if (record.is_null("deleted_at") && record::admits(scope, record)) add(out, record.id());
    }
  });
  return out;
}

// Everything of a small configuration object by title, login and code, as written and folded.
const ReferenceResolver::Names* ReferenceResolver::small_directory(const std::string& target) {
  const auto schema = engine_.schema();
  const auto& definition = schema->at(target).definition();
  if (!definition.configuration) return nullptr;
  const auto found = directories_.find(target);
  if (found != directories_.end()) return &found->second;
  Names names;
  record::ListRequest request;
  request.default_top = 500;
  request.default_order = "id";
  int rows = 0;
  do {
    request.options.skiptoken =
        engine_.list_typed(actor_, target, request, [&](const record::TypedRow& row) {
          ++rows;
          for (const std::string& field :
               {definition.title_field, std::string("login"), std::string("email")}) {
            if (field.empty() || definition.field(field) == nullptr || row.record.is_null(field))
              continue;
            const std::string name = row.record.text(field);
            add(names["=" + name], row.record.id());
            add(names["~" + text::fold(name)], row.record.id());
          }
        });
  } while (!request.options.skiptoken.empty() && rows < kDirectorySize);
  if (rows >= kDirectorySize) return nullptr;
  return &directories_.emplace(target, std::move(names)).first->second;
}

std::vector<RecordId> ReferenceResolver::by_field(const std::string& target,
                                                  const std::string& field,
                                                  const std::string& text) {
  const auto schema = engine_.schema();
  const auto& definition = schema->at(target).definition();
  const auto* declared = definition.field(field);
  if (declared == nullptr || text.empty()) return {};
  std::optional<std::vector<RecordId>> holders;
  engine_.database().read(
      [&](db::Reader& reader) { holders = dedupe_.holders(reader, target, field, text); });
  if (holders && !holders->empty()) {
    auto found = visible(target, *holders);
    // Of several that differ only in writing, the one that is written so is meant.
    if (found.size() > 1 && declared->type == record::FieldType::Text) {
      std::vector<RecordId> same;
      engine_.database().read([&](db::Reader& reader) {
        same.clear();
        for (const auto& record : engine_.store().load_many(reader, schema->at(target), found)) {
          if (record.text(field) == text) same.push_back(record.id());
        }
      });
      if (!same.empty()) return same;
    }
    return found;
  }
  if (holders && declared->type == record::FieldType::Text && field == definition.title_field)
    return {};
  record::ListRequest request;
  request.default_order = "id";
  request.default_top = kEnough;
  std::vector<RecordId> out;
  try {
    request.options.filter = query::parse_expression(field + " eq " + text_literal(text));
    // The search index finds a code at once; the filter alone would look at every row.
    if (field == "code") request.options.search = text;
    engine_.list_typed(actor_, target, request,
                       [&](const record::TypedRow& row) { add(out, row.record.id()); });
  } catch (const base::Error& error) {
    // A field that the actor may not see, or a text too long to be a value of it.
    if (error.kind() != base::ErrorKind::Invalid && error.kind() != base::ErrorKind::NotFound)
      throw;
  }
  return out;
}

std::vector<RecordId> ReferenceResolver::look_up(const std::string& target,
                                                 const std::string& text) {
  RecordId referred = 0;
  engine_.database().read(
      [&](db::Reader& reader) { referred = find_reference(reader, source_, target, text); });
  if (referred != 0) {
    auto found = visible(target, {referred});
    if (!found.empty()) return found;
  }
  const auto schema = engine_.schema();
  const auto& definition = schema->at(target).definition();
  if (const auto* names = small_directory(target)) {
    for (const std::string& key : {"=" + text, "~" + text::fold(text)}) {
      const auto found = names->find(key);
      if (found != names->end()) return found->second;
    }
  } else {
    if (looks_like_code(definition.code_prefix, text)) {
      auto found = by_field(target, "code", text);
      if (!found.empty()) return found;
    }
    if (!definition.title_field.empty()) {
      auto found = by_field(target, definition.title_field, text);
      if (!found.empty()) return found;
    }
  }
  const auto id = parse_record_id(text);
  return id ? visible(target, {*id}) : std::vector<RecordId>{};
}

std::vector<RecordId> ReferenceResolver::agreeing(const std::string& target,
                                                  const std::vector<RecordId>& ids,
                                                  const record::Draft& draft) {
  const auto schema = engine_.schema();
  const auto& object = schema->at(target);
  std::vector<const record::FieldDefinition*> shared;
  for (const auto& field : object.definition().fields) {
    if (!field.is_reference() || field.multiple || field.system) continue;
    const auto given = draft.values.find(field.name);
    if (given != draft.values.end() && given->second.is_int()) shared.push_back(&field);
  }
  if (shared.empty()) return ids;
  std::vector<RecordId> out;
  engine_.database().read([&](db::Reader& reader) {
    out.clear();
    for (const auto& record : engine_.store().load_many(reader, object, ids)) {
      const bool agrees =
          std::all_of(shared.begin(), shared.end(), [&](const record::FieldDefinition* field) {
            return record.get(field->name) == draft.values.find(field->name)->second;
          });
      if (agrees) out.push_back(record.id());
    }
  });
  return out;
}

}  // namespace kehai::platform
