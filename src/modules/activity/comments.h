// Comments on follow-ups: read and written by whoever reads the follow-up, taken away by their
// authors. They are talk about the work and never count as work: no stamps, no status, no anchors.
#pragma once

#include "platform/registrar.h"
#include "record/tx.h"

namespace kehai::modules {

// Comments carry what decides who reads their follow-up; after the follow-up was saved.
void follow_activity(record::Tx& tx, const record::Change& change);

void register_comments(platform::Registrar& registrar);

}  // namespace kehai::modules
