#include "netwatch-requests.h"

#include "../limits.h"
#include "netwatch-socket.h"
#include "rtnl.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

/* The kernel's parts have at most 32 KiB, or consist of one message: a link with the maximum of
 * alternative names (an attribute of 64 KiB). */
enum { ANSWER_SIZE = 1 << 17, NANOSECONDS_PER_MS = 1000000 };

struct answer {
    enum rtnl_kind kind; /* the kind of its messages, except the last */
    int32_t nsid;        /* for links and addresses: each message must be of this namespace */
    struct snapshot *snapshot;
    bool single; /* it has one part, and no message at its end */
    bool complete;
    bool interrupted; /* the kernel says that the parts are inconsistent */
    int verdict;      /* the kernel's: 0 or -errno */
    int32_t number;   /* for nsids: the answer */
};

int netwatch_requests_init(struct netwatch_requests *requests)
{
    *requests = (struct netwatch_requests){.fd = -1};
    requests->buffer = malloc(ANSWER_SIZE);
    if (!requests->buffer)
        return -ENOMEM;
    int error = netwatch_socket_requests(&requests->fd);
    if (error)
        free(requests->buffer);
    return error;
}

static void drop_socket(struct netwatch_requests *requests)
{
    if (requests->fd >= 0)
        close(requests->fd);
    requests->fd = -1;
}

void netwatch_requests_fini(struct netwatch_requests *requests)
{
    drop_socket(requests);
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
    if (answer->kind == RTNL_NSID) {
        answer->number = message->nsid;
        return 0;
    }
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

static int take_datagram(struct netwatch_requests *requests, size_t length, struct answer *answer)
{
    struct rtnl_message message;
    size_t cursor = 0;
    bool malformed;
    while (rtnl_next(requests->buffer, length, &cursor, &message, &malformed)) {
        int error = message.sequence == requests->sequence ? take_message(answer, &message) : 0;
        if (error)
            return error;
    }
    return malformed ? -EPROTO : 0;
}

static bool is_late(const struct netwatch_requests *requests)
{
    return requests->deadline && uv_hrtime() > requests->deadline;
}

static int receive_answer(struct netwatch_requests *requests, struct answer *answer)
{
    for (int part = 0; !answer->complete; part++) {
        struct netwatch_datagram datagram;
        if (part >= NETWATCH_DUMP_PARTS_FREE && is_late(requests))
            return -ETIMEDOUT;
        int error = netwatch_socket_receive(requests->fd, requests->buffer, ANSWER_SIZE, &datagram);
        if (error)
            return error == -EAGAIN ? -ENODATA : error;
        if (!datagram.from_kernel)
            continue;
        if (datagram.cut)
            return -EMSGSIZE;
        error = take_datagram(requests, datagram.length, answer);
        if (error)
            return error;
    }
    return 0;
}

/* 0 if the answer is complete, whatever verdict it contains. */
static int ask(struct netwatch_requests *requests, const uint8_t *request, size_t length,
               struct answer *answer)
{
    int error = 0;
    if (requests->fd < 0)
        error = netwatch_socket_requests(&requests->fd);
    if (error) {
        requests->fd = -1;
        return error;
    }
    if (send(requests->fd, request, length, MSG_DONTWAIT) < 0)
        error = -errno;
    else
        error = receive_answer(requests, answer);
    if (error)
        drop_socket(requests);
    return error;
}

static int ask_for(struct netwatch_requests *requests, enum rtnl_kind kind, int32_t nsid,
                   struct snapshot *snapshot)
{
    struct answer answer = {.kind = kind, .nsid = nsid, .snapshot = snapshot};
    uint8_t request[RTNL_REQUEST_MAX];
    uint32_t sequence = ++requests->sequence;
    size_t length = kind == RTNL_LINK ? rtnl_request_links(request, sequence, nsid)
                                      : rtnl_request_addresses(request, sequence, nsid);
    int error = ask(requests, request, length, &answer);
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
    uint8_t request[RTNL_REQUEST_MAX];
    size_t length = rtnl_request_link(request, ++requests->sequence, nsid, index);
    int error = ask(requests, request, length, &answer);
    if (!error)
        error = answer.verdict;
    return error == -ENODEV ? 0 : error;
}

static int ask_for_lacking(struct netwatch_requests *requests, int32_t nsid,
                           struct snapshot *snapshot)
{
    int lacking[NETWATCH_LINKS_ASKED_MAX], error = 0;
    size_t n = snapshot_lacking(snapshot, lacking, NETWATCH_LINKS_ASKED_MAX);
    if (n > NETWATCH_LINKS_ASKED_MAX)
        return -EOVERFLOW;
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
    int error = -EINTR;
    if (requests->limit_ms > 0)
        requests->deadline = uv_hrtime() + (uint64_t)requests->limit_ms * NANOSECONDS_PER_MS;
    for (int try = 0; try < NETWATCH_DUMP_TRIES && error == -EINTR; try++) {
        if (try > 0 && is_late(requests))
            return error;
        error = dump_once(requests, nsid, snapshot);
    }
    return error;
}

/* The kernel returns EEXIST in two cases: the namespace has a number, or another one has
 * `wanted`. */
int netwatch_requests_number(struct netwatch_requests *requests, int namespace_fd, int32_t wanted,
                             int32_t *nsid)
{
    struct answer given = {.kind = RTNL_ERROR};
    uint8_t request[RTNL_REQUEST_MAX];
    size_t length = rtnl_request_new_nsid(request, ++requests->sequence, namespace_fd, wanted);
    int error = ask(requests, request, length, &given);
    if (error)
        return error;
    *nsid = wanted;
    if (given.verdict != -EEXIST)
        return given.verdict;

    struct answer told = {.kind = RTNL_NSID, .single = true};
    length = rtnl_request_get_nsid(request, ++requests->sequence, namespace_fd);
    error = ask(requests, request, length, &told);
    if (error)
        return error;
    if (told.verdict)
        return told.verdict;
    *nsid = told.number;
    return told.number < 0 ? -EEXIST : 0;
}
