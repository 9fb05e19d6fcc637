#include "targets.h"

#include <stdexcept>
#include <string>

#include "base/error.h"
#include "base/json.h"
#include "http/fuzz_entry.h"
#include "platform/transfer/formats/fuzz_entry.h"
#include "product_targets.h"
#include "query/fuzz_entry.h"

namespace kehai::fuzz {

namespace {

template <void (*function)(const std::uint8_t*, std::size_t)>
void bytes_of(std::string_view bytes) {
  function(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

void write(base::JsonWriter& writer, const base::Json& value) {
  if (const auto* object = value.if_object()) {
    writer.begin_object();
    for (const auto& [key, member] : *object) {
      writer.key({key.data(), key.size()});
      write(writer, member);
    }
    writer.end_object();
  } else if (const auto* array = value.if_array()) {
    writer.begin_array();
    for (const auto& member : *array) write(writer, member);
    writer.end_array();
  } else if (const auto* text = value.if_string()) {
    writer.text({text->data(), text->size()});
  } else if (value.is_int64()) {
    writer.integer(value.get_int64());
  } else if (value.is_uint64()) {
    writer.raw(std::to_string(value.get_uint64()));
  } else if (value.is_bool()) {
    writer.boolean(value.get_bool());
  } else {
    // Binary floating point is never written back: amounts travel as scaled integers.
    writer.null();
  }
}

std::string written(const base::Json& value) {
  std::string text;
  base::JsonWriter writer(text);
  write(writer, value);
  return text;
}

// What is read and written again means the same.
void fuzz_json(std::string_view bytes) {
  try {
    const std::string once = written(base::parse_json(bytes));
    if (written(base::parse_json(once)) != once)
      throw std::logic_error("JSON changes when it is written: " + once);
  } catch (const base::Error&) {
  }
  // Any bytes make a string that can be read, and stay what they are when they are UTF-8.
  std::string literal;
  base::append_json_string(literal, bytes);
  const base::Json text = base::parse_json(literal);
  std::string again;
  base::append_json_string(again, {text.as_string().data(), text.as_string().size()});
  if (again != literal)
    throw std::logic_error("a JSON string changes when it is written again: " + literal);
}

}  // namespace

const std::vector<Target>& targets() {
  static const std::vector<Target> all = {
      {"http_stream", std::string_view("\r\n :;0,\t\0/%F\x7f\xff", 15), 10'000, http::fuzz_stream},
      {"http_fields", std::string_view(",;=\"\\%+&/. *-\0\xff", 15), 20'000, http::fuzz_fields},
      {"http_form", std::string_view("\r\n-X:;=\"\\/ \0\xff", 13), 10'000, http::fuzz_form},
      {"query", "()',/:;=*-@$ 0a", 5'000, query::query_fuzz_one},
      {"json", "{}[]\",:\\/u0-e.", 20'000, fuzz_json},
      {"table", std::string_view("\"',;\t\n\r=\\\0\xff\xfe", 12), 3'000,
       bytes_of<platform::fuzz_table>},
      {"text", std::string_view("\",\n\r\x1b\x80\x81\xa1\xb0\xd8\xe4\xff\0", 12), 300, fuzz_text},
      {"sheet", "<>/=\"&;:0A$!- ", 3'000, bytes_of<platform::fuzz_sheet>},
      {"xml", "<>/=\"&;:!-[]? ", 5'000, bytes_of<platform::fuzz_xml>},
      {"biff", std::string_view("\0\x01\x02\x08\x09\x10\x7f\x80\xfc\xfd\xff", 11), 5'000,
       bytes_of<platform::fuzz_biff>},
      {"cell_values", "0123456789,.-/:%()¥'=+@# E", 10'000, bytes_of<platform::fuzz_cell_values>},
      {"names", "+-() 0189@.公司限有+86转（）·ＡxX", 3'000, fuzz_names},
      {"fields", "{}[]\",:.-+e0189@T", 5'000, fuzz_fields},
      {"requests", "{}[]\",:$/?=&()' 0", 1'000, fuzz_requests},
      {"credentials", "=;, /:+()0Bab'\"%", 20'000, fuzz_credentials},
      {"backup",
       std::string_view("{}[]\",:\n\0"
                        "017$",
                        13),
       2'000, fuzz_backup},
  };
  return all;
}

}  // namespace kehai::fuzz
