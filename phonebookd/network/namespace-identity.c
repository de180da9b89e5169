#include "namespace-identity.h"

#include "../limits.h"
#include "rtnl.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* The message that answers the request; 0 or -errno. */
static int ask(struct netlink_source *source, const uint8_t *request, size_t length,
               struct rtnl_message *message)
{
    struct netlink_answer answer;
    netlink_source_request(source, request, length, &answer);
    size_t cursor = 0;
    bool malformed;
    if (rtnl_next(source->buffer, answer.length, &cursor, message, &malformed))
        return message->kind == RTNL_ERROR ? message->error : 0;
    if (malformed)
        return -EPROTO;
    return answer.error == -EAGAIN ? -ENODATA : answer.error;
}

/* Gives the namespace the number `wanted`; if it has one already, *nsid becomes that. 0 or -errno;
 * -EEXIST: `wanted` belongs to another namespace. The kernel returns EEXIST in both cases. Each
 * request has an answer, so no sequence number is needed. */
static int give_number(struct netlink_source *source, int namespace_fd, int32_t wanted,
                       int32_t *nsid)
{
    uint8_t request[RTNL_REQUEST_MAX];
    size_t length = rtnl_request_new_nsid(request, 1, namespace_fd, wanted);
    struct rtnl_message message;
    int error = ask(source, request, length, &message);
    *nsid = wanted;
    if (error != -EEXIST)
        return error;
    length = rtnl_request_get_nsid(request, 1, namespace_fd);
    error = ask(source, request, length, &message);
    if (error)
        return error;
    *nsid = message.nsid;
    return message.nsid < 0 ? -EEXIST : 0;
}

/* We choose the numbers, because the kernel would use one again: then a late event of a namespace
 * that is gone would seem to be of another one. Taken numbers are often consecutive, so we skip
 * them in growing steps. */
static int find_number(struct netlink_source *source, int namespace_fd, int32_t first,
                       struct namespace_identity *identity)
{
    identity->next = first;
    int error = -EEXIST;
    int64_t step = 1;
    for (int try = 0; try < NETWATCH_NUMBER_TRIES && error == -EEXIST; try++, step *= 2) {
        int32_t wanted = identity->next;
        error = give_number(source, namespace_fd, wanted, &identity->nsid);
        if (!error && identity->nsid != wanted)
            return 0;
        int64_t next = wanted + step;
        identity->next = next <= INT32_MAX ? (int32_t)next : NETWATCH_NSID_FIRST;
    }
    return error;
}

/* The namespace's file descriptor would keep it alive, so it is closed at once. */
void namespace_identify(struct netlink_source *source, int socket, int32_t first,
                        struct namespace_identity *identity)
{
    int namespace_fd = ioctl(socket, SIOCGSKNS);
    *identity = (struct namespace_identity){.step = IDENTITY_OPEN, .next = first};
    if (namespace_fd < 0) {
        identity->error = -errno;
        return;
    }
    identity->step = IDENTITY_NUMBER;
    struct stat status;
    identity->inode = fstat(namespace_fd, &status) == 0 ? status.st_ino : 0;
    identity->error = find_number(source, namespace_fd, first, identity);
    close(namespace_fd);
}

const char *namespace_identity_step(const struct namespace_identity *identity)
{
    return identity->step == IDENTITY_OPEN ? "SIOCGSKNS" : "RTM_NEWNSID";
}
