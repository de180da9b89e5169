#include "question.h"

#include <string.h>

enum {
    HEADER = 12,
    QUESTION_TAIL = 4, /* type and class */
    RECORD_HEAD = 10,  /* type, class, TTL, length of the data */
    TYPE_A = 1,
    CLASS_IN = 1,
    TRUNCATED = 0x02, /* in octet 2 */
    RCODE = 0x0f,     /* in octet 3 */
    NXDOMAIN = 3,
    POINTER = 0xc0,
};

static unsigned get_u16(const uint8_t *from)
{
    return (unsigned)from[0] << 8 | from[1];
}

size_t question_make(uint8_t message[static QUESTION_MAX], uint16_t id, const char *name)
{
    memset(message, 0, HEADER);
    message[0] = (uint8_t)(id >> 8);
    message[1] = (uint8_t)id;
    message[5] = 1; /* one question */
    size_t at = HEADER;
    while (*name) {
        size_t label = strcspn(name, ".");
        message[at++] = (uint8_t)label;
        memcpy(message + at, name, label);
        at += label;
        name += label + (name[label] == '.');
    }
    memcpy(message + at, (uint8_t[]){0, 0, TYPE_A, 0, CLASS_IN}, 1 + QUESTION_TAIL);
    return at + 1 + QUESTION_TAIL;
}

int question_id(const uint8_t *message, size_t length)
{
    return length < HEADER ? -1 : (int)get_u16(message);
}

/* Where the name at `at` ends; past the message where it is broken. */
static size_t skip_name(const uint8_t *message, size_t length, size_t at)
{
    while (at < length && message[at] != 0) {
        if (message[at] >= POINTER)
            return at + 2;
        at += message[at] + 1U;
    }
    return at + 1;
}

struct answer answer_read(const uint8_t *message, size_t length, struct in_addr looked_for)
{
    struct answer answer = {.readable = false};
    if (length < HEADER)
        return answer;
    unsigned rcode = message[3] & RCODE;
    answer.readable = !(message[2] & TRUNCATED) && (rcode == 0 || rcode == NXDOMAIN);
    unsigned n_records = get_u16(message + 6);
    size_t at = skip_name(message, length, HEADER) + QUESTION_TAIL;
    while (n_records-- > 0) {
        at = skip_name(message, length, at);
        if (at + RECORD_HEAD > length)
            break;
        const uint8_t *head = message + at;

        at += RECORD_HEAD + get_u16(head + 8);
        if (at > length)
            break;
        if (get_u16(head) != TYPE_A || get_u16(head + 8) != sizeof looked_for)
            continue;
        answer.n++;
        answer.has = answer.has || !memcmp(head + RECORD_HEAD, &looked_for, sizeof looked_for);
    }
    return answer;
}
