/* What other subcommands need of `phonebook list`. */
#ifndef PUBLISH_CLIENT_COMMAND_LIST_H
#define PUBLISH_CLIENT_COMMAND_LIST_H

/* Writes to standard error who holds the names that are meant, as `phonebook list -p NAME` does. */
void list_holders(const char *name);

#endif
