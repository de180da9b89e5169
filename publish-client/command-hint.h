/* Hints for a user at a terminal whose request is valid but probably not meant. */
#ifndef PUBLISH_CLIENT_COMMAND_HINT_H
#define PUBLISH_CLIENT_COMMAND_HINT_H

struct registration;

/* To be called when the name is registered. If standard error is a terminal, warns about a relative
 * name that looks like a full one, and about an interface written as ip(8) shows it. */
void hint(const struct registration *registration);

#endif
