#include "netwatch-requests.h"

#include "../limits.h"
#include "rtnl.h"

#include <errno.h>
#include <stdlib.h>
#include <uv.h>

enum { NANOSECONDS_PER_MS = 1000000 };

struct answer {
    enum rtnl_kind kind; /* the kind of its messages, except the last */
    int32_t nsid;        /* each message must be of this namespace */
    struct snapshot *snapshot;
    bool single; /* it has one part, and no message at its end */
    bool complete;
    bool interrupted; /* the kernel says that the parts are inconsistent */
    int verdict;      /* the kernel's: 0 or -errno */
};

int netwatch_requests_init(struct netwatch_requests *requests, struct namespace_reader *reader)
{
    *requests = (struct netwatch_requests){.reader = reader, .source.fd = -1};
    requests->buffer = reader ? namespace_reader_buffer(reader) : malloc(NETLINK_BUFFER_SIZE);
    if (!requests->buffer)
        return -ENOMEM;
    int error = reader ? 0 : netlink_source_open(&requests->source, requests->buffer);
    if (error)
        netwatch_requests_fini(requests);
    return error;
}

bool netwatch_requests_interrupt(struct netwatch_requests *requests)
{
    if (requests->reader)
        namespace_reader_stop(requests->reader);
    return requests->reader;
}

void netwatch_requests_fini(struct netwatch_requests *requests)
{
    netlink_source_close(&requests->source);
    if (!requests->reader)
        free(requests->buffer);
}

/* The rest of a dump that is too large is useless. */
static int snapshot_error(const struct snapshot *snapshot)
{
    switch (snapshot->failed) {
    case SNAPSHOT_WELL:
        return 0;
    case SNAPSHOT_NO_MEMORY:
        return -ENOMEM;
    case SNAPSHOT_TOO_LARGE:
        break;
    }
    return -E2BIG;
}

static int take_link(const struct rtnl_message *message, struct snapshot *snapshot)
{
    if (message->bridge)
        return 0;
    if (!message->name)
        return -EPROTO;
    snapshot_add_link(snapshot, message->index, message->up, message->name);
    for (size_t i = 0; i < message->n_altnames; i++)
        snapshot_add_altname(snapshot, message->index, message->altnames[i]);
    snapshot->n_names_cut += message->n_altnames_left_out;
    return snapshot_error(snapshot);
}

/* Each part names its namespace; one of another namespace must never be used. */
static int take_part(struct answer *answer, const struct rtnl_message *message)
{
    if (message->kind != answer->kind)
        return -EPROTO;
    answer->complete = answer->single;
    if (answer->kind == RTNL_ADDRESS && !message->has_address)
        return 0; /* of another family, whose messages name no namespace */
    if (message->nsid != answer->nsid)
        return -EXDEV;
    if (answer->kind == RTNL_LINK)
        return take_link(message, answer->snapshot);
    snapshot_add_address(answer->snapshot, message->index, &message->address);
    return snapshot_error(answer->snapshot);
}

static int take_message(struct answer *answer, const struct rtnl_message *message)
{
    if (message->interrupted)
        answer->interrupted = true;
    if (message->kind != RTNL_DONE && message->kind != RTNL_ERROR)
        return take_part(answer, message);
    answer->complete = true;
    answer->verdict = message->error;
    return 0;
}

static int take_messages(struct netwatch_requests *requests, size_t length, struct answer *answer)
{
    size_t cursor = 0;
    bool malformed;
    struct rtnl_message message;
    while (!answer->complete &&
           rtnl_next(requests->buffer, length, &cursor, &message, &malformed)) {
        int error = message.sequence == requests->sequence ? take_message(answer, &message) : 0;
        if (error)
            return error;
    }
    return !answer->complete && malformed ? -EPROTO : 0;
}

static bool is_late(const struct netwatch_requests *requests)
{
    return requests->deadline && uv_hrtime() > requests->deadline;
}

/* Closes the socket, which drops the rest of the answer. */
static void drop_answer(struct netwatch_requests *requests)
{
    netlink_source_close(&requests->source);
    requests->fresh = true;
}

