#include "platform/search/search.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text/tokens.h"
#include "db/among.h"
#include "db/dialect.h"
#include "db/search_table.h"
#include "db/table.h"
#include "platform/access/memberships.h"
#include "platform/search/match.h"
#include "platform/settings/settings.h"

namespace kehai::platform {

using record::ObjectDefinition;
using record::RecordId;

namespace {

const db::Table kOutbox("outbox_event");
constexpr int kBatch = 500;
constexpr std::int64_t kGatherEvery = 6 * 3'600'000;  // milliseconds

void add_tokens(std::set<std::string>& out, const record::Value& value, char field_class) {
  if (!value.is_text()) return;
  for (auto& token : text::index_tokens(value.as_text(), field_class)) out.insert(std::move(token));
}

std::string tokens_of_record(const record::Record& record,
                             const std::vector<std::int64_t>& members) {
  const auto& object = record.definition();
  std::set<std::string> tokens{object_token(object)};
  for (const auto& field : object.fields) {
    if (field.search_class == 0) continue;
    if (!field.multiple) {
      add_tokens(tokens, record.get(field.name), field.search_class);
    } else {
      for (const auto& value : record.many(field.name))
        add_tokens(tokens, value, field.search_class);
    }
  }
  for (const auto& column : object.branch_columns) {
    if (object.field(column) == nullptr || record.is_null(column)) continue;
    const std::string token = scope_token(object, column, record.integer(column));
    if (!token.empty()) tokens.insert(token);
  }
  for (const std::int64_t user : members) tokens.insert(member_token(object, user));
  std::string joined;
  for (const auto& token : tokens) joined += (joined.empty() ? "" : " ") + token;
  return joined;
}

}  // namespace

std::string search_tokens(const record::Record& record, const std::vector<std::int64_t>& members) {
  return tokens_of_record(record, members);
}

std::vector<RecordId> Search::find(db::Reader& reader, const record::Actor& actor,
                                   const ObjectDefinition& object, const record::RowScope& scope,
                                   std::string_view text, int limit) {
  const auto query = text::query_tokens(text);
  if (query.empty() || policy_ == nullptr) return {};
  return db::SearchTable::find(
      reader, match_text(*policy_, actor, object, scope, query, reader.dialect().is_postgres()),
      limit, object.name);
}

namespace {

struct Pending {
  std::int64_t id;
  std::string object;
  RecordId record;
  bool members_changed;
};

// The members of records and of what they hang on; looked up for all of them at once.
class MemberLookup {
 public:
  MemberLookup(db::Reader& reader, const std::vector<record::Record>& records) {
    std::set<RecordId> ids;
    for (const auto& record : records) {
      for (const RecordId id : asked_about(record)) ids.insert(id);
    }
    known_ = member_ids_of(reader, {ids.begin(), ids.end()});
  }

  std::vector<std::int64_t> of(const record::Record& record) const {
    std::vector<std::int64_t> out;
    for (const RecordId id : asked_about(record)) {
      const auto found = known_.find(id);
      if (found != known_.end()) out.insert(out.end(), found->second.begin(), found->second.end());
    }
    return out;
  }

 private:
  static std::vector<RecordId> asked_about(const record::Record& record) {
    const auto& object = record.definition();
    std::vector<RecordId> out;
    if (object.members) out.push_back(record.id());
    for (const auto& field : object.member_fields) {
      if (!record.is_null(field)) out.push_back(record.integer(field));
    }
    return out;
  }

