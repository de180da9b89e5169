#include "libphonebook-requests.h"

#include <string.h>

void requests_init(struct requests *requests, int64_t id)
{
    *requests = (struct requests){.next_id = id};
}

bool requests_add(struct requests *requests, const struct request *request)
{
    struct request numbered = *request;
    if (REQUESTS_ROOM - requests->length < REQUEST_LINE_MAX)
        return false;
    numbered.options.id = requests->ids == IDS_REFUSED ? -1 : requests->next_id;
    requests->length += request_format(requests->lines + requests->length, &numbered);
    requests->next_id++;
    requests->n++;
    return true;
}

static size_t first_line(const struct requests *requests)
{
    const char *lf = memchr(requests->lines, '\n', requests->length);
    return lf ? (size_t)(lf + 1 - requests->lines) : 0;
}

const char *requests_unsent(const struct requests *requests, size_t *length)
{
    size_t end = requests->ids == IDS_TRIED ? first_line(requests) : requests->length;
    *length = end - requests->sent;
    return requests->lines + requests->sent;
}

void requests_note_sent(struct requests *requests, size_t length)
{
    requests->sent += length;
}

void requests_remove_all(struct requests *requests)
{
    requests->ids = IDS_TRIED;
    requests->n = requests->length = requests->sent = 0;
}

static void remove_first(struct requests *requests)
{
    size_t length = first_line(requests);
    requests->length -= length;
    requests->sent -= length < requests->sent ? length : requests->sent;
    memmove(requests->lines, requests->lines + length, requests->length);
    requests->n--;
    if (requests->n == 0)
        requests_remove_all(requests);
}

/* Is it the reply of a phonebookd that is older than ids to the first request? */
static bool refuses_ids(const struct requests *requests, const struct reply *reply)
{
    return requests->ids == IDS_TRIED && reply->id < 0 && reply->error == REQUEST_SYNTAX &&
           requests->sent == first_line(requests);
}

static void drop_ids(struct requests *requests)
{
    char *to = requests->lines, *from = to, *end = to + requests->length;
    while (from < end) {
        char *lf = memchr(from, '\n', (size_t)(end - from));
        struct request request;
        const char *why;
        request_parse(&request, from, (size_t)(lf - from), &why);
        request.options.id = -1;
        char line[REQUEST_LINE_MAX];
        size_t length = request_format(line, &request);
        memcpy(to, line, length);
        to += length;
        from = lf + 1;
    }
    requests->length = (size_t)(to - requests->lines);
    requests->sent = 0;
    requests->ids = IDS_REFUSED;
}

static bool is_for_first(struct requests *requests, const struct reply *reply)
{
    if (requests->n == 0)
        return false;
    if (reply->id >= 0)
        return reply->id == requests->next_id - (int64_t)requests->n;
    return requests->ids == IDS_REFUSED || reply->kind == REPLY_ERROR;
}

bool requests_answer(struct requests *requests, const struct reply *reply)
{
    if (!is_for_first(requests, reply))
        return false;
    if (refuses_ids(requests, reply)) {
        drop_ids(requests);
        return false;
    }
    if (reply->id >= 0)
        requests->ids = IDS_KNOWN;
    remove_first(requests);
    return true;
}
