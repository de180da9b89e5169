#include "fit.h"

#include "../common/array.h"
#include "name.h"

#include <stdlib.h>
#include <string.h>

enum {
    HEADER = 12,
    QUESTION = 4, /* type and class, after the name */
    ENDS = 2,     /* octets of a wire name that its text lacks: the first length, and the root */
    POINTER = 2,  /* a pointer to a name in the question */
    POINTED_MAX = 128, /* tinydns points only at names of at most this many octets */
    RECORD = 10,       /* type, class, TTL, length of the data */
    SMALLEST_DATA = 4, /* of all types of which an owner can have many records */
    SHORTEST_NAME = 3,
};
_Static_assert((FIT_REPLY_MAX - HEADER - SHORTEST_NAME - QUESTION) /
                       (POINTER + RECORD + SMALLEST_DATA) <=
                   FIT_RECORDS_MAX,
               "a reply has more records");

/* How many octets of a name are written out before the part that can be pointed at. */
static size_t written_out(const char *name, size_t length)
{
    if (length <= POINTED_MAX)
        return 0;
    uint8_t wire[NAME_WIRE_MAX];
    name_to_wire(wire, name);
    size_t at = 0;
    while (length - at > POINTED_MAX)
        at += wire[at] + 1u;
    return at;
}

void fit_begin(struct fit *fit, const char *owner)
{
    bool wild = name_is_wildcard(owner);
    size_t length = strlen(owner) + ENDS;
    size_t question = wild && length < POINTED_MAX ? POINTED_MAX : length;
    *fit = (struct fit){.used = HEADER + question + QUESTION,
                        .per_record = written_out(owner, length) + POINTER + RECORD};
}

bool fit_take(struct fit *fit, size_t data_length)
{
    size_t more = fit->per_record + data_length;
    fit->all++;
    if (fit->used + more > FIT_REPLY_MAX) {
        fit->used = FIT_REPLY_MAX;
        return false;
    }
    fit->used += more;
    fit->kept++;
    return true;
}

size_t fit_room(const char *owner, size_t data_length)
{
    struct fit fit;
    fit_begin(&fit, owner);
    while (fit_take(&fit, data_length))
        ;
    return fit.kept;
}

void fit_cuts_fini(struct fit_cuts *cuts)
{
    free(cuts->cuts);
    *cuts = (struct fit_cuts){.cuts = NULL};
}

void fit_end(const struct fit *fit, const char *owner, enum record_type type, struct fit_cuts *cuts)
{
    if (fit->kept == fit->all)
        return;
    if (!array_grow(&cuts->cuts, &cuts->room, cuts->n + 1, sizeof *cuts->cuts))
        return;
    struct fit_cut *cut = &cuts->cuts[cuts->n++];
    strcpy(cut->owner, owner);
    cut->type = type;
    cut->kept = fit->kept;
    cut->all = fit->all;
}
