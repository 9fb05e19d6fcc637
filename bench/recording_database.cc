#include "recording_database.h"

namespace kehai::bench {

namespace {

class RecordingReader : public db::Reader {
 public:
  RecordingReader(db::Reader& reader, RecordingDatabase& database)
      : reader_(reader), database_(database) {}
  const db::Dialect& dialect() const override { return reader_.dialect(); }
  void set_budget(std::int64_t milliseconds) override { reader_.set_budget(milliseconds); }
  void query(std::string_view sql, std::span<const db::Value> parameters,
             const db::RowFunction& each) override {
    database_.statements.push_back(
        {database_.what, std::string(sql), db::Values(parameters.begin(), parameters.end())});
    reader_.query(sql, parameters, each);
  }

 private:
  db::Reader& reader_;
  RecordingDatabase& database_;
};

}  // namespace

void RecordingDatabase::read(const std::function<void(db::Reader&)>& fn) {
  database_.read([&](db::Reader& reader) {
    RecordingReader recording(reader, *this);
    fn(recording);
  });
}

}  // namespace kehai::bench
