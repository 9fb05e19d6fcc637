// Working days: Monday to Friday, and in mainland China also without its public holidays and with
// the weekend days that are worked instead (announced year by year; the npm package chinese-days).
//
// Years that are not announced yet count Monday to Friday. Constant; safe from any thread.
#pragma once

#include "base/time.h"

namespace kehai::base {

// `zone` tells the country: public holidays are known for the zones of mainland China.
bool is_working_day(Date date, const TimeZone& zone);
// The day that lies `count` working days after `date`; `date` itself when count is 0.
Date add_working_days(Date date, std::int64_t count, const TimeZone& zone);

}  // namespace kehai::base
