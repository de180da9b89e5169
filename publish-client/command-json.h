/* Writes the list as JSON lines (RFC 8259). Pure. */
#ifndef PUBLISH_CLIENT_COMMAND_JSON_H
#define PUBLISH_CLIENT_COMMAND_JSON_H

struct holding;
struct phonebook_entry;
struct text;

/* Adds one object and a newline to `out`; fields that the entry lacks become null or empty.
 * `holding` is the processes that hold its connection; NULL: there is no key for them. */
void json_entry(struct text *out, const struct phonebook_entry *entry,
                const struct holding *holding);

#endif
