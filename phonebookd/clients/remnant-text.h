/* The text of a lingering name that the keeper stores and returns (a NOTE of keeper/protocol.h).
 * Pure.
 *
 * It consists of words separated by blanks: NUMBER UID PID SINCE INODE ENDED DEADLINE INTERFACE
 * NAME; the options, each KEY=VALUE; and the addresses, each followed by "+STATE" if it has a
 * state. No word contains a blank: name and interface were words of a request. */
#ifndef PHONEBOOKD_REMNANT_TEXT_H
#define PHONEBOOKD_REMNANT_TEXT_H

#include "../../keeper/protocol.h"
#include "../../zones/address.h"
#include "../../zones/zone.h"
#include "../state/registry.h"

/* Returns the length. */
size_t remnant_format(char text[static KEEP_NOTE_MAX], const struct remnant *remnant);

/* A parsed text. The words are in `text`, the addresses in `addresses`. */
struct remnant_text {
    struct remnant_note note;
    char text[KEEP_NOTE_MAX + 1];
    struct address addresses[ZONE_COPIED_MAX];
    size_t n_of_family[2]; /* IPv4 and IPv6 */
};

/* False if remnant_format() would not write the text like this. */
bool remnant_parse(struct remnant_text *remnant, uint64_t key, const char *text, size_t length);

#endif
