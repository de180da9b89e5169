#include "request-options.h"

#include "number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct request_options no_request_options = {.ttl = -1, .wait = -1, .linger = -1, .id = -1};

static const struct option {
    const char *key;
    size_t at; /* in struct request_options */
    int64_t low, high;
    bool lasts; /* it is about the registration, not about the answer */
    const char *why;
} table[] = {
    {"ttl", offsetof(struct request_options, ttl), 0, REQUEST_TTL_MAX, true,
     "ttl takes whole seconds from 0 to 2147483647"},
    {"wait", offsetof(struct request_options, wait), 1, REQUEST_WAIT_MAX, false,
     "wait takes whole seconds from 1 to 3600"},
    {"linger", offsetof(struct request_options, linger), 1, REQUEST_LINGER_MAX, true,
     "linger takes whole seconds from 1 to 86400"},
    {"id", offsetof(struct request_options, id), 0, REQUEST_ID_MAX, false,
     "id takes a whole number of up to 18 digits"},
};
static const char why_key[] = "unknown key (known are ttl, wait, linger and id)";
static const char why_twice[] = "a key is given twice";

#define TABLE_END (table + sizeof table / sizeof table[0])

_Static_assert(sizeof table / sizeof table[0] * sizeof " longest-key=9223372036854775807" <
                   REQUEST_OPTIONS_MAX,
               "all options have room");

static int64_t *field(struct request_options *options, const struct option *option)
{
    return (int64_t *)((char *)options + option->at);
}

static int64_t value(const struct request_options *options, const struct option *option)
{
    return *field((struct request_options *)options, option);
}

const char *request_options_take(struct request_options *options, const char *word, size_t length)
{
    for (const struct option *option = table; option < TABLE_END; option++) {
        size_t key = strlen(option->key);

        if (length <= key || memcmp(word, option->key, key) != 0 || word[key] != '=')
            continue;
        if (value(options, option) != -1)
            return why_twice;
        *field(options, option) = number_of(word + key + 1, length - key - 1, option->high);
        return value(options, option) < option->low ? option->why : NULL;
    }
    return why_key;
}

const char *request_options_check(const struct request_options *options)
{
    for (const struct option *option = table; option < TABLE_END; option++) {
        int64_t n = value(options, option);

        if (n != -1 && (n < option->low || n > option->high))
            return option->why;
    }
    return NULL;
}

void request_options_format(char text[static REQUEST_OPTIONS_MAX],
                            const struct request_options *options)
{
    size_t length = 0;

    text[0] = '\0';
    for (const struct option *option = table; option < TABLE_END; option++)
        if (value(options, option) != -1)
            length += (size_t)snprintf(text + length, REQUEST_OPTIONS_MAX - length, " %s=%" PRId64,
                                       option->key, value(options, option));
}

struct request_options request_options_lasting(const struct request_options *options)
{
    struct request_options lasting = *options;

    for (const struct option *option = table; option < TABLE_END; option++)
        if (!option->lasts)
            *field(&lasting, option) = -1;
    return lasting;
}

bool request_options_same(const struct request_options *a, const struct request_options *b)
{
    for (const struct option *option = table; option < TABLE_END; option++)
        if (option->lasts && value(a, option) != value(b, option))
            return false;
    return true;
}
