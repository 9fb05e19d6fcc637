// A page of records as JSON, straight from the rows of the statement that finds them: no Record and
// no value of its own in between. For pages that need nothing of a row but its columns: no
// expansions, nothing computed at reading time, no row that hides more than others do.
#pragma once

#include <string>
#include <vector>

#include "record/render.h"
#include "record/store.h"

namespace kehai::record {

// Made for one page, used by one thread.
class RowsWriter {
 public:
  // Borrows both.
  RowsWriter(const ObjectSchema& object, const RecordWriter& written);

  // Whether a page with these fields can be written so.
  static bool suits(const RecordWriter& written);

  // The stored fields that the statement selects first, in this order.
  const std::vector<std::size_t>& columns() const { return columns_; }
  void add(const db::Row& row);
  // The records with these ids, each of which was added, as JSON objects with commas between them.
  // Looks up what is not in their rows: multi-valued fields and files.
  std::string elements(db::Reader& reader, const Store& store,
                       const std::vector<RecordId>& ids) const;

 private:
  struct Column {
    const WrittenField* field;
    int position;  // in the row; kGap when the value comes later
  };
  struct Piece {  // of text_: one record without its braces
    RecordId id;
    std::size_t begin;
    std::size_t end;
  };
  // What comes later: a place in text_ and the only file that is named there, if it is one.
  struct Gap {
    std::size_t at;
    RecordId file;
  };

  std::vector<std::string> fillings(db::Reader& reader, const Store& store) const;

  const ObjectSchema& object_;
  std::vector<std::size_t> columns_;
  std::vector<Column> fields_;
  std::vector<const WrittenField*> later_;  // the same for each record
  std::string text_;
  std::vector<Piece> pieces_;
  std::vector<Gap> gaps_;  // later_.size() for each piece
};

}  // namespace kehai::record
