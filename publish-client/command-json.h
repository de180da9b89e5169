/* Writes the list as JSON lines (RFC 8259). */
#ifndef PUBLISH_CLIENT_COMMAND_JSON_H
#define PUBLISH_CLIENT_COMMAND_JSON_H

#include <stdio.h>

struct phonebook_entry;

/* Writes one object and a newline; what the entry does not have becomes null or empty. */
void json_entry(FILE *out, const struct phonebook_entry *entry);

#endif
