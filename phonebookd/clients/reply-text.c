#include "reply-text.h"

#include "../../common/plain.h"
#include "../../common/text.h"
#include "../state/listings.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = REPLY_LINE_MAX - REPLY_HEAD_MAX };
static const char more[] = "... "; /* in the place of the names that have no room */

enum request_error reply_code(enum registry_outcome outcome)
{
    static const enum request_error codes[] = {
        [REGISTRY_NAME] = REQUEST_NAME,       [REGISTRY_ZONE] = REQUEST_ZONE,
        [REGISTRY_DENIED] = REQUEST_DENIED,   [REGISTRY_IN_USE] = REQUEST_IN_USE,
        [REGISTRY_LIMIT] = REQUEST_LIMIT,     [REGISTRY_FULL] = REQUEST_LIMIT,
        [REGISTRY_NO_MEMORY] = REQUEST_LIMIT,
    };
    return codes[outcome];
}

enum request_error reply_choice_code(enum choice_outcome outcome)
{
    static const enum request_error codes[] = {
        [CHOICE_NAME] = REQUEST_NAME,
        [CHOICE_ABSENT] = REQUEST_ABSENT,
        [CHOICE_DENIED] = REQUEST_DENIED,
        [CHOICE_NUMBER] = REQUEST_NUMBER,
    };
    return codes[outcome];
}

size_t reply_error(char text[static REPLY_ERROR_MAX], enum request_error code, int64_t id,
                   const char *why)
{
    const struct reply reply = {.kind = REPLY_ERROR, .error = code, .id = id};
    size_t length = reply_format_head(text, &reply);
    snprintf(text + length, REPLY_ERROR_MAX - 1 - length, "%s", why);
    length += strlen(text + length);
    plain_ascii(text, length);
    strcpy(text + length, "\n");
    return length + 1;
}

static void add_head(struct text *text, enum reply_kind kind, int64_t id)
{
    const struct reply reply = {.kind = kind, .id = id};
    char head[REPLY_HEAD_MAX];
    reply_format_head(head, &reply);
    text_add(text, "%s", head);
}

/* The last blank becomes the LF. */
static char *take_line(struct text *text)
{
    char *line = text_take(text);
    if (line)
        line[text->length - 1] = '\n';
    return line;
}

char *reply_names(enum reply_kind kind, int64_t id, const struct registration *r)
{
    struct text text = {0};
    add_head(&text, kind, id);
    for (size_t i = 0; i < r->n_claims; i++)
        text_add(&text, "%s ", r->claims[i].listing->name);
    return take_line(&text);
}

/* Has an older registration of the connection the same full name? */
static bool is_named(const struct registration *registration, const struct listing *listing)
{
    for (const struct registration *r = registration->next; r; r = r->next)
        for (size_t i = 0; i < r->n_claims; i++)
            if (r->claims[i].listing == listing)
                return true;
    return false;
}

/* False if there is no room for it. */
static bool add_name(struct text *text, const char *name)
{
    if (text->length + strlen(name) + sizeof more > NAMES_MAX)
        return false;
    text_add(text, "%s ", name);
    return true;
}

char *reply_all_names(const struct holder *holder)
{
    struct text text = {0};
    add_head(&text, REPLY_OK, -1);
    bool whole = true;
    for (const struct registration *r = holder->registrations; r && whole; r = r->next) {
        if (r->n_claims == 0)
            whole = add_name(&text, r->name);
        for (size_t i = 0; i < r->n_claims && whole; i++)
            whole =
                is_named(r, r->claims[i].listing) || add_name(&text, r->claims[i].listing->name);
    }
    if (!whole)
        text_add(&text, "%s", more);
    return take_line(&text);
}
