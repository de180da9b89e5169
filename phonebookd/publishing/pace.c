#include "pace.h"

void pace_init(struct pace *pace, uint64_t interval)
{
    pace->interval = interval;
    pace->next = 0;
}

uint64_t pace_delay(const struct pace *pace, uint64_t now)
{
    return pace->next > now ? pace->next - now : 0;
}

void pace_start(struct pace *pace, uint64_t now)
{
    pace->next = now + pace->interval;
}

void pace_hold(struct pace *pace, uint64_t now, uint64_t delay)
{
    if (pace->next < now + delay)
        pace->next = now + delay;
}
