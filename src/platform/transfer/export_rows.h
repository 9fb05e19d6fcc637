// Records as the rows of a table that people open in a spreadsheet program, within the rights of
// the person who asks: readable fields only, masked ones masked, what a row hides empty, references
// by title, choices by label.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/transfer/formats/table_writer.h"
#include "record/engine.h"

namespace kehai::platform {

struct ExportRequest {
  std::string object;
  record::ListRequest list;          // filter, order, search; `top` bounds the rows
  std::vector<std::string> columns;  // empty = what people usually want
  std::string format = "xlsx";       // or "csv"
};

// Makes the writer once the columns are known.
using MakeWriter = std::function<std::unique_ptr<TableWriter>(std::vector<TableColumn> columns,
                                                              const std::string& title)>;

// The columns of a request. Throws Invalid "query.unknown_field" {field} for unknown and hidden
// names alike.
std::vector<const record::FieldDefinition*> export_columns(record::Engine& engine,
                                                           const record::Actor& actor,
                                                           const record::ObjectSchema& object,
                                                           const std::vector<std::string>& names);

// Throws Forbidden "access.denied" without the right "export", NotFound "record.not_found" without
// "read".
void require_export(record::Engine& engine, const record::Actor& actor,
                    const record::ObjectSchema& object);

// Writes the rows page by page and finishes the table; returns their number. `progress` gets the
// rows so far and says whether to go on; Conflict "export.stopped" when not. Limit
// "export.too_many_rows" {limit} above `limit` rows (0 = no limit).
std::int64_t export_rows(record::Engine& engine, const record::Actor& actor,
                         const ExportRequest& request, std::int64_t limit,
                         const MakeWriter& make_writer,
                         const std::function<bool(std::int64_t)>& progress = {});

// Who took which rows out: one line of the audit.
void audit_export(record::Engine& engine, const record::Actor& actor, const ExportRequest& request,
                  const std::string& filter_text, std::int64_t rows);

}  // namespace kehai::platform
