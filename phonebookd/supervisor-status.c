#include "supervisor-status.h"

#include "../common/notify.h"
#include "limits.h"
#include "supervisor.h"

#include <stdio.h>
#include <string.h>

enum { TIME_MAX = 32 };

static const char *time_text(char text[static TIME_MAX], time_t time)
{
    struct tm local;
    if (!localtime_r(&time, &local) || strftime(text, TIME_MAX, "%F %T", &local) == 0)
        snprintf(text, TIME_MAX, "?");
    return text;
}

void status_text(char text[static STATUS_MAX], const struct status_facts *facts)
{
    char built[TIME_MAX];
    int length = snprintf(text, STATUS_MAX, "%zu name%s, %zu zone%s; last build %s", facts->names,
                          facts->names == 1 ? "" : "s", facts->zones, facts->zones == 1 ? "" : "s",
                          facts->built ? time_text(built, facts->built) : "none");
    char error[TIME_MAX];
    if (*facts->error)
        snprintf(text + length, STATUS_MAX - (size_t)length, "; last error %s: %s",
                 time_text(error, facts->error_time), facts->error);
}

static void on_timer(uv_timer_t *timer)
{
    struct status *status = timer->data;
    if (status->watched)
        notify("WATCHDOG=1");
    struct status_facts facts = {0};
    status->find(status->owner, &facts);
    char text[STATUS_MAX];
    status_text(text, &facts);
    if (strcmp(text, status->told) == 0)
        return;
    char state[STATUS_MAX + 32];
    snprintf(state, sizeof state, "STATUS=%s", text);
    if (notify(state) == 0)
        snprintf(status->told, sizeof status->told, "%s", text);
}

void status_start(struct status *status, uv_loop_t *loop,
                  void (*find)(void *owner, struct status_facts *facts), void *owner)
{
    uint64_t limit = supervisor_watchdog_ms();
    if (!notify_is_wanted())
        return;
    status->find = find;
    status->owner = owner;
    status->watched = limit > 0;
    uint64_t every = STATUS_EVERY_MS;
    if (status->watched && limit / 3 < every) /* one message may be lost or late */
        every = limit / 3;
    uv_timer_init(loop, &status->timer);
    status->timer.data = status;
    uv_timer_start(&status->timer, on_timer, 0, every);
}

void status_stop(struct status *status)
{
    if (status->find)
        uv_close((uv_handle_t *)&status->timer, NULL);
}
