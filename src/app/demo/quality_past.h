// The demo company's data quality: the figures of today, and eleven months before in which they
// were worse.
#pragma once

#include "base/random.h"
#include "base/time.h"
#include "record/engine.h"

namespace kehai::app {

// The records are there already. Throws what the database throws.
void add_quality_past(record::Engine& engine, base::Instant now, base::Random& random);

}  // namespace kehai::app
