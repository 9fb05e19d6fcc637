// Which pipelines a department's deals may go through (domain 1, Pipeline: departments).
//
// A pipeline without departments is for all, and the default one always is; one with departments is
// for those and all below them. The department of a deal is that of its owner.
#pragma once

#include "record/tx.h"

namespace kehai::modules {

// When a deal is made, or put into another pipeline. Administrators and the program itself may put
// any deal anywhere. Throws the field error "opportunity.pipeline_not_for_department" on
// pipeline_id.
void check_pipeline_department(record::Tx& tx, const record::Record& deal,
                               const record::Record& pipeline);

// Before a pipeline is saved. Throws the field error "pipeline.default_is_for_all" on
// department_ids.
void check_pipeline_departments(const record::Record& pipeline);

}  // namespace kehai::modules
