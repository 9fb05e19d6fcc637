#include "app/demo/quality_past.h"

#include <algorithm>

#include "modules/data_quality/figures.h"
#include "modules/data_quality/walk.h"

namespace kehai::app {

namespace {

constexpr int kMonths = 11;

// Fewer customers, and more to complain about.
modules::Figure as_it_was(const modules::Figure& now, int months_back, base::Random& random) {
  const auto share = [&](std::int64_t value, std::int64_t percent) {
    return value * percent / 100;
  };
  const auto wobble = static_cast<std::int64_t>(random.below(5)) - 2;
  modules::Figure was;
  was.records = share(now.records, 100 - 4 * months_back);
  const auto worse = [&](std::int64_t value, std::int64_t each) {
    return std::min(was.records, share(value, 100 + each * months_back + 4 * wobble));
  };
  was.completeness =
      share(share(now.completeness, 100 - 4 * months_back), 100 - 2 * months_back + wobble);
  was.incomplete = worse(now.incomplete, 6);
  was.shells = worse(now.shells, 7);
  was.stale = worse(now.stale, 3);
  was.duplicates = worse(now.duplicates, 2);
  was.findings = share(now.findings, 100 + 9 * months_back + 6 * wobble);
  was.forced = static_cast<std::int64_t>(random.below(2));
  return was;
}

}  // namespace

void add_quality_past(record::Engine& engine, base::Instant now, base::Random& random) {
  while (modules::QualityJob().step(engine)) {
  }
  modules::Figures today;
  engine.database().read([&](db::Reader& reader) {
    modules::each_figure(
        reader, 1, [&](std::int64_t, const modules::Place& place, const modules::Figure& figure) {
          today[place] = figure;
        });
  });
  const std::int64_t month = modules::month_of(engine.zone(), now);
  for (int back = kMonths; back > 0; --back) {
    modules::Figures past;
    for (const auto& [place, figure] : today) past[place] = as_it_was(figure, back, random);
    engine.write(record::system_actor("job"),
                 [&](record::Tx& tx) { modules::keep_month(tx, month - back, past); });
  }
}

}  // namespace kehai::app
