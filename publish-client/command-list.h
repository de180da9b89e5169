/* Functions of `phonebook list` for other subcommands. */
#ifndef PUBLISH_CLIENT_COMMAND_LIST_H
#define PUBLISH_CLIENT_COMMAND_LIST_H

/* Prints to standard error who holds the matching names, as `phonebook list -p NAME` does. */
void list_holders(const char *name);

#endif
