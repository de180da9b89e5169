#include "connection-request.h"

#include "../../common/boot-clock.h"
#include "../../publish-client/request.h"
#include "../../zones/name.h"
#include "../log.h"
#include "../state/accounts.h"
#include "../state/interfaces.h"
#include "../state/registry.h"
#include "connection-keep.h"
#include "connection-life.h"
#include "connection-waits.h"
#include "hang-ups.h"
#include "kept-text.h"
#include "outbox.h"
#include "reply-text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const char all_zones[] = "all"; /* of wait-for */

void connection_reply(struct connection *c, const char *text, size_t length)
{
    bool waited = c->outbox.unsent;
    if (!outbox_send(&c->outbox, c->fd, text, length))
        log_caused(LOG_CLIENT, c->holder.uid, "a reply to uid %u could not be kept: out of memory",
                   c->holder.uid);
    else if (c->outbox.unsent && !waited)
        connection_watch(c);
}

static void refuse(struct connection *c, enum request_error code, const char *why)
{
    char text[REPLY_ERROR_MAX];
    connection_reply(c, text, reply_error(text, code, c->id, why));
}

static void consume(struct connection *c)
{
    char line[REQUEST_LINE_MAX];
    if (c->line_length > 0)
        (void)!recv(c->fd, line, c->line_length, MSG_DONTWAIT);
    c->line_length = 0;
}

/* The request was answered, and the next one waits for its turn. If the answer still waits for room
 * in the socket, it would be lost if phonebookd ended. So the request stays in the socket until the
 * answer is sent: the next phonebookd would answer it. */
static void finish_request(struct connection *c)
{
    c->state = CONNECTION_READING;
    c->current = NULL;
    c->wait = c->id = -1;
    free(c->wait_for);
    c->wait_for = NULL;
    if (!c->outbox.unsent)
        consume(c);
    connection_queue(c);
}

static void answer_names(struct connection *c)
{
    char *text = reply_names(c->wait >= 0 ? REPLY_LIVE : REPLY_OK, c->id, c->current);
    if (text)
        connection_reply(c, text, strlen(text));
    else
        refuse(c, REQUEST_LIMIT, "out of memory");
    free(text);
    finish_request(c);
}

/* The request is accepted: answers `current`, now or when it is live. */
static void accept_current(struct connection *c)
{
    struct connections *set = c->set;
    c->accepted = true;
    connection_leave_idle(c);
    if (c->wait < 0 || set->ops->is_live(set->owner, c->current, c->wait_for)) {
        answer_names(c);
        return;
    }
    c->deadline = uv_now(set->loop) + (uint64_t)c->wait * 1000;
    c->state = CONNECTION_WAITING;
    connection_wait_until_live(c);
}

/* The name was live, or its time was over, when it was put into `due`; this may have changed. */
void connection_answer_due(struct connection *c)
{
    struct connections *set = c->set;
    if (set->ops->is_live(set->owner, c->current, c->wait_for)) {
        answer_names(c);
    } else if (c->deadline <= uv_now(set->loop)) {
        char why[REGISTRY_WHY_MAX];
        set->ops->why_not_live(set->owner, c->current, c->wait_for, why);
        refuse(c, REQUEST_TIMEOUT, why);
        finish_request(c);
    } else {
        connection_wait_until_live(c);
    }
}

void connection_stored(struct connection *c, enum keep_result result)
{
    connection_wait_in(c, NULL);
    if (result == KEEP_FULL && !c->renewed) {
        registry_drop(c->set->registry, c->current);
        c->set->ops->changed(c->set->owner);
        refuse(c, REQUEST_LIMIT, "the keeper has no room for another registration");
        finish_request(c);
        return;
    }
    if (result == KEEP_FULL) /* a restart would restore its former state */
        connection_warn_of_full(c, "registration");
    accept_current(c);
}

void connection_flush(struct connection *c)
{
    if (!outbox_flush(&c->outbox, c->fd))
        return;
    connection_watch(c);
    consume(c);
}

/* Logs that the registry is full, because this concerns all clients. `full`: only root's part is
 * left. */
