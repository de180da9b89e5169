/* A thread that dumps namespaces, one at a time, for a loop that must not wait for the kernel.
 *
 * A dump of links takes the kernel's RTNL lock for each of its parts (rtnl_dumpit()), and any user
 * can keep that lock busy by deleting links in a namespace of their own.
 *
 * Happy path: netwatch_dumper_start() hands over the number of a namespace; the thread asks the
 * kernel; `done` is called on the loop; netwatch_dumper_take() gives the result. The socket and the
 * answer belong to the thread until then. Failure modes: where the kernel does not answer the
 * dumper stays busy, and the loop goes on; where it is closed meanwhile the thread is left alone,
 * and frees what it has when the kernel lets go of it. */
#ifndef PHONEBOOKD_NETWATCH_DUMPER_H
#define PHONEBOOKD_NETWATCH_DUMPER_H

#include "../state/interfaces.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct netwatch_dump {
    int error;                /* 0, or -errno as of netwatch_requests_dump() */
    uint64_t cpu;             /* nanoseconds of the thread's own processor time */
    uint64_t time;            /* nanoseconds on the clock, the wait for the kernel among them */
    struct snapshot snapshot; /* the receiver's; nothing to release where there is an error */
};

struct netwatch_dumper {
    uv_async_t async;
    struct netwatch_dumper_work *work; /* what both see */
    void (*done)(void *owner);
    void *owner;
};

/* Starts the thread. `limit_ms` is that of struct netwatch_requests. `done` and `owner` are set by
 * the caller before. 0, or -errno with nothing left open. */
int netwatch_dumper_init(struct netwatch_dumper *dumper, unsigned limit_ms);
/* Ends it, without waiting for the kernel. */
void netwatch_dumper_fini(struct netwatch_dumper *dumper);
/* Opens `async`, the one handle, which the owner closes, after netwatch_dumper_fini(). */
void netwatch_dumper_listen(struct netwatch_dumper *dumper, uv_loop_t *loop);

/* Not while one runs, nor before its result was taken. */
void netwatch_dumper_start(struct netwatch_dumper *dumper, int32_t nsid);
/* False where nothing is done that was not taken. */
bool netwatch_dumper_take(struct netwatch_dumper *dumper, struct netwatch_dump *dump);
/* Blocks until the dump that runs is done; false where that takes longer. */
bool netwatch_dumper_wait(struct netwatch_dumper *dumper, uint64_t nanoseconds);

#endif
