#include "facts.h"

#include "limits.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool has_another_name(struct facts *facts)
{
    char now[sizeof facts->hostname] = "";
    if (gethostname(now, sizeof now - 1) < 0 || strcmp(now, facts->hostname) == 0)
        return false;
    strcpy(facts->hostname, now);
    return true;
}

static void on_hostname(uv_poll_t *poll, int status, int events)
{
    struct facts *facts = poll->data;
    (void)events;
    if (status < 0) /* the timer continues */
        uv_poll_stop(poll);
    if (has_another_name(facts))
        facts->changed(facts->owner);
}

static void on_minute(uv_timer_t *timer)
{
    struct facts *facts = timer->data;
    if (has_another_name(facts) || facts->unknown)
        facts->changed(facts->owner);
}

/* The descriptor, or -errno. */
static int watch_hostname(struct facts *facts, uv_loop_t *loop)
{
    int fd = open("/proc/sys/kernel/hostname", O_RDONLY | O_CLOEXEC);
    int error = fd < 0 ? -errno : uv_poll_init(loop, &facts->poll, fd);
    if (error && fd >= 0)
        close(fd);
    if (error)
        return error;
    uv_poll_start(&facts->poll, UV_PRIORITIZED, on_hostname);
    return fd;
}

void facts_init(struct facts *facts, uv_loop_t *loop, const char *hostname,
                void (*changed)(void *owner), void *owner)
{
    *facts = (struct facts){.changed = changed, .owner = owner};
    snprintf(facts->hostname, sizeof facts->hostname, "%s", hostname);
    uv_timer_init(loop, &facts->timer);
    facts->timer.data = facts->poll.data = facts;
    uv_timer_start(&facts->timer, on_minute, FACTS_LOOK_MS, FACTS_LOOK_MS);
    facts->fd = watch_hostname(facts, loop);
    if (facts->fd < 0)
        log_debug("the host's name is looked at each minute: %s", strerror(-facts->fd));
    if (has_another_name(facts)) /* it changed since it was read */
        facts->changed(facts->owner);
}

void facts_close(struct facts *facts)
{
    uv_close((uv_handle_t *)&facts->timer, NULL);
    if (facts->fd < 0)
        return;
    uv_close((uv_handle_t *)&facts->poll, NULL);
    close(facts->fd);
}