/* Takes the next part of the answer. */
static int take_next(struct netwatch_requests *requests, const struct netlink_question *question,
                     struct answer *answer, unsigned *n_datagrams)
{
    if (*n_datagrams >= NETWATCH_DUMP_PARTS_FREE && is_late(requests))
        return -ETIMEDOUT;
    struct netlink_answer part;
    if (requests->reader)
        namespace_reader_ask(requests->reader, question, &part);
    else
        netlink_source_answer(&requests->source, question, &part);
    requests->cpu += part.cpu;
    *n_datagrams += part.n_datagrams;
    int error = take_messages(requests, part.length, answer);
    if (error || answer->complete)
        return error;
    return part.error == -EAGAIN ? -ENODATA : part.error;
}

/* 0 if the answer is complete, whatever verdict it contains. */
static int ask(struct netwatch_requests *requests, enum netlink_kind kind, int index,
               struct answer *answer)
{
    struct netlink_question question = {.kind = kind,
                                        .fresh = requests->fresh,
                                        .sequence = ++requests->sequence,
                                        .nsid = answer->nsid,
                                        .index = index};
    requests->fresh = false;
    unsigned n_datagrams = 0;
    int error = 0;
    while (!error && !answer->complete) {
        error = take_next(requests, &question, answer, &n_datagrams);
        question = (struct netlink_question){.kind = NETLINK_MORE};
    }
    if (error)
        drop_answer(requests);
    return error;
}

static int ask_for(struct netwatch_requests *requests, enum rtnl_kind kind, int32_t nsid,
                   struct snapshot *snapshot)
{
    struct answer answer = {.kind = kind, .nsid = nsid, .snapshot = snapshot};
    int error = ask(requests, kind == RTNL_LINK ? NETLINK_LINKS : NETLINK_ADDRESSES, 0, &answer);
    if (!error)
        error = answer.verdict;
    if (!error && answer.interrupted)
        error = -EINTR;
    return error;
}

/* If the link was deleted since its addresses were dumped, the addresses are dropped too. */
static int ask_for_link(struct netwatch_requests *requests, int32_t nsid, int index,
                        struct snapshot *snapshot)
{
    struct answer answer = {.kind = RTNL_LINK, .nsid = nsid, .single = true, .snapshot = snapshot};
    int error = ask(requests, NETLINK_LINK, index, &answer);
    if (!error)
        error = answer.verdict;
    return error == -ENODEV ? 0 : error;
}

static int ask_for_lacking(struct netwatch_requests *requests, int32_t nsid,
                           struct snapshot *snapshot)
{
    int lacking[NETWATCH_LINKS_ASKED_MAX];
    size_t n = snapshot_lacking(snapshot, lacking, NETWATCH_LINKS_ASKED_MAX);
    if (n > NETWATCH_LINKS_ASKED_MAX)
        return -EOVERFLOW;
    int error = 0;
    for (size_t i = 0; i < n && !error; i++) {
        if (i >= NETWATCH_DUMP_PARTS_FREE && is_late(requests))
            return -ETIMEDOUT;
        error = ask_for_link(requests, nsid, lacking[i], snapshot);
    }
    return error;
}

static int dump_once(struct netwatch_requests *requests, int32_t nsid, struct snapshot *snapshot)
{
    snapshot_init(snapshot);
    int error = ask_for(requests, RTNL_LINK, nsid, snapshot);
    if (!error)
        error = ask_for(requests, RTNL_ADDRESS, nsid, snapshot);
    if (!error)
        error = ask_for_lacking(requests, nsid, snapshot);
    snapshot_finish(snapshot);
    if (!error)
        error = snapshot_error(snapshot);
    if (error)
        snapshot_fini(snapshot);
    return error;
}

int netwatch_requests_dump(struct netwatch_requests *requests, int32_t nsid,
                           struct snapshot *snapshot)
{
    if (requests->limit_ms > 0)
        requests->deadline = uv_hrtime() + (uint64_t)requests->limit_ms * NANOSECONDS_PER_MS;
    int error = -EINTR;
    for (int try = 0; try < NETWATCH_DUMP_TRIES && error == -EINTR; try++) {
        if (try > 0 && is_late(requests))
            return error;
        error = dump_once(requests, nsid, snapshot);
    }
    return error;
}