static void tell_of_names(struct connections *set, uint32_t uid, enum registry_outcome outcome,
                          bool full)
{
    if (outcome == REGISTRY_FULL && !set->names_full)
        log_caused(LOG_LIMIT, uid, "no more than %zu names are accepted (names-max)",
                   set->accounts->total[ACCOUNT_REGISTRATIONS]);
    if (outcome == REGISTRY_OK && set->names_full && !full)
        log_caused_over(LOG_LIMIT, uid, "names are accepted again");
    if (outcome == REGISTRY_FULL || (outcome == REGISTRY_OK && !full))
        set->names_full = outcome == REGISTRY_FULL;
}

static enum request_error take_wait_for(struct connection *c, const struct option_word *word,
                                        char why[static REGISTRY_WHY_MAX])
{
    if (!word->at)
        return REQUEST_OK;
    char zone[NAME_TEXT_MAX + 1] = "";
    enum name_outcome outcome = NAME_OK;
    if (word->length != strlen(all_zones) || memcmp(word->at, all_zones, word->length) != 0)
        outcome = name_canonical(zone, word->at, word->length);
    if (outcome != NAME_OK) {
        snprintf(why, REGISTRY_WHY_MAX, "wait-for: %s", name_outcome_text(outcome));
        return REQUEST_ZONE;
    }
    c->wait_for = strdup(zone);
    if (c->wait_for)
        return REQUEST_OK;
    snprintf(why, REGISTRY_WHY_MAX, "out of memory");
    return REQUEST_LIMIT;
}

static bool is_in_zone(const struct registration *r, const char *zone)
{
    for (size_t i = 0; i < r->n_claims; i++)
        if (strcmp(r->claims[i].listing->zone->name, zone) == 0)
            return true;
    return false;
}

/* Refuses a wait for a zone in which the name does not exist; then it is not registered either. */
static enum request_error check_wait_for(struct connection *c, char why[static REGISTRY_WHY_MAX])
{
    if (!c->wait_for || !*c->wait_for || is_in_zone(c->current, c->wait_for))
        return REQUEST_OK;
    snprintf(why, REGISTRY_WHY_MAX, "wait-for: %s has no name in a zone %s", c->current->name,
             c->wait_for);
    if (!c->renewed)
        registry_drop(c->set->registry, c->current);
    return REQUEST_ZONE;
}

/* Looks at the client's program before the answer, because the client may run another one after it.
 * The look takes 4 us, so it is left out when other clients wait for their turns. */
static void note_program(struct connection *c)
{
    if (!c->accepted && TAILQ_EMPTY(&c->set->ready))
        hang_ups_program(c->program, c->holder.pid);
}

/* Registers. Returns REQUEST_OK with c->current set, or the code, and the reason in `why`. */
static enum request_error take_request(struct connection *c, const struct request *request,
                                       char why[static REGISTRY_WHY_MAX])
{
    struct connections *set = c->set;
    enum request_error error = connection_enter(c, false, why);
    size_t before = c->holder.n_registrations;
    uint64_t changes = set->registry->changes;
    bool full = accounts_are_full(set->accounts, ACCOUNT_REGISTRATIONS);
    if (error == REQUEST_OK)
        error = take_wait_for(c, &request->options.wait_for, why);
    if (error != REQUEST_OK)
        return error;
    enum registry_outcome outcome =
        connection_register(c, request, boot_s(), REGISTRY_ASKED, &c->current, why);
    tell_of_names(set, c->holder.uid, outcome, full);
    if (outcome != REGISTRY_OK)
        return reply_code(outcome);
    note_program(c);
    c->renewed = c->holder.n_registrations == before;
    c->current->given = false;
    c->wait = request->options.wait;
    c->current->dump = namespace_next_dump(c->holder.namespace);
    error = check_wait_for(c, why);
    if (set->registry->changes != changes)
        set->ops->changed(set->owner);
    return error;
}

/* The reply has the name as the client wrote it, because its full names may not exist any more. */
static void reply_withdrawn(struct connection *c, const char *name)
{
    const struct reply reply = {.kind = REPLY_OK, .id = c->id};
    char text[REPLY_HEAD_MAX + REQUEST_NAME_MAX + 2];
    size_t length = reply_format_head(text, &reply);
    length += (size_t)sprintf(text + length, "%s\n", name);
    connection_reply(c, text, length);
}

