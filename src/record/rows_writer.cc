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
    if (!comes_later(*field->field)) continue;
    if (field->field->multiple) lists_.push_back(later_.size());
    later_.push_back(field);
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
  Piece piece{text_.size(), 0};
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
      if (is_later) gaps_.push_back({text_.size(), true});
      continue;
    }
    writer.ready_key(column.field->key);
    if (!is_later) {
      column.field->write(writer, row.view(column.position), kNoFiles);
      continue;
    }
    const RecordId file = column.position == kGap ? 0 : row.get_int(column.position);
    if (file != 0) fillings_.push_back({gaps_.size(), Value(file)});
    gaps_.push_back({text_.size(), false});
    writer.raw("");
  }
  writer.end_object();
  piece.end = text_.size();
  piece_of_.emplace(row.get_int(kId), pieces_.size());
  pieces_.push_back(piece);
}

std::vector<const FieldDefinition*> RowsWriter::lists() const {
  std::vector<const FieldDefinition*> out;
  for (const std::size_t place : lists_) out.push_back(later_[place]->field);
  return out;
}

void RowsWriter::add_value(std::size_t list, RecordId id, Value value) {
  fillings_.push_back({piece_of_.at(id) * later_.size() + lists_[list], std::move(value)});
}

// What stands in the gaps, "" where there is nothing.
std::vector<std::string> RowsWriter::filled(db::Reader& reader) const {
  const auto field_of = [&](const Filling& one) { return later_[one.gap % later_.size()]; };
  std::vector<RecordId> files;
  for (const auto& one : fillings_) {
    if (field_of(one)->field->type == FieldType::File) files.push_back(one.value.as_int());
  }
  const FileInfos infos = file_infos(reader, files);
  std::vector<std::string> out(gaps_.size());
  for (const auto& one : fillings_) {
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
  const auto fillings = later_.empty() ? std::vector<std::string>() : filled(reader);
  std::string out;
  out.reserve(text_.size() + text_.size() / 16);
  for (const RecordId id : ids) {
    const std::size_t number = piece_of_.at(id);
    const Piece& piece = pieces_[number];
    if (!out.empty()) out += ',';
    std::size_t at = piece.begin;
    const std::size_t first = number * later_.size();
    for (std::size_t k = 0; k < later_.size(); ++k) {
      const Gap& gap = gaps_[first + k];
      out.append(text_, at, gap.at - at);
      at = gap.at;
      if (gap.hidden) continue;
      const std::string& filling = fillings[first + k];
      out += !filling.empty() ? filling : later_[k]->field->multiple ? "[]" : "null";
    }
    out.append(text_, at, piece.end - at);
  }
  return out;
}

}  // namespace kehai::record
