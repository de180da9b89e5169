#include "request-options.h"

#include "number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct request_options no_request_options = {
    .ttl = -1, .wait = -1, .linger = -1, .id = -1, .wait_for = {NULL, 0}};

/* The words of a choice, in the order of its values from 1 on. */
static const char *const families[] = {"4", "6"};
static const char *const withdrawals[] = {"yes"};
static const char *const answers[] = {"yes", "no"};

enum kind { NUMBER, CHOICE, WORD };

static const struct option {
    const char *key;
    size_t at; /* in struct request_options */
    enum kind kind;
    int64_t low, high; /* of a number; of a choice, its first and its last value */
    bool lasts;        /* kept with the registration; false: about the answer only */
    const char *why;
    const char *const *words; /* of a choice */
} table[] = {
    {"ttl", offsetof(struct request_options, ttl), NUMBER, 0, REQUEST_TTL_MAX, true,
     "ttl takes whole seconds from 0 to 2147483647", NULL},
    {"wait", offsetof(struct request_options, wait), NUMBER, 1, REQUEST_WAIT_MAX, false,
     "wait takes whole seconds from 1 to 3600", NULL},
    {"linger", offsetof(struct request_options, linger), NUMBER, 1, REQUEST_LINGER_MAX, true,
     "linger takes whole seconds from 1 to 86400", NULL},
    {"family", offsetof(struct request_options, family), CHOICE, REQUEST_IPV4, REQUEST_IPV6, true,
     "family takes 4 or 6", families},
    {"ptr", offsetof(struct request_options, ptr), CHOICE, REQUEST_PTR_YES, REQUEST_PTR_NO, true,
     "ptr takes yes or no", answers},
    {"id", offsetof(struct request_options, id), NUMBER, 0, REQUEST_ID_MAX, false,
     "id takes a whole number of up to 18 digits", NULL},
    {"wait-for", offsetof(struct request_options, wait_for), WORD, 1, REQUEST_WORD_MAX, false,
     "wait-for takes the name of a zone, or all", NULL},
    {"withdraw", offsetof(struct request_options, withdraw), CHOICE, 1, 1, false,
     "withdraw takes yes", withdrawals},
};
static const char why_key[] =
    "unknown key (known are ttl, wait, linger, family, ptr, id, wait-for and withdraw)";
static const char why_alone[] = "wait-for has no effect without wait";
static const char why_withdraw[] =
    "withdraw ends a registration at once: no other key but id can stand beside it";
static const char why_twice[] = "a key is given twice";

#define TABLE_END (table + sizeof table / sizeof table[0])

/* "linger" is the longest key that takes a number. */
_Static_assert(sizeof table / sizeof table[0] * sizeof " linger=9223372036854775807" +
                       REQUEST_WORD_MAX <
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

static struct option_word *word_of(struct request_options *options, const struct option *option)
{
    return (struct option_word *)((char *)options + option->at);
}

/* Any octets except blanks and control characters. */
static bool is_word(const struct option_word *word)
{
    for (size_t i = 0; i < word->length; i++)
        if ((unsigned char)word->at[i] <= ' ' || word->at[i] == 0x7f)
            return false;
    return word->length >= 1 && word->length <= REQUEST_WORD_MAX;
}

/* The value of a number or a choice that is not given. */
static int64_t absent(const struct option *option)
{
    return option->kind == NUMBER ? -1 : 0;
}

static bool is_given(const struct request_options *options, const struct option *option)
{
    return option->kind == WORD ? word_of((struct request_options *)options, option)->at != NULL
                                : value(options, option) != absent(option);
}

static bool is_right(const struct request_options *options, const struct option *option)
{
    return option->kind == WORD
               ? is_word(word_of((struct request_options *)options, option))
               : value(options, option) >= option->low && value(options, option) <= option->high;
}

/* The value of a choice's word; -1 for any other word. */
static int64_t choice_of(const struct option *option, const char *text, size_t length)
{
    for (int64_t choice = option->low; choice <= option->high; choice++) {
        const char *word = option->words[choice - option->low];
        if (strlen(word) == length && memcmp(word, text, length) == 0)
            return choice;
    }
    return -1;
}

static void set(struct request_options *options, const struct option *option, const char *text,
                size_t length)
{
    if (option->kind == WORD)
        *word_of(options, option) = (struct option_word){text, length};
    else if (option->kind == CHOICE)
        *field(options, option) = choice_of(option, text, length);
    else
        *field(options, option) = number_of(text, length, option->high);
}

const char *request_options_take(struct request_options *options, const char *word, size_t length)
{
    for (const struct option *option = table; option < TABLE_END; option++) {
        size_t key = strlen(option->key);
        if (length <= key || memcmp(word, option->key, key) != 0 || word[key] != '=')
            continue;
        if (is_given(options, option))
            return why_twice;
        set(options, option, word + key + 1, length - key - 1);
        return is_right(options, option) ? NULL : option->why;
    }
    return why_key;
}

static bool stands_alone(const struct request_options *options)
{
    for (const struct option *option = table; option < TABLE_END; option++)
        if (is_given(options, option) && option->at != offsetof(struct request_options, id) &&
            option->at != offsetof(struct request_options, withdraw))
            return false;
    return true;
}

const char *request_options_check(const struct request_options *options)
{
    for (const struct option *option = table; option < TABLE_END; option++)
        if (is_given(options, option) && !is_right(options, option))
            return option->why;
    if (options->withdraw == 1 && !stands_alone(options))
        return why_withdraw;
    return options->wait_for.at && options->wait == -1 ? why_alone : NULL;
}

static size_t format_value(char *text, size_t room, const struct request_options *options,
                           const struct option *option)
{
    const struct option_word *word = word_of((struct request_options *)options, option);
    int64_t number = option->kind == WORD ? 0 : value(options, option);
    if (option->kind == WORD)
        return (size_t)snprintf(text, room, "%.*s", (int)word->length, word->at);
    if (option->kind == CHOICE)
        return (size_t)snprintf(text, room, "%s", option->words[number - option->low]);
    return (size_t)snprintf(text, room, "%" PRId64, number);
}

void request_options_format(char text[static REQUEST_OPTIONS_MAX],
                            const struct request_options *options)
{
    text[0] = '\0';
    size_t length = 0;
    for (const struct option *option = table; option < TABLE_END; option++) {
        if (!is_given(options, option))
            continue;
        length +=
            (size_t)snprintf(text + length, REQUEST_OPTIONS_MAX - length, " %s=", option->key);
        length += format_value(text + length, REQUEST_OPTIONS_MAX - length, options, option);
    }
}

struct request_options request_options_lasting(const struct request_options *options)
{
    struct request_options lasting = *options;
    for (const struct option *option = table; option < TABLE_END; option++)
        if (option->kind == WORD)
            *word_of(&lasting, option) = (struct option_word){NULL, 0};
        else if (!option->lasts)
            *field(&lasting, option) = absent(option);
    return lasting;
}

bool request_options_same(const struct request_options *a, const struct request_options *b)
{
    for (const struct option *option = table; option < TABLE_END; option++)
        if (option->lasts && value(a, option) != value(b, option))
            return false;
    return true;
}