/* A connection without registrations has the idle limit of a new one: after a restart, phonebookd
 * could not tell it from a new one. */
static void note_withdrawn(struct connection *c)
{
    c->set->ops->changed(c->set->owner);
    if (c->holder.registrations || !c->accepted)
        return;
    c->accepted = false;
    connection_be_idle(c);
}

/* Tells the keeper first. If phonebookd ends after that, the next one finds the request still in
 * the socket, and answers it even though the registration is gone. False if the keeper's queue is
 * full: the request stays in the socket and is read again later. */
static bool withdraw(struct connection *c, const struct request *request)
{
    struct registration *r = registry_find(&c->holder, request->name, request->interface);
    if (r) {
        struct kept_text kept = kept_text_of(r);
        if (!connection_forget(c, &kept)) {
            connection_stay_first(c);
            return false;
        }
        if (!registry_withdraw(c->set->registry, r, boot_ms()))
            log_caused(LOG_CLIENT, c->holder.uid,
                       "former records of %s of uid %u may come back: out of memory", request->name,
                       c->holder.uid);
        note_withdrawn(c);
    }
    reply_withdrawn(c, request->name);
    finish_request(c);
    return true;
}

/* False if the line is to be read again, when the keeper has room. */
static bool handle_line(struct connection *c, const char *line, size_t length)
{
    const char *wrong = NULL;
    struct request request;
    enum request_error error = request_parse(&request, line, length, &wrong);
    c->line_length = length + 1;
    c->id = request.options.id;
    if (error == REQUEST_OK && (wrong = request_interface_fault(request.interface)))
        error = REQUEST_INTERFACE;
    if (error == REQUEST_OK && request.options.withdraw == 1)
        return withdraw(c, &request);
    char why[REGISTRY_WHY_MAX];
    if (error != REQUEST_OK)
        snprintf(why, sizeof why, "%s", wrong);
    else
        error = take_request(c, &request, why);
    if (error != REQUEST_OK) {
        refuse(c, error, why);
        finish_request(c);
        return true;
    }
    c->state = CONNECTION_STORING;
    return true;
}

/* Copies up to REQUEST_LINE_MAX octets from the socket without removing them; -1 and errno on
 * failure. Before Linux 6.16 descriptors can come with the input, which we notice because there is
 * no room for them here. If the client's own end is among them, it would keep its connection open
 * after all processes are gone. */
static ssize_t peek(int fd, char input[static REQUEST_LINE_MAX], bool *descriptors)
{
    struct iovec vector = {.iov_base = input, .iov_len = REQUEST_LINE_MAX};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    ssize_t n = recvmsg(fd, &message, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    *descriptors = n >= 0 && message.msg_flags & MSG_CTRUNC;
    return n;
}

/* Looks for a whole line in the socket and handles it. If there is none, the keeper gets the socket
 * now. False if there is no line, if it has to wait, or if the connection has ended. */
static bool work_once(struct connection *c)
{
    char input[REQUEST_LINE_MAX];
    bool descriptors;
    ssize_t n = peek(c->fd, input, &descriptors);
    if (n < 0 && errno == EINTR)
        return true;
    if (n > 0 && descriptors) {
        connection_kick(c, "error syntax descriptors are not taken\n");
        return false;
    }
    const char *end = n > 0 ? memchr(input, '\n', (size_t)n) : NULL;
    if (!end && n == sizeof input) {
        connection_kick(
            c, "error syntax a request is at most 1024 octets, its end of line included\n");
        return false;
    }
    if (!end) {
        connection_store_socket(c);
        return false;
    }
    return handle_line(c, input, (size_t)(end - input));
}

/* If a change is published in the next turn of the loop, the keeper is told after that: it would be
 * woken while the DNS server and its clients need the processors. */
bool connection_work(struct connection *c)
{
    if (connection_may_read(c)) {
        bool publish_first = c->set->ops->builds_at_once(c->set->owner);
        if (!publish_first && !connection_store_socket(c))
            return true;
        if (!work_once(c))
            return true;
        connection_queue(c);
        if (publish_first && c->state == CONNECTION_STORING) {
            connection_stay_first(c);
            return false;
        }
    }
    if (c->state == CONNECTION_STORING && connection_store_current(c))
        accept_current(c);
    return true;
}