  std::map<RecordId, std::vector<std::int64_t>> known_;
};

// The records with their multi-valued values; those that are gone for good are missing.
std::vector<record::Record> load_whole(record::Engine& engine, db::Reader& reader,
                                       const record::ObjectSchema& object,
                                       const std::vector<RecordId>& ids) {
  auto records = engine.store().load_many(reader, object, ids);
  std::vector<record::Record*> all;
  for (auto& record : records) all.push_back(&record);
  engine.store().load_values(reader, all);
  return records;
}

std::vector<Pending> read_pending(db::Reader& reader) {
  std::vector<Pending> out;
  kOutbox.select_each(reader,
                      {{"id", "object", "record_id", "kind"},
                       {{"consumer", db::Compare::Equal, "search"}},
                       {{"id", false}},
                       kBatch,
                       false},
                      [&](const db::Row& row) {
                        out.push_back({row.get_int(0), std::string(row.get_text(1)), row.get_int(2),
                                       row.get_text(3) == kMembersChanged});
                      });
  return out;
}

// What hangs on the record and is read by its members.
void each_below(record::Engine& engine, db::Reader& reader, std::string_view object, RecordId id,
                const std::function<void(const std::string&, RecordId)>& each) {
  const auto schema = engine.schema();
  for (const auto& other : schema->objects()) {
    const auto& definition = other->definition();
    if (!is_searchable(definition)) continue;
    for (const auto& name : definition.member_fields) {
      const auto& field = *definition.field(name);
      if (field.target != object) continue;
      for (const RecordId below : engine.store().referrers(reader, *other, field, id))
        each(definition.name, below);
    }
  }
}

}  // namespace

int Search::index_pending(record::Engine& engine) {
  std::vector<Pending> pending;
  std::map<RecordId, std::string> tokens;  // "" = gone
  const auto schema = engine.schema();
  engine.database().read([&](db::Reader& reader) {
    tokens.clear();
    pending = read_pending(reader);
    std::map<std::string, std::vector<RecordId>> by_object;
    const auto add = [&](const std::string& name, RecordId id) {
      if (tokens.emplace(id, "").second && schema->find(name) != nullptr)
        by_object[name].push_back(id);
    };
    for (const auto& event : pending) {
      add(event.object, event.record);
      if (event.members_changed) each_below(engine, reader, event.object, event.record, add);
    }
    for (const auto& [name, ids] : by_object) {
      for (std::size_t at = 0; at < ids.size(); at += kBatch) {
        const auto last = ids.begin() + static_cast<std::ptrdiff_t>(
                                            std::min(ids.size(), at + std::size_t{kBatch}));
        const auto records = load_whole(engine, reader, schema->at(name),
                                        {ids.begin() + static_cast<std::ptrdiff_t>(at), last});
        const MemberLookup members(reader, records);
        for (const auto& record : records) {
          if (record.is_null("deleted_at"))
            tokens[record.id()] = search_tokens(record, members.of(record));
        }
      }
    }
  });
  if (pending.empty()) return 0;
  for (auto next = tokens.cbegin(); next != tokens.cend();) {
    const auto begin = next;
    for (int i = 0; i < kBatch && next != tokens.cend(); ++i) ++next;
    const bool is_last = next == tokens.cend();
    engine.database().write(
        [&](db::Writer& writer) {
          writer.lock("search", "indexer");
          std::vector<base::Values> there;
          for (auto entry = begin; entry != next; ++entry) {
            if (entry->second.empty()) {
              db::SearchTable::erase(writer, entry->first);
            } else {
              there.push_back({entry->first, entry->second});
            }
          }
          db::SearchTable::put_many(writer, there);
          if (!is_last) return;
          base::Values done;
          for (const auto& event : pending) done.emplace_back(event.id);
          db::erase_among(writer, "outbox_event", "id", done);
        },
        db::Lane::Bulk);
  }
  return static_cast<int>(pending.size());
}

namespace {

// Which fields of which objects the index was made of, and how.
constexpr const char* kFieldsOf = "search.fields_of";
// Goes up when the same record gets other tokens: of its texts (base/text/tokens.h) or of what it
// is (match.h).
constexpr int kIndexEdition = 2;

std::string description(const ObjectDefinition& object) {
  std::string text = object.name + ":" + std::to_string(kIndexEdition) + ":";
  for (const auto& field : object.fields) {
    if (field.search_class != 0) text += field.name + "=" + field.search_class + ",";
  }
  return text + ";";
}

std::string description(const record::Schema& schema) {
  std::string text;
  for (const auto& object : schema.objects()) {
    if (is_searchable(object->definition())) text += description(object->definition());
  }
  return text;
}

std::optional<std::string> known_description(record::Engine& engine) {
  std::optional<std::string> known;
  engine.database().read([&](db::Reader& reader) { known = read_setting(reader, kFieldsOf); });
  return known;
}

// What is there already stays as it is: a restored database is the one that was backed up.
void keep_description(record::Engine& engine) {
  if (known_description(engine) == description(*engine.schema())) return;
  const auto actor = record::system_actor("job");
  engine.write(actor, [&](record::Tx& tx) {
    write_setting(tx.writer(), kFieldsOf, description(tx.schema()), actor.user_id, tx.now());
  });
}

}  // namespace

void Search::rebuild_object(record::Engine& engine, const record::ObjectSchema& object,
                            const std::function<void(std::int64_t)>& progress) {
  record::ListRequest request;
  request.default_top = kBatch;
  request.default_order = "id asc";
  do {
    std::vector<record::Record> records;
    request.options.skiptoken =
        engine.list_typed(record::system_actor("job"), object.definition().name, request,
                          [&](const record::TypedRow& row) { records.push_back(row.record); });
    std::vector<std::pair<RecordId, std::string>> words;
    engine.database().read([&](db::Reader& reader) {
      words.clear();
      const MemberLookup members(reader, records);
      for (const auto& record : records)
        words.emplace_back(record.id(), search_tokens(record, members.of(record)));
    });
    engine.database().write(
        [&](db::Writer& writer) {
          for (const auto& [id, text] : words) db::SearchTable::put(writer, id, text);
        },
        db::Lane::Bulk);
    if (progress) progress(static_cast<std::int64_t>(words.size()));
  } while (!request.options.skiptoken.empty());
}

void Search::rebuild(record::Engine& engine, const std::function<void(std::int64_t)>& progress) {
  const auto schema = engine.schema();
  for (const auto& object : schema->objects()) {
    if (is_searchable(object->definition())) rebuild_object(engine, *object, progress);
  }
  keep_description(engine);
}

void Search::begin(record::Engine& engine) {
  if (known_description(engine)) return;
  const auto schema = engine.schema();
  for (const auto& object : schema->objects()) {
    if (!is_searchable(object->definition())) continue;
    bool is_empty = true;
    record::ListRequest request;
    request.default_top = 1;
    engine.list_typed(record::system_actor("job"), object->definition().name, request,
                      [&](const record::TypedRow&) { is_empty = false; });
    if (!is_empty) return;
  }
  keep_description(engine);
}

void Search::complete(record::Engine& engine) {
  if (is_complete_) return;
  const std::string known = ";" + known_description(engine).value_or("");
  const auto schema = engine.schema();
  bool is_new = false;
  for (const auto& object : schema->objects()) {
    const auto& definition = object->definition();
    if (!is_searchable(definition) ||
        known.find(";" + description(definition)) != std::string::npos)
      continue;
    is_new = true;
    rebuild_object(engine, *object, [&](std::int64_t) {
      engine.check_background_work();
      while (index_pending(engine) == kBatch) engine.check_background_work();
    });
  }
  if (is_new) keep_description(engine);
  is_complete_ = true;
}

void Search::gather(record::Engine& engine) {
  bool is_scattered = false;
  engine.database().read(
      [&](db::Reader& reader) { is_scattered = db::SearchTable::is_scattered(reader); });
  auto step = db::SearchTable::Step::First;
  for (bool more = is_scattered; more; step = db::SearchTable::Step::Next) {
    engine.database().write(
        [&](db::Writer& writer) { more = db::SearchTable::gather(writer, step); }, db::Lane::Bulk);
    engine.check_background_work();
    while (index_pending(engine) == kBatch) engine.check_background_work();
  }
}

std::vector<record::Invariant> search_invariants(const std::vector<ObjectDefinition>& objects) {
  std::vector<record::Invariant> out;
  for (const auto& object : objects) {
    if (!is_searchable(object)) continue;
    db::Rows rows{object.name, {}};
    if (!object.configuration) rows.where.push_back({"deleted_at", db::Compare::IsNull, {}});
    const db::Partner pending{
        "outbox_event", {{"id", "record_id"}}, {{"consumer", db::Compare::Equal, "search"}}, true};
    out.push_back(
        {object.name + ": is not in the search index", [rows, pending](db::Reader& reader) {
           return db::without_partner(reader, rows,
                                      {db::indexed_record(reader.dialect()), pending});
         }});
  }
  return out;
}

void register_search(Registrar& registrar, std::shared_ptr<Search> search) {
  registrar.registry.add_durable_consumer(
      {"search",
       [](const ObjectDefinition& object, record::Operation) { return is_searchable(object); }});
  registrar.starters.insert(registrar.starters.begin(), [search](record::Engine& engine) {
    search->set_policy(engine.access());
    engine.set_search(search.get());
    engine.database().migrate([](db::Writer& writer) { db::SearchTable::create(writer); });
    search->begin(engine);
  });
  registrar.schedules.push_back({"search.index", 300, [search](record::Engine& engine) {
                                   while (search->index_pending(engine) == kBatch)
                                     engine.check_background_work();
                                   search->complete(engine);
                                 }});
  registrar.schedules.push_back({"search.gather", kGatherEvery,
                                 [search](record::Engine& engine) { search->gather(engine); }});
}

}  // namespace kehai::platform
