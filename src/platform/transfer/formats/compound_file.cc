#include "platform/transfer/formats/compound_file.h"

#include <algorithm>
#include <utility>

#include "platform/transfer/formats/row_source.h"

namespace kehai::platform {

namespace {

constexpr std::uint32_t kLastSector = 0xFFFFFFFA;  // greater values are marks
constexpr std::uint32_t kSmallSector = 64;
constexpr std::size_t kMostEntries = 10'000;

base::Error damaged(const char* reason) {
  return broken("compound file", reason);
}

std::uint32_t word_at(std::string_view bytes, std::size_t at, std::size_t width = 4) {
  std::uint32_t value = 0;
  for (std::size_t i = width; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// A stream as the list of its pieces in the file.
class SectorStream : public ByteSource {
 public:
  SectorStream(ByteSource& source, std::vector<std::uint64_t> offsets, std::uint32_t piece,
               std::uint64_t size)
      : source_(source), offsets_(std::move(offsets)), piece_(piece), size_(size) {}
  std::uint64_t size() const override { return size_; }
  std::size_t read(std::uint64_t offset, char* out, std::size_t count) override {
    std::size_t done = 0;
    while (done < count && offset + done < size_) {
      const std::uint64_t at = offset + done;
      const std::uint64_t inside = at % piece_;
      const std::size_t want = static_cast<std::size_t>(
          std::min<std::uint64_t>({count - done, piece_ - inside, size_ - at}));
      const std::size_t got =
          source_.read(offsets_[static_cast<std::size_t>(at / piece_)] + inside, out + done, want);
      done += got;
      if (got < want) break;
    }
    return done;
  }

 private:
  ByteSource& source_;
  std::vector<std::uint64_t> offsets_;
  std::uint32_t piece_;
  std::uint64_t size_;
};

}  // namespace

CompoundFile::CompoundFile(ByteSource& source) : source_(source), header_(source.head(512)) {
  if (header_.size() < 512) throw damaged("cut off");
  const std::uint32_t shift = word_at(header_, 30, 2);
  if ((shift != 9 && shift != 12) || word_at(header_, 32, 2) != 6) throw damaged("sector size");
  sector_size_ = 1u << shift;
  small_limit_ = std::min<std::uint32_t>(word_at(header_, 56), 1u << 20);
  load_table();
  load_directory(word_at(header_, 48));
}

std::uint32_t CompoundFile::read_word(std::uint64_t offset) {
  char bytes[4];
  if (source_.read(offset, bytes, 4) != 4) throw damaged("cut off");
  return word_at(std::string_view(bytes, 4), 0);
}

std::uint64_t CompoundFile::sector_offset(std::uint32_t sector) const {
  return (static_cast<std::uint64_t>(sector) + 1) * sector_size_;
}

void CompoundFile::add_table_sector(std::uint32_t sector) {
  std::string bytes(sector_size_, '\0');
  // The last sector of a file may be short.
  if (source_.read(sector_offset(sector), bytes.data(), bytes.size()) == 0)
    throw damaged("allocation table");
  for (std::size_t at = 0; at < bytes.size(); at += 4) table_.push_back(word_at(bytes, at));
}

void CompoundFile::load_table() {
  const std::uint64_t most = source_.size() / sector_size_ + 1;
  const std::uint64_t most_tables = most / (sector_size_ / 4) + 2;
  std::uint64_t tables = 0;
  const auto add = [&](std::uint32_t sector) {
    if (sector >= kLastSector) return;
    if (++tables > most_tables) throw damaged("allocation table");
    add_table_sector(sector);
  };
  for (std::size_t i = 0; i < 109; ++i) add(word_at(header_, 76 + i * 4));
  std::uint32_t list = word_at(header_, 68);
  for (std::uint64_t lists = 0; list < kLastSector; ++lists) {
    if (lists > most_tables) throw damaged("allocation table");
    const std::uint64_t offset = sector_offset(list);
    for (std::uint32_t i = 0; i + 1 < sector_size_ / 4; ++i) add(read_word(offset + i * 4));
    list = read_word(offset + sector_size_ - 4);
  }
}

std::vector<std::uint32_t> CompoundFile::chain(std::uint32_t first,
                                               const std::vector<std::uint32_t>& table) const {
  std::vector<std::uint32_t> sectors;
  for (std::uint32_t sector = first; sector < kLastSector; sector = table[sector]) {
    if (sector >= table.size() || sectors.size() > table.size()) throw damaged("sector chain");
    sectors.push_back(sector);
  }
  return sectors;
}

void CompoundFile::load_directory(std::uint32_t first) {
  std::uint32_t small_first = kLastSector;
  for (const std::uint32_t sector : chain(first, table_)) {
    std::string bytes(sector_size_, '\0');
    source_.read(sector_offset(sector), bytes.data(), bytes.size());
    for (std::size_t at = 0; at + 128 <= bytes.size() && entries_.size() < kMostEntries;
         at += 128) {
      const std::uint32_t type = word_at(bytes, at + 66, 1);
      if (type != 1 && type != 2 && type != 5) continue;
      Entry entry;
      const std::uint32_t length = std::min<std::uint32_t>(word_at(bytes, at + 64, 2), 64);
      for (std::uint32_t i = 0; i + 2 < length; i += 2) {
        const std::uint32_t unit = word_at(bytes, at + i, 2);
        entry.name += unit < 0x80 ? static_cast<char>(unit) : '?';
      }
      entry.start = word_at(bytes, at + 116);
      entry.size = word_at(bytes, at + 120);
      entry.stream = type == 2;
      if (type == 5) small_first = entry.start;
      entries_.push_back(std::move(entry));
    }
  }
  if (small_first < kLastSector) small_sectors_ = chain(small_first, table_);
  for (const std::uint32_t sector : chain(word_at(header_, 60), table_)) {
    std::string bytes(sector_size_, '\0');
    source_.read(sector_offset(sector), bytes.data(), bytes.size());
    for (std::size_t at = 0; at < bytes.size(); at += 4) small_table_.push_back(word_at(bytes, at));
  }
}

bool CompoundFile::has(std::string_view name) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.name == name; });
}

std::unique_ptr<ByteSource> CompoundFile::open(std::string_view name) {
  const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& e) { return e.stream && e.name == name; });
  if (entry == entries_.end()) throw damaged("missing stream");
  const bool small = entry->size < small_limit_;
  const std::uint32_t piece = small ? kSmallSector : sector_size_;
  std::vector<std::uint64_t> offsets;
  for (const std::uint32_t sector : chain(entry->start, small ? small_table_ : table_)) {
    if (!small) {
      offsets.push_back(sector_offset(sector));
      continue;
    }
    const std::uint64_t at = static_cast<std::uint64_t>(sector) * kSmallSector;
    const std::uint64_t index = at / sector_size_;
    if (index >= small_sectors_.size()) throw damaged("small stream");
    offsets.push_back(sector_offset(small_sectors_[static_cast<std::size_t>(index)]) +
                      at % sector_size_);
  }
  // A stream that claims more than its chain holds ends where the chain ends.
  const std::uint64_t size = std::min<std::uint64_t>(entry->size, offsets.size() * piece);
  return std::make_unique<SectorStream>(source_, std::move(offsets), piece, size);
}

}  // namespace kehai::platform
