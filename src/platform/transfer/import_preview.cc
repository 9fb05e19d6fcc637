// What a person is shown of a file before it is checked: its first rows, and which field each
// column is taken for.
#include <algorithm>

#include "base/error.h"
#include "platform/transfer/import.h"
#include "platform/transfer/import_companions.h"
#include "platform/transfer/import_pass.h"
#include "platform/transfer/import_store.h"
#include "platform/transfer/mapping_guess.h"

namespace kehai::platform {

using base::Error;
using record::Actor;

namespace {

constexpr std::size_t kPreviewRows = 20;

}  // namespace

// Opens the file, guesses the mapping if nobody gave one, and keeps what the person is shown.
void Imports::look_at(const Actor& actor, ImportJob& job) {
  const auto reader = open_table(uploads_.path(job.file_hash), table_options(job.settings));
  const TablePreview preview = reader->preview(kPreviewRows);
  std::size_t width = 0;
  for (const auto& row : preview.rows) width = std::max(width, row.cells.size());
  const auto names = column_names(preview.info, width);
  std::map<std::string, int> confidence;
  if (!job.settings.has_mapping) guess(actor, preview, names, job, confidence);

  job.preview.clear();
  base::JsonWriter writer(job.preview);
  const auto& info = preview.info;
  writer.begin_object().key("sheets").begin_array();
  for (const auto& sheet : info.sheets) {
    if (!sheet.hidden) writer.text(sheet.name);
  }
  writer.end_array().key("sheet").text(info.sheet).key("encoding").text(info.encoding);
  writer.key("delimiter").text(info.delimiter).key("header_row").integer(info.header_row);
  writer.key("damaged_bytes").integer(static_cast<std::int64_t>(info.damaged_bytes));
  writer.key("preamble").begin_array();
  for (const auto& line : info.preamble) writer.text(line);
  writer.end_array().key("columns").begin_array();
  for (const auto& name : names) {
    const auto mapped = job.settings.mapping.find(name);
    const bool is_mapped = mapped != job.settings.mapping.end() && !mapped->second.empty();
    writer.begin_object().key("name").text(name).key("field");
    is_mapped ? writer.text(mapped->second) : writer.null();
    const auto sure = confidence.find(name);
    writer.key("confidence")
        .integer(!is_mapped                 ? 0
                 : sure == confidence.end() ? 100
                                            : sure->second)
        .end_object();
  }
  writer.end_array().key("rows").begin_array();
  for (const auto& row : preview.rows) {
    writer.begin_array();
    for (const auto& cell : row.cells) writer.text(cell.text);
    writer.end_array();
  }
  writer.end_array().end_object();
}

namespace {

bool is_reason(const base::Texts& texts, std::string_view name) {
  for (const auto language : {base::Language::SimplifiedChinese, base::Language::TraditionalChinese,
                              base::Language::English}) {
    if (texts.text(language, "import.result.reason") == name) return true;
  }
  return false;
}

// A key in another system is long; "1", "2", "3" are line numbers, and the next file has them too.
bool looks_like_key(const std::string& text) {
  constexpr std::size_t kShortestKey = 8;
  return text.size() >= kShortestKey;
}

}  // namespace

// The mapping that the person used for such a file before, else by the headers; a guess must prove
// itself on the first rows.
void Imports::guess(const Actor& actor, const TablePreview& preview,
                    const std::vector<std::string>& names, ImportJob& job,
                    std::map<std::string, int>& confidence) {
  std::string remembered;
  parts_.engine.database().read([&](db::Reader& reader) {
    remembered = remembered_mapping(reader, actor.user_id, job.object, header_key(names));
    // The rejected rows of an earlier import come back with the reason behind the columns of that
    // file.
    if (remembered.empty() && names.size() > 1 && is_reason(texts_, names.back())) {
      remembered = remembered_mapping(reader, actor.user_id, job.object,
                                      header_key({names.begin(), names.end() - 1}));
    }
  });
  if (!remembered.empty() && preview.info.header_row > 0) {
    job.settings = parse_import_settings(base::parse_json(remembered).as_object(), job.settings);
    try {
      make_plan(parts_.engine, actor, job.object, job.settings, names, false);
      job.settings.has_mapping = false;  // still only a proposal
      return;
    } catch (const Error&) {
      job.settings.mapping.clear();  // a field is gone, or the right to it
      job.settings.values.clear();
      job.settings.create_missing.clear();
    }
  }
  const auto schema = parts_.engine.schema();
  const auto& definition = schema->at(job.object).definition();
  const auto& policy = parts_.engine.access();
  const bool update = job.settings.update;
  auto guesses = guess_mapping(
      definition, preview.info.header_row > 0 ? names : std::vector<std::string>(names.size()),
      [&](const record::FieldDefinition& field) {
        return is_importable(policy, actor, definition, field, update);
      },
      update);
  if (!update && preview.info.header_row > 0) {
    for (const auto& link : companion_links(parts_.engine, *schema, actor, definition)) {
      const auto& companion = schema->at(link.object).definition();
      guess_companion(
          companion, *link.field, names,
          [&](const record::FieldDefinition& field) {
            return &field != link.field && is_importable(policy, actor, companion, field, false);
          },
          guesses);
    }
  }
  job.settings.mapping.clear();
  for (std::size_t i = 0; i < names.size(); ++i) job.settings.mapping[names[i]] = guesses[i].field;
  ImportSettings trial = job.settings;
  trial.defaults.clear();
  trial.owner_id = trial.pool_id = 0;
  // A name that nobody knows yet does not speak against the column where it can be made.
  trial.create_missing.clear();
  for (const auto* field : creatable_references(parts_.engine, *schema, actor, definition))
    trial.create_missing.insert(field->name);
  const ImportPlan plan = make_plan(parts_.engine, actor, job.object, trial, names, false);
  ReferenceResolver resolver(parts_.engine, parts_.dedupe, actor, trial.source);
  RowParser parser(parts_.engine, parts_.dedupe, plan, resolver, actor.language);
  std::map<std::string, int> filled;
  std::map<std::string, int> wrong;
  const auto look = [&](const TableRow& row, const PlannedColumn& column) {
    if (column.index >= row.cells.size() || row.cells[column.index].text.empty()) return;
    ++filled[column.name];
    if (column.is_external_id && !looks_like_key(row.cells[column.index].text))
      ++wrong[column.name];
  };
  for (const auto& row : preview.rows) {
    for (const auto& column : plan.columns) look(row, column);
    for (const auto& companion : plan.companions) {
      for (const auto& column : companion.plan.columns) look(row, column);
    }
    for (const auto& error : parser.parse(row.cells, row.number).errors) ++wrong[error.column];
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto& name = names[i];
    const int cells = filled[name];
    const int bad = std::min(wrong[name], cells);
    // Rows that cannot be read at all speak against the guess; a few wrong ones are what validation
    // is for.
    const bool refuted = cells > 0 && (guesses[i].field == kExternalId ? bad > 0 : bad == cells);
    if (refuted) job.settings.mapping[name].clear();
    confidence[name] =
        cells == 0 ? guesses[i].confidence : guesses[i].confidence * (cells - bad) / cells;
  }
}

}  // namespace kehai::platform
