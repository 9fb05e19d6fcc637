// A page of records as JSON, straight from the rows of the statement that finds them: no Record and
// no value of its own in between. For pages that need nothing of a row but its columns: no
// expansions, nothing computed at reading time.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "record/access.h"
#include "record/render.h"
#include "record/store.h"

namespace kehai::record {

// Made for one page, used by one thread.
class RowsWriter {
 public:
  // Borrows all. The rows that will be added are admitted by the scope.
  RowsWriter(const ObjectSchema& object, const RecordWriter& written, const RowScope& scope);

  // Whether a page with these fields can be written so.
  static bool suits(const RecordWriter& written);

  // The stored fields that the statement selects first, in this order.
  const std::vector<std::size_t>& columns() const { return columns_; }
  void add(const db::Row& row);
  // The multi-valued fields whose values are wanted beside the rows.
  std::vector<const FieldDefinition*> lists() const;
  // A value of one of them, by its number; of a record that was added, in the order of the values.
  void add_value(std::size_t list, RecordId id, Value value);
  // The records with these ids, each of which was added, as JSON objects with commas between them.
  // Looks up the files that they name.
  std::string elements(db::Reader& reader, const std::vector<RecordId>& ids) const;

 private:
  struct Column {
    const WrittenField* field;
    int position;  // in the row; kGap when the value comes later
  };
  struct Piece {  // of text_: one record without its braces
    std::size_t begin;
    std::size_t end;
  };
  // A place in text_ whose value comes later.
  struct Gap {
    std::size_t at;
    bool hidden;  // nothing stands there
  };
  struct Filling {  // the value of a gap, or one of several that are its list
    std::size_t gap;
    Value value;
  };
  // A branch of the scope and where its column is in a row.
  struct Door {
    const Branch* branch;
    int position;
  };

  // The position of a stored field in the rows.
  int select(std::size_t index);
  // Of each of fields_, whether this row hides it; null when it hides nothing.
  const std::vector<bool>* hidden_in(const db::Row& row);
  std::vector<std::string> filled(db::Reader& reader) const;

  const ObjectSchema& object_;
  std::vector<std::size_t> columns_;
  std::vector<Column> fields_;
  std::vector<const WrittenField*> later_;  // the same for each record
  std::vector<std::size_t> lists_;          // those of later_ that are multi-valued
  std::vector<Door> doors_;                 // none when no row hides anything
  std::map<std::vector<const Branch*>, std::vector<bool>> hidden_;  // by the ways in to a row
  std::string text_;
  std::vector<Piece> pieces_;
  std::unordered_map<RecordId, std::size_t> piece_of_;
  std::vector<Gap> gaps_;  // later_.size() for each piece
  std::vector<Filling> fillings_;
};

}  // namespace kehai::record
