// A search over several objects at once.
#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <utility>

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
// Records with the words that may be looked at one by one.
constexpr int kFew = 100;
// The newest records of one object that have the words, to choose a page of `limit` from: enough,
// unless the engine refuses many of them.
int enough(int limit) {
  return std::min(limit + limit / 2, kMost);
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
        postgres_(engine.database().is_postgres()),
        limit_(limit) {}

  void search(const std::vector<SearchedObject>& objects) {
    if (query_.empty() || objects.empty()) return;
    // FTS5 needs nothing but the words of somebody who sees everything.
    const bool is_limited = std::any_of(objects.begin(), objects.end(),
                                        [](const auto& object) { return !object.scope.all; });
    if ((is_limited || postgres_) && search_few(objects)) return;
    const int wanted = enough(limit_);
    const Hits hits =
        postgres_ ? hits_by_object(objects, wanted) : hits_together(objects, wanted, !is_limited);
    engine_.database().read([&](db::Reader& reader) {
      ranked_.clear();
      for (const auto& object : objects) {
        const auto& ids = hits.at(object.object->definition().name);
        auto rows = among(reader, object, ids);
        if (static_cast<int>(ids.size()) == wanted && static_cast<int>(rows.size()) < limit_)
          rows = among(reader, object, all_of(reader, object));
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
  using Hits = std::map<std::string, std::vector<RecordId>, std::less<>>;  // newest first

  // Within a scope the index looks for each hit of a rare word in every list of the scope, or for
  // each record of the scope among the hits. It is less to read the few records that have the words
  // and to see whether the person may read them, and the words in them. False: they are too many
  // for that.
  bool search_few(const std::vector<SearchedObject>& objects) {
    std::optional<std::vector<RecordId>> ids;
    engine_.database().read([&](db::Reader& reader) {
      ids = db::SearchTable::find_few(reader, words_anywhere(objects, query_, postgres_), kFew);
    });
    if (!ids) return false;
    Hits hits;
    for (const RecordId id : *ids) hits[engine_.allocator().object_of(id)].push_back(id);
    engine_.database().read([&](db::Reader& reader) {
      ranked_.clear();
      for (const auto& object : objects) {
        auto rows = among(reader, object, hits[object.object->definition().name]);
        std::erase_if(rows,
                      [&](const auto& row) { return !has_readable_words(reader, object, row); });
        rank(object.object->definition(), rows);
      }
    });
    return true;
  }

  // Of a row that has the words: also in fields that it does not hide from the person.
  bool has_readable_words(db::Reader& reader, const SearchedObject& object,
                          const record::TypedRow& row) {
    const auto& definition = object.object->definition();
    const auto [known, is_new] = readable_.try_emplace({definition.name, row.hidden});
    Readable& readable = known->second;
    if (is_new) {
      const auto words =
          readable_words(engine_.access(), actor_, definition, row.hidden, query_, postgres_);
      readable.all = words == words_anywhere(definition, query_, postgres_);
      if (!readable.all) readable.ids = db::SearchTable::find(reader, words, kFew, definition.name);
    }
    return readable.all || std::find(readable.ids.begin(), readable.ids.end(), row.record.id()) !=
                               readable.ids.end();
  }

  // A GIN index looks up every record of a word, and of every scope, before the newest are known:
  // PostgreSQL is asked for each object, and in each for its newest.
  Hits hits_by_object(const std::vector<SearchedObject>& objects, int wanted) const {
    std::vector<db::SearchTable::Words> words;
    for (const auto& object : objects) words.push_back(words_in(object));
    std::vector<std::vector<RecordId>> found;
    engine_.database().read(
        [&](db::Reader& reader) { found = db::SearchTable::find_each(reader, words, wanted); });
    Hits hits;
    for (std::size_t i = 0; i < objects.size(); ++i)
      hits[objects[i].object->definition().name] = std::move(found[i]);
    return hits;
  }

  // FTS5 reads a word from its newest record on and stops when it has enough, but looks up each
  // word of a question anew: all objects are asked for together, and then, from there on, together
  // those of which the others left too few.
  Hits hits_together(const std::vector<SearchedObject>& objects, int wanted, bool sees_all) const {
    Hits hits;
    for (const auto& object : objects) hits[object.object->definition().name];
    auto asked = objects;
    auto others = OtherRows::Allowed;
    const int few = 2 * wanted;
    // Words alone cost next to nothing; within a scope each record has to be looked for.
    int most = sees_all ? kMost : few;
    for (auto older_than = std::numeric_limits<RecordId>::max(); !asked.empty();) {
      const auto ids = ids_of(match_everywhere(engine_.access(), actor_, asked, query_, others),
                              most, older_than);
      for (const RecordId id : ids) {
        const auto found = hits.find(engine_.allocator().object_of(id));
        if (found != hits.end() && static_cast<int>(found->second.size()) < wanted)
          found->second.push_back(id);
      }
      if (static_cast<int>(ids.size()) < most) break;
      older_than = ids.back();
      std::erase_if(asked, [&](const SearchedObject& object) {
        return static_cast<int>(hits[object.object->definition().name].size()) == wanted;
      });
      most = few;
      others = OtherRows::LeftOut;
    }
    return hits;
  }

  std::vector<RecordId> ids_of(const std::string& match, int most, RecordId older_than) const {
    std::vector<RecordId> ids;
    engine_.database().read([&](db::Reader& reader) {
      ids = db::SearchTable::find_before(reader, match, most, older_than);
    });
    return ids;
  }

  std::vector<RecordId> all_of(db::Reader& reader, const SearchedObject& object) const {
    const auto words = words_in(object);
    return db::SearchTable::find(reader, words.match, kMost, words.table);
  }

  db::SearchTable::Words words_in(const SearchedObject& object) const {
    const auto& definition = object.object->definition();
    return {match_text(engine_.access(), actor_, definition, object.scope, query_, postgres_),
            definition.name};
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
  const bool postgres_;
  const int limit_;
  std::vector<Ranked> ranked_;
  struct Readable {
    bool all = false;           // nothing searchable is hidden
    std::vector<RecordId> ids;  // otherwise: records with the words in what is not
  };
  std::map<std::pair<std::string, std::vector<std::string>>, Readable> readable_;  // object, hidden
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
