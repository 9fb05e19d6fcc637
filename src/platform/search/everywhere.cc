// A search over several objects at once.
#include <algorithm>
#include <map>

#include "base/text/fold.h"
#include "db/dialect.h"
#include "db/search_table.h"
#include "platform/search/match.h"
#include "platform/search/search.h"
#include "record/field_reader.h"

namespace kehai::platform {

using record::RecordId;

namespace {

constexpr int kMost = 500;
// The newest records of one object that have the words, to choose a page of `limit` from: enough,
// unless the engine refuses many of them.
int enough(int limit) {
  return std::min(2 * limit, kMost);
}

struct Hits {
  std::map<std::string, std::vector<RecordId>, std::less<>> ids;  // by object, newest first
  bool are_all = false;
};

// One question for all objects. FTS5 reads a word from its newest record on and stops when it has
// enough; a GIN index looks up every record of a word first, so PostgreSQL is asked by object.
Hits newest_hits(record::Engine& engine, const record::Actor& actor,
                 const std::vector<SearchedObject>& objects, const text::QueryTokens& query,
                 int most) {
  Hits hits;
  if (engine.database().is_postgres()) return hits;
  const std::string match = match_everywhere(engine.access(), actor, objects, query);
  std::vector<RecordId> ids;
  engine.database().read(
      [&](db::Reader& reader) { ids = db::SearchTable::find(reader, match, most, ""); });
  for (const RecordId id : ids) hits.ids[engine.allocator().object_of(id)].push_back(id);
  hits.are_all = static_cast<int>(ids.size()) < most;
  return hits;
}

// How well a title fits: the words themselves, its beginning, somewhere in it, or elsewhere.
int rank_of(const std::string& title, const std::string& folded_words) {
  const std::string folded = text::fold(title);
  if (folded == folded_words) return 0;
  if (folded.starts_with(folded_words)) return 1;
  return folded.find(folded_words) != std::string::npos ? 2 : 3;
}

struct Ranked {
  FoundRecord found;
  int rank;
};

class Everywhere {
 public:
  Everywhere(record::Engine& engine, const record::Actor& actor, std::string_view text, int limit)
      : engine_(engine),
        actor_(actor),
        query_(text::query_tokens(text)),
        folded_(text::fold(text)),
        limit_(limit) {}

  void search(const std::vector<SearchedObject>& objects) {
    if (query_.empty() || objects.empty()) return;
    const int wanted = enough(limit_);
    const int most = std::min(kMost, wanted * static_cast<int>(objects.size()));
    const Hits hits = newest_hits(engine_, actor_, objects, query_, most);
    engine_.database().read([&](db::Reader& reader) {
      ranked_.clear();
      for (const auto& object : objects) {
        const auto found = hits.ids.find(object.object->definition().name);
        std::vector<RecordId> ids;
        if (found != hits.ids.end()) ids = found->second;
        if (static_cast<int>(ids.size()) > wanted) ids.resize(static_cast<std::size_t>(wanted));
        if (!hits.are_all && static_cast<int>(ids.size()) < wanted)
          ids = find(reader, object, wanted);
        auto rows = among(reader, object, ids);
        if (static_cast<int>(ids.size()) == wanted && static_cast<int>(rows.size()) < limit_)
          rows = among(reader, object, find(reader, object, kMost));
        rank(object.object->definition(), rows);
      }
    });
  }

  // Best first, then in the order of the objects.
  std::vector<FoundRecord> best() {
    std::stable_sort(ranked_.begin(), ranked_.end(),
                     [](const Ranked& a, const Ranked& b) { return a.rank < b.rank; });
    std::vector<FoundRecord> out;
    for (auto& entry : ranked_) {
      if (static_cast<int>(out.size()) == limit_) break;
      out.push_back(std::move(entry.found));
    }
    return out;
  }

 private:
  std::vector<RecordId> find(db::Reader& reader, const SearchedObject& object, int limit) const {
    const auto& definition = object.object->definition();
    return db::SearchTable::find(reader,
                                 match_text(engine_.access(), actor_, definition, object.scope,
                                            query_, reader.dialect().is_postgres()),
                                 limit, definition.name);
  }

  std::vector<record::TypedRow> among(db::Reader& reader, const SearchedObject& object,
                                      const std::vector<RecordId>& ids) const {
    if (ids.empty()) return {};
    return engine_.rows_among(reader, *object.object, object.scope, ids,
                              {object.object->definition().title_field, "code"});
  }

  void rank(const record::ObjectDefinition& object, const std::vector<record::TypedRow>& rows) {
    const record::FieldReader fields(engine_.access(), actor_, object);
    for (const auto& row : rows) {
      // The rank, too, knows no more of a title than the person does.
      const std::string title = fields.title(row.record, row.hidden);
      ranked_.push_back({{object.name, row.record.id(), title, object.labels.in(actor_.language)},
                         rank_of(title, folded_)});
    }
  }

  record::Engine& engine_;
  const record::Actor& actor_;
  const text::QueryTokens query_;
  const std::string folded_;
  const int limit_;
  std::vector<Ranked> ranked_;
};

}  // namespace

std::vector<FoundRecord> Search::find_everywhere(record::Engine& engine, const record::Actor& actor,
                                                 std::string_view text,
                                                 const std::vector<std::string>& objects,
                                                 int limit) {
  const auto schema = engine.schema();
  std::vector<SearchedObject> searched;
  for (const auto& object : schema->objects()) {
    const auto& definition = object->definition();
    if (definition.internal || !is_searchable(definition)) continue;
    // Who looks for customers does not want the tags and campaigns of the settings among them.
    const bool is_asked = objects.empty() ? !definition.configuration
                                          : std::find(objects.begin(), objects.end(),
                                                      definition.name) != objects.end();
    if (is_asked && engine.access().may(actor, definition, "read"))
      searched.push_back({object.get(), engine.access().scope(actor, definition, "read")});
  }
  Everywhere everywhere(engine, actor, text, limit);
  everywhere.search(searched);
  return everywhere.best();
}

}  // namespace kehai::platform
