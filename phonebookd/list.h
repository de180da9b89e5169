/* The text of the `list` socket: one line per name and holder (phonebook-protocol(7)). */
#ifndef PHONEBOOKD_LIST_H
#define PHONEBOOKD_LIST_H

#include "publisher.h"

/* Writes all lines to a text of its own, which the caller frees; its length to *length. NULL where
 * memory ran out. */
char *list_text(const struct registry *registry, const struct publisher *publisher, size_t *length);

#endif
