#include "http/multipart.h"

#include <doctest/doctest.h>

#include <random>

#include "base/error.h"

using namespace kehai::http;

namespace {

const std::string kForm =
    "--XX\r\nContent-Disposition: form-data; name=\"object\"\r\n\r\nlead\r\n"
    "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\fake\\客户 "
    "\\\"1\\\".csv\"\r\n"
    "Content-Type: text/csv\r\n\r\na,b\r\n--X\r\n\r\n--XXX\r\n"
    "--XX\r\nContent-Disposition: form-data; name=\"empty\"; filename=\"\"\r\n\r\n\r\n--XX--\r\n";

std::string describe(const std::string& body, const std::vector<Part>& parts) {
  std::string text;
  for (const Part& part : parts) {
    text += part.name + "|" + part.file_name + "|" + part.content_type + "|" +
            body.substr(part.offset, part.size) + "\n";
  }
  return text;
}

// The parts, or why not.
std::string read(const std::string& body, std::size_t cut = 0) {
  try {
    MultipartReader reader("XX");
    reader.feed(std::string_view(body).substr(0, cut));
    reader.feed(std::string_view(body).substr(cut));
    return describe(body, reader.finish());
  } catch (const kehai::base::Error& error) {
    return "refused " + error.params().at("reason");
  }
}

std::string part(const std::string& fields, const std::string& content = "c") {
  return "--XX\r\n" + fields + "\r\n\r\n" + content + "\r\n--XX--\r\n";
}

}  // namespace

TEST_CASE("a form with files, whole and at each cut") {
  // The content looks like the boundary in two places; "--XXX" is refused because it is one,
  // continued wrongly.
  const std::string whole = read(kForm);
  CHECK(whole == "refused boundary");
  std::string form = kForm;
  form.replace(form.find("--XXX"), 5, "--XYX");
  const std::string good =
      "object|||lead\nfile|客户 \"1\".csv|text/csv|a,b\r\n--X\r\n\r\n--XYX\nempty|||\n";
  CHECK(read(form) == good);
  for (std::size_t cut = 1; cut < form.size(); ++cut) {
    if (read(form, cut) != good || read(kForm, cut) != whole) CHECK(cut == 0);
  }
}

TEST_CASE("broken forms are refused") {
  const std::string name = "Content-Disposition: form-data; name=\"a\"";
  CHECK(read(part(name)) == "a|||c\n");
  CHECK(read(part("content-disposition: Form-Data; filename=\"x\"; name=\"a\"")) == "a|x||c\n");
  CHECK(read("") == "refused end");
  CHECK(read("--XX--\r\n") == "");
  CHECK(read("preamble\r\n" + part(name)) == "refused boundary");
  CHECK(read("--XX\r\n" + name + "\r\n\r\nc") == "refused end");
  CHECK(read("--XX\n" + name + "\r\n\r\nc\r\n--XX--") == "refused boundary");
  CHECK(read(part("Content-Type: text/csv")) == "refused disposition");
  CHECK(read(part("Content-Disposition: attachment; name=\"a\"")) == "refused disposition");
  CHECK(read(part("Content-Disposition: form-data; filename=\"a\"")) == "refused disposition");
  CHECK(read(part(name + "\r\n" + name)) == "refused disposition");
  CHECK(read(part("nonsense")) == "refused fields");
  CHECK(read(part("Content-Disposition: form-data; name=\"\xff\"")) == "refused fields");
  CHECK(read(part(name + "\r\nX: " + std::string(5000, 'a'))) == "refused fields");
  std::string many;
  for (int i = 0; i < 65; ++i) many += "--XX\r\n" + name + "\r\n\r\nc\r\n";
  CHECK(read(many + "--XX--\r\n") == "refused parts");
}

TEST_CASE("mutated forms give the same result at random cuts") {
  std::mt19937 random(7);
  std::string form = kForm;
  form.replace(form.find("--XXX"), 5, "--XYX");
  for (int i = 0; i < 20'000; ++i) {
    std::string body = form;
    body[random() % body.size()] = "\r\n-X\";:="[random() % 8];
    const std::string whole = read(body);
    const std::size_t cut = random() % body.size();
    if (read(body, cut) != whole) {
      CAPTURE(body);
      CHECK(read(body, cut) == whole);
    }
  }
}

TEST_CASE("parts are read from memory and from a file alike") {
  struct File final : BodyFile {
    std::string content;
    std::uint64_t size() const override { return content.size(); }
    std::size_t read(std::uint64_t offset, char* buffer, std::size_t size) const override {
      return content.copy(buffer, size, offset);
    }
  };
  std::string large;
  for (int i = 0; i < 40'000; ++i) large += std::to_string(i) + "\r\n-";
  Request request;
  request.headers.emplace_back("content-type", "multipart/form-data; boundary=\"XX\"");
  request.body = part("Content-Disposition: form-data; name=\"a\"", large);
  const auto in_memory = read_multipart(request);
  REQUIRE(find_part(in_memory, "a"));
  CHECK(part_text(request, in_memory[0]) == large);
  CHECK(find_part(in_memory, "b") == nullptr);
  CHECK_THROWS_AS(part_text(request, in_memory[0], 1000), kehai::base::Error);
  auto file = std::make_shared<File>();
  file->content = request.body;
  request.body.clear();
  request.body_file = file;
  const auto in_file = read_multipart(request);
  REQUIRE(in_file.size() == 1);
  CHECK(part_text(request, in_file[0]) == large);
  CHECK(body_size(request) == file->content.size());
  request.headers[0].second = "text/plain";
  CHECK_THROWS_AS(read_multipart(request), kehai::base::Error);
}
