#include "netwatch-dumper.h"

#include "../../common/clock.h"
#include "netwatch-requests.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

/* Only the thread uses `requests`, except to interrupt it; `mutex` guards the other members. */
struct netwatch_dumper_work {
    struct netwatch_requests requests;
    pthread_t thread;
    uv_mutex_t mutex;
    uv_cond_t asked, done;
    uv_async_t *async; /* NULL when the loop has closed its side */
    enum { IDLE, ASKED, DONE } state;
    bool abandoned; /* the thread must free everything */
    int32_t nsid;
    struct netwatch_dump dump;
};

static void release(struct netwatch_dumper_work *work)
{
    if (work->state == DONE && !work->dump.error)
        snapshot_fini(&work->dump.snapshot);
    netwatch_requests_fini(&work->requests);
    uv_cond_destroy(&work->done);
    uv_cond_destroy(&work->asked);
    uv_mutex_destroy(&work->mutex);
    free(work);
}

static struct netwatch_dump dump(struct netwatch_requests *requests, int32_t nsid)
{
    struct netwatch_dump dump = {.time = uv_hrtime(), .cpu = thread_ns()};
    requests->cpu = 0;
    dump.error = netwatch_requests_dump(requests, nsid, &dump.snapshot);
    dump.cpu = thread_ns() - dump.cpu + requests->cpu;
    dump.time = uv_hrtime() - dump.time;
    return dump;
}

/* Called with the mutex held, which is released during the request to the kernel. False at the
 * end. */
static bool serve_one(struct netwatch_dumper_work *work)
{
    while (work->async && work->state != ASKED)
        uv_cond_wait(&work->asked, &work->mutex);
    if (!work->async)
        return false;
    int32_t nsid = work->nsid;
    uv_mutex_unlock(&work->mutex);
    struct netwatch_dump result = dump(&work->requests, nsid);
    uv_mutex_lock(&work->mutex);
    work->dump = result;
    work->state = DONE;
    uv_cond_signal(&work->done);
    if (work->async)
        uv_async_send(work->async);
    return work->async;
}

static void *run(void *argument)
{
    struct netwatch_dumper_work *work = argument;
    uv_mutex_lock(&work->mutex);
    while (serve_one(work))
        ;
    bool abandoned = work->abandoned;
    uv_mutex_unlock(&work->mutex);
    if (abandoned)
        release(work);
    return NULL;
}

/* The loop handles all signals, except those that a fault of this thread raises (crashes.h): if
 * these were blocked, they would end the process without calling their handlers. */
static int start_thread(struct netwatch_dumper_work *work)
{
    static const int own[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS};
    sigset_t blocked;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        sigdelset(&blocked, own[i]);
    sigset_t before;
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    int error = -pthread_create(&work->thread, NULL, run, work);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static int new_work(struct netwatch_dumper_work **made, uv_async_t *async,
                    struct namespace_reader *reader, unsigned limit_ms)
{
    struct netwatch_dumper_work *work = calloc(1, sizeof *work);
    if (!work)
        return -ENOMEM;
    int error = netwatch_requests_init(&work->requests, reader);
    if (error) {
        free(work);
        return error;
    }
    work->requests.limit_ms = limit_ms;
    work->async = async;
    uv_mutex_init(&work->mutex);
    uv_cond_init(&work->asked);
    uv_cond_init(&work->done);
    error = start_thread(work);
    if (error)
        release(work);
    *made = work;
    return error;
}

static void on_async(uv_async_t *async)
{
    struct netwatch_dumper *dumper = async->data;
    dumper->done(dumper->owner);
}

int netwatch_dumper_init(struct netwatch_dumper *dumper, struct namespace_reader *reader,
                         unsigned limit_ms)
{
    return new_work(&dumper->work, &dumper->async, reader, limit_ms);
}

void netwatch_dumper_listen(struct netwatch_dumper *dumper, uv_loop_t *loop)
{
    uv_async_init(loop, &dumper->async, on_async);
    dumper->async.data = dumper;
}

/* We cannot wait for a thread that waits in the kernel: even SIGKILL does not end that wait
 * (rtnl_lock() is not interruptible). A thread that waits for the reader can be woken. */
void netwatch_dumper_fini(struct netwatch_dumper *dumper)
{
    struct netwatch_dumper_work *work = dumper->work;
    pthread_t thread = work->thread;
    uv_mutex_lock(&work->mutex);
    bool abandoned = work->state == ASKED && !netwatch_requests_interrupt(&work->requests);
    work->abandoned = abandoned;
    work->async = NULL;
    uv_cond_signal(&work->asked);
    uv_mutex_unlock(&work->mutex);
    if (abandoned) {
        pthread_detach(thread);
        return;
    }
    pthread_join(thread, NULL);
    release(work);
}

void netwatch_dumper_start(struct netwatch_dumper *dumper, int32_t nsid)
{
    struct netwatch_dumper_work *work = dumper->work;
    uv_mutex_lock(&work->mutex);
    work->nsid = nsid;
    work->state = ASKED;
    uv_cond_signal(&work->asked);
    uv_mutex_unlock(&work->mutex);
}

bool netwatch_dumper_take(struct netwatch_dumper *dumper, struct netwatch_dump *dump)
{
    struct netwatch_dumper_work *work = dumper->work;
    uv_mutex_lock(&work->mutex);
    bool done = work->state == DONE;
    if (done) {
        *dump = work->dump;
        work->state = IDLE;
    }
    uv_mutex_unlock(&work->mutex);
    return done;
}

bool netwatch_dumper_wait(struct netwatch_dumper *dumper, uint64_t nanoseconds)
{
    struct netwatch_dumper_work *work = dumper->work;
    uint64_t end = uv_hrtime() + nanoseconds;
    uv_mutex_lock(&work->mutex);
    uint64_t now;
    while (work->state == ASKED && (now = uv_hrtime()) < end)
        uv_cond_timedwait(&work->done, &work->mutex, end - now);
    bool done = work->state != ASKED;
    uv_mutex_unlock(&work->mutex);
    return done;
}
