#include "stamps.h"

#include "../limits.h"

bool stamps_outdated(const struct stamps *stamps, int64_t epoch)
{
    int64_t step = epoch - stamps->epoch;
    if (stamps->serial == 0 || (step < CLOCK_STEP_S && step > -CLOCK_STEP_S))
        return false;
    return stamps->ends || stamps->serial < stamps->wall + step;
}
