#include "remnant-text.h"

#include "../../common/number.h"
#include "../../common/request-options.h"
#include "../../publish-client/request.h"
#include "../../zones/name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_TEXT_MAX = 21, NUMBERS = 7, STATE_TEXT_MAX = 4 };

_Static_assert(NUMBERS *(NUMBER_TEXT_MAX + 1) + REQUEST_INTERFACE_MAX + 1 + NAME_TEXT_MAX +
                       REQUEST_OPTIONS_MAX +
                       ZONE_COPIED_MAX / 2 * (15 + 39 + 2 * (1 + STATE_TEXT_MAX)) <
                   KEEP_NOTE_MAX,
               "a note has room for what lingers, of each family half the addresses");

size_t remnant_format(char text[static KEEP_NOTE_MAX], const struct remnant *remnant)
{
    const struct former *former = remnant->former;
    char options[REQUEST_OPTIONS_MAX];
    request_options_format(options, &former->options);
    size_t length = (size_t)snprintf(text, KEEP_NOTE_MAX,
                                     "%" PRIu64 " %" PRIu32 " %" PRId32 " %" PRId64 " %" PRIu64
                                     " %" PRIu64 " %" PRIu64 " %s %s%s",
                                     former->number, former->uid, former->pid, former->since,
                                     former->inode, remnant->ended, remnant->deadline,
                                     former->interface, remnant->name, options);
    for (size_t i = 0; i < remnant->n_addresses; i++) {
        const struct address *address = &remnant->addresses[i];
        char word[ADDRESS_TEXT_MAX];
        length += (size_t)snprintf(text + length, KEEP_NOTE_MAX - length, " %s",
                                   address_text(word, address));
        if (address->state != 0)
            length += (size_t)snprintf(text + length, KEEP_NOTE_MAX - length, "+%u",
                                       (unsigned)address->state);
    }
    return length;
}

static bool read_number(char **rest, int64_t high, int64_t *value)
{
    const char *word = strsep(rest, " ");
    *value = word ? number_of(word, strlen(word), high) : -1;
    return *value >= 0;
}

static bool read_numbers(struct remnant_note *note, char **rest)
{
    int64_t number, uid, pid, inode, ended, deadline;
    if (!read_number(rest, INT64_MAX, &number) || !read_number(rest, UINT32_MAX, &uid) ||
        !read_number(rest, INT32_MAX, &pid) || !read_number(rest, INT64_MAX, &note->since) ||
        !read_number(rest, INT64_MAX, &inode) || !read_number(rest, INT64_MAX, &ended) ||
        !read_number(rest, INT64_MAX, &deadline))
        return false;
    note->number = (uint64_t)number;
    note->uid = (uint32_t)uid;
    note->pid = (int32_t)pid;
    note->inode = (uint64_t)inode;
    note->ended = (uint64_t)ended;
    note->deadline = (uint64_t)deadline;
    return ended <= deadline;
}

static bool read_address(struct address *address, char *rest)
{
    const char *word = strsep(&rest, "+");
    int64_t state = 0;
    if (!address_parse(address, word) || (rest && !read_number(&rest, UINT8_MAX, &state)))
        return false;
    address->state = (uint8_t)state;
    return true;
}

/* Are interface and name as in a client's registration? */
static bool read_subject(struct remnant_note *note, char **rest)
{
    note->interface = strsep(rest, " ");
    note->name = strsep(rest, " ");
    char name[NAME_TEXT_MAX + 1];
    return note->name && *note->interface && strlen(note->interface) <= REQUEST_INTERFACE_MAX &&
           name_canonical(name, note->name, strlen(note->name)) == NAME_OK &&
           strcmp(name, note->name) == 0;
}

/* Does this address exceed the number that a zone shows of its family? */
static bool is_too_many(struct remnant_text *remnant, const struct address *address)
{
    return ++remnant->n_of_family[address_length(address) == 16] > ZONE_COPIED_MAX / 2;
}

bool remnant_parse(struct remnant_text *remnant, uint64_t key, const char *text, size_t length)
{
    struct remnant_note *note = &remnant->note;
    char *rest = remnant->text;
    if (length > KEEP_NOTE_MAX)
        return false;
    memcpy(remnant->text, text, length);
    remnant->text[length] = '\0';
    note->key = key;
    memset(remnant->n_of_family, 0, sizeof remnant->n_of_family);
    if (!read_numbers(note, &rest) || !read_subject(note, &rest))
        return false;
    note->options = no_request_options;
    size_t n = 0;
    char *word;
    while ((word = strsep(&rest, " ")))
        if (n == 0 && strchr(word, '=')) {
            if (request_options_take(&note->options, word, strlen(word)))
                return false;
        } else if (n == ZONE_COPIED_MAX || !read_address(&remnant->addresses[n], word) ||
                   is_too_many(remnant, &remnant->addresses[n++]))
            return false;
    note->addresses = remnant->addresses;
    note->n_addresses = n;
    return n > 0;
}
