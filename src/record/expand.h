// How rows of one object become JSON for one actor: chosen fields and $expand, resolved and checked
// once, before any row is read; internal to list.cc and expand.cc.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "record/engine.h"
#include "record/render.h"
#include "record/rows_writer.h"

namespace kehai::record {

struct Engine::Rendering {
  // Throws what a list of the target with the options inside $expand would throw; Invalid
  // "query.unknown_field" for unknown and hidden navigations alike; NotImplemented
  // "query.not_supported" for options that mean nothing for one record. Borrows all.
  Rendering(Engine& engine, const Actor& actor, const ObjectSchema& object,
            const query::QueryOptions& options);
  // Each row as one JSON object. To-one expansions of a page are one look-up per navigation.
  std::vector<std::string> render(db::Reader& reader, const std::vector<TypedRow>& rows,
                                  bool with_tags) const;
  // Whether a row needs nothing but its columns: RowsWriter can write it.
  bool is_plain() const { return expansions_.empty() && RowsWriter::suits(writer_); }
  const RecordWriter& fields() const { return writer_; }

 private:
  struct Expansion {
    std::string name;
    std::string field;           // to-one: our reference; to-many: that of the children
    const ObjectSchema* target;  // null: a region, which is no record
    bool to_many = false;
    std::vector<std::string> select;  // of a region
    query::QueryOptions options;      // what was written inside
    std::unique_ptr<Rendering> inner;
  };
  // The children of one row.
  struct Children {
    std::string elements;
    std::optional<std::int64_t> count;
    std::string link;  // "" = all of them
  };
  struct Expanded {
    std::map<RecordId, std::string> by_id;  // to-one: rendered targets
    std::vector<Children> children;         // to-many: by row
  };

  Expansion expansion(const query::ExpandItem& item, const query::QueryOptions& options) const;
  Expansion region_expansion(const query::ExpandItem& item, const std::string& field) const;
  Expanded expanded(db::Reader& reader, const Expansion& expansion,
                    const std::vector<TypedRow>& rows) const;
  std::map<RecordId, std::string> targets(db::Reader& reader, const Expansion& expansion,
                                          const std::vector<TypedRow>& rows) const;
  Children children(db::Reader& reader, const Expansion& expansion, RecordId id) const;

  Engine& engine_;
  const Actor& actor_;
  std::shared_ptr<const Schema> schema_;
  const ObjectSchema& object_;
  RecordWriter writer_;
  std::vector<Expansion> expansions_;
};

}  // namespace kehai::record
