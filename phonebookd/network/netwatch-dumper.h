/* A thread that dumps namespaces, one at a time, so that the loop never waits for the kernel.
 *
 * A dump of links takes the kernel's RTNL lock for each of its parts (rtnl_dumpit()), and any user
 * can keep that lock busy by deleting links in a namespace of their own.
 *
 * Happy path: netwatch_dumper_start() passes the nsid to the thread, the thread asks the kernel,
 * `done` is called on the loop, and netwatch_dumper_take() returns the result. Until then the
 * socket and the answer belong to the thread. Failure modes: if the kernel does not answer, the
 * dumper stays busy and the loop is not blocked. If the dumper is closed meanwhile, the thread
 * frees its own memory when the kernel answers. */
#ifndef PHONEBOOKD_NETWATCH_DUMPER_H
#define PHONEBOOKD_NETWATCH_DUMPER_H

#include "../state/interfaces.h"
#include "namespace-reader.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct netwatch_dump {
    int error;                /* 0, or -errno from netwatch_requests_dump() */
    uint64_t cpu;             /* nanoseconds of processor time: the thread's and the reader's */
    uint64_t time;            /* nanoseconds on the clock, including the wait for the kernel */
    struct snapshot snapshot; /* owned by the receiver; nothing to release if there is an error */
};

struct netwatch_dumper {
    uv_async_t async;
    struct netwatch_dumper_work *work; /* shared by both threads */
    void (*done)(void *owner);
    void *owner;
};

/* Starts the thread. `reader` and `limit_ms` are those of struct netwatch_requests. The caller must
 * have set `done` and `owner`. 0, or -errno with nothing left open. */
int netwatch_dumper_init(struct netwatch_dumper *dumper, struct namespace_reader *reader,
                         unsigned limit_ms);
/* Ends the thread without waiting for the kernel. */
void netwatch_dumper_fini(struct netwatch_dumper *dumper);
/* Opens the handle `async`. The owner closes it after netwatch_dumper_fini(). */
void netwatch_dumper_listen(struct netwatch_dumper *dumper, uv_loop_t *loop);

/* Only when no dump runs and the last result was taken. */
void netwatch_dumper_start(struct netwatch_dumper *dumper, int32_t nsid);
/* False if there is no new result. */
bool netwatch_dumper_take(struct netwatch_dumper *dumper, struct netwatch_dump *dump);
/* Blocks until the running dump is done, but at most this long; false if it is not done then. */
bool netwatch_dumper_wait(struct netwatch_dumper *dumper, uint64_t nanoseconds);

#endif
