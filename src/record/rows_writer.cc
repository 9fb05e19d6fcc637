#include "record/rows_writer.h"

#include <algorithm>
#include <unordered_map>

namespace kehai::record {

namespace {

constexpr int kGap = -1;
constexpr int kId = 0;
constexpr int kVersion = 1;

bool comes_later(const FieldDefinition& field) {
  return field.multiple || field.type == FieldType::File;
}

}  // namespace

bool RowsWriter::suits(const RecordWriter& written) {
  return std::none_of(written.fields().begin(), written.fields().end(),
                      [](const WrittenField* field) { return field->field->at_read; });
}

RowsWriter::RowsWriter(const ObjectSchema& object, const RecordWriter& written,
                       const RowScope& scope)
    : object_(object) {
  const auto& definition = object.definition();
  columns_ = {static_cast<std::size_t>(definition.field_index("id")),
              static_cast<std::size_t>(definition.field_index("version"))};
  for (const auto* field : written.fields()) {
    fields_.push_back({field, field->field->multiple ? kGap : select(field->index)});
    if (comes_later(*field->field)) later_.push_back(field);
  }
  if (!scope.hides_fields()) return;
  for (const auto& branch : scope.branches) {
    const int index = definition.field_index(branch.column);
    if (index >= 0) doors_.push_back({&branch, select(static_cast<std::size_t>(index))});
  }
}

int RowsWriter::select(std::size_t index) {
  const auto known = std::find(columns_.begin(), columns_.end(), index);
  const auto position = static_cast<int>(known - columns_.begin());
  if (known == columns_.end()) columns_.push_back(index);
  return position;
}

const std::vector<bool>* RowsWriter::hidden_in(const db::Row& row) {
  if (doors_.empty()) return nullptr;
  std::vector<const Branch*> ways;
  for (const auto& door : doors_) {
    if (row.is_null(door.position) || !door.branch->has(row.get_int(door.position))) continue;
    if (door.branch->hidden_fields.empty()) return nullptr;
    ways.push_back(door.branch);
  }
  const auto [entry, is_new] = hidden_.try_emplace(std::move(ways));
  if (is_new) {
    const auto names = hidden_by(object_.definition(), entry->first);
    for (const auto& column : fields_) {
      const auto& name = column.field->field->name;
      entry->second.push_back(std::find(names.begin(), names.end(), name) != names.end());
    }
  }
  return &entry->second;
}

void RowsWriter::add(const db::Row& row) {
  Piece piece{row.get_int(kId), text_.size(), 0};
  base::JsonWriter writer(text_);
  writer.begin_object().ready_key("\"@odata.etag\":");
  writer.plain_text([&](std::string& out) {
    out += "W/\\\"";
    base::append_json_int(out, row.get_int(kVersion));
    out += "\\\"";
  });
  static const FileInfos kNoFiles;
  const auto* hidden = hidden_in(row);
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const auto& column = fields_[i];
    const bool is_later = comes_later(*column.field->field);
    if (hidden != nullptr && (*hidden)[i]) {
      if (is_later) gaps_.push_back({text_.size(), 0, true});
      continue;
    }
    writer.ready_key(column.field->key);
    if (!is_later) {
      column.field->write(writer, row.view(column.position), kNoFiles);
      continue;
    }
    const RecordId file = column.position == kGap ? 0 : row.get_int(column.position);
    gaps_.push_back({text_.size(), file, false});
    writer.raw("");
  }
  writer.end_object();
  piece.end = text_.size();
  pieces_.push_back(piece);
}

std::vector<const FieldDefinition*> RowsWriter::lists() const {
  std::vector<const FieldDefinition*> out;
  for (const auto* field : later_) {
    if (field->field->multiple) out.push_back(field->field);
  }
  return out;
}

void RowsWriter::add_value(std::size_t list, RecordId id, Value value) {
  values_.push_back({list, id, std::move(value)});
}

// What stands in the gaps, "" where there is nothing.
std::vector<std::string> RowsWriter::fillings(db::Reader& reader) const {
  std::vector<std::string> out(gaps_.size());
  struct Found {
    std::size_t gap;
    Value value;
  };
  std::vector<Found> found;
  std::vector<RecordId> files;
  std::unordered_map<RecordId, std::size_t> first_gap;
  for (std::size_t i = 0; i < pieces_.size(); ++i)
    first_gap.emplace(pieces_[i].id, i * later_.size());
  std::vector<std::size_t> places;  // of the lists in later_
  for (std::size_t k = 0; k < later_.size(); ++k) {
    if (later_[k]->field->multiple) places.push_back(k);
  }
  for (const auto& one : values_)
    found.push_back({first_gap.at(one.id) + places[one.list], one.value});
  for (std::size_t gap = 0; gap < gaps_.size(); ++gap) {
    if (gaps_[gap].file != 0) found.push_back({gap, Value(gaps_[gap].file)});
  }
  const auto field_of = [&](const Found& one) { return later_[one.gap % later_.size()]; };
  for (const auto& one : found) {
    if (field_of(one)->field->type == FieldType::File) files.push_back(one.value.as_int());
  }
  const FileInfos infos = file_infos(reader, files);
  for (const auto& one : found) {
    auto& text = out[one.gap];
    const auto* field = field_of(one);
    if (field->field->multiple) text += text.empty() ? "[" : ",";
    base::JsonWriter writer(text);
    field->write(writer, one.value, infos);
  }
  for (std::size_t gap = 0; gap < gaps_.size(); ++gap) {
    if (!out[gap].empty() && later_[gap % later_.size()]->field->multiple) out[gap] += ']';
  }
  return out;
}

std::string RowsWriter::elements(db::Reader& reader, const std::vector<RecordId>& ids) const {
  std::unordered_map<RecordId, const Piece*> pieces;
  for (const auto& piece : pieces_) pieces.emplace(piece.id, &piece);
  const auto filled = later_.empty() ? std::vector<std::string>() : fillings(reader);
  std::string out;
  out.reserve(text_.size() + text_.size() / 16);
  for (const RecordId id : ids) {
    const Piece& piece = *pieces.at(id);
    if (!out.empty()) out += ',';
    std::size_t at = piece.begin;
    const std::size_t first = static_cast<std::size_t>(&piece - pieces_.data()) * later_.size();
    for (std::size_t k = 0; k < later_.size(); ++k) {
      const Gap& gap = gaps_[first + k];
      out.append(text_, at, gap.at - at);
      at = gap.at;
      if (gap.hidden) continue;
      const std::string& filling = filled[first + k];
      out += !filling.empty() ? filling : later_[k]->field->multiple ? "[]" : "null";
    }
    out.append(text_, at, piece.end - at);
  }
  return out;
}

}  // namespace kehai::record
