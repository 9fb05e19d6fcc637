#include "platform/files/content_store.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/random.h"

namespace kehai::platform {

namespace fs = std::filesystem;

namespace {

constexpr base::Instant kDay = 86'400'000;
constexpr base::Instant kNow = 1'772'328'600'000;

class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "kehai-contents-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path() const { return path_; }
  int files() const {
    int count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(path_))
      count += entry.is_regular_file() ? 1 : 0;
    return count;
  }

 private:
  std::string path_;
};

ContentStore store_in(const Folder& folder) {
  return {folder.path() + "/records", {"file.too_large", "file.not_stored"}};
}

std::string text_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string code_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const base::Error& error) {
    return error.code();
  }
  return "";
}

bool nothing(const std::string&) {
  return false;
}

}  // namespace

TEST_CASE("contents: stored under their hash, the same content once") {
  Folder folder;
  const auto store = store_in(folder);
  const auto stored = store.put(bytes_of("合同"), 100);
  CHECK(stored.hash == base::sha256_hex("合同"));
  CHECK(stored.size == 6);
  CHECK(text_of(store.path(stored.hash)) == "合同");
  CHECK(store.has(stored.hash));
  CHECK(store.put(bytes_of("合同"), 100).hash == stored.hash);
  CHECK(store.put(bytes_of("发票"), 100).hash != stored.hash);
  CHECK(folder.files() == 2);
  CHECK_FALSE(store.has(base::sha256_hex("not there")));
}

TEST_CASE("contents: what is too large or breaks off leaves nothing") {
  Folder folder;
  const auto store = store_in(folder);
  CHECK(code_of([&] { store.put(bytes_of("123456"), 5); }) == "file.too_large");
  CHECK_THROWS_AS(store.put(
                      [](const ByteBlock& block) {
                        block("half");
                        throw std::runtime_error("gone");
                      },
                      5),
                  std::runtime_error);
  CHECK(folder.files() == 0);
  CHECK(store.put(bytes_of("12345"), 5).size == 5);
}

TEST_CASE("contents: a folder that cannot be made is said") {
  Folder folder;
  std::ofstream(folder.path() + "/records") << "in the way";
  CHECK(code_of([&] { store_in(folder).put(bytes_of("1"), 5); }) == "file.not_stored");
}

TEST_CASE("contents: damage is seen") {
  Folder folder;
  const auto store = store_in(folder);
  const auto stored = store.put(bytes_of("合同"), 100);
  CHECK(store.is_sound(stored.hash, 6));
  CHECK_FALSE(store.is_sound(stored.hash, 7));
  std::ofstream(store.path(stored.hash), std::ios::binary) << "发票";  // of the same length
  CHECK_FALSE(store.is_sound(stored.hash, 6));
  store.remove(stored.hash);
  CHECK_FALSE(store.is_sound(stored.hash, 6));
}

TEST_CASE("contents: only what is old and unwanted goes") {
  Folder folder;
  const auto store = store_in(folder);
  const auto old = store.put(bytes_of("old"), 9, kNow - 2 * kDay).hash;
  const auto wanted = store.put(bytes_of("wanted"), 9, kNow - 2 * kDay).hash;
  const auto fresh = store.put(bytes_of("fresh"), 9, kNow).hash;
  CHECK(store.remove_unwanted(kNow - kDay,
                              [&](const std::string& hash) { return hash == wanted; }) == 1);
  CHECK_FALSE(store.has(old));
  CHECK(store.has(wanted));
  CHECK(store.has(fresh));
  // Put again: new again.
  store.put(bytes_of("wanted"), 9, kNow);
  CHECK(store.remove_unwanted(kNow - kDay, nothing) == 0);
  CHECK(store.has(wanted));
}

TEST_CASE("contents: put again while it is being removed, it stays") {
  Folder folder;
  const auto store = store_in(folder);
  const auto hash = store.put(bytes_of("twice"), 9, kNow - 2 * kDay).hash;
  // Between the question and the removal somebody uploads the same content.
  CHECK(store.remove_unwanted(kNow - kDay, [&](const std::string&) {
    store.put(bytes_of("twice"), 9, kNow);
    return false;
  }) == 0);
  CHECK(store.is_sound(hash, 5));
}

TEST_CASE("contents: what dead writers and removers left is tidied up") {
  Folder folder;
  const auto store = store_in(folder);
  const auto wanted = store.put(bytes_of("wanted"), 9, kNow - 2 * kDay).hash;
  const auto unwanted = store.put(bytes_of("unwanted"), 9, kNow - 2 * kDay).hash;
  for (const auto& hash : {wanted, unwanted})
    fs::rename(store.path(hash), store.path(hash) + ".leaving");
  const std::string draft = folder.path() + "/records/upload-abcdef";
  std::ofstream(draft) << "half";
  const timespec times[2] = {{kNow / 1000 - 200'000, 0}, {kNow / 1000 - 200'000, 0}};
  REQUIRE(::utimensat(AT_FDCWD, draft.c_str(), times, 0) == 0);
  CHECK(store.remove_unwanted(kNow - kDay,
                              [&](const std::string& hash) { return hash == wanted; }) == 1);
  CHECK(store.is_sound(wanted, 6));
  CHECK(folder.files() == 1);
}

}  // namespace kehai::platform
