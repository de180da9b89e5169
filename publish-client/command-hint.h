/* What a person at a terminal may have meant, though what was said can be done. */
#ifndef PUBLISH_CLIENT_COMMAND_HINT_H
#define PUBLISH_CLIENT_COMMAND_HINT_H

struct registration;

/* Once it is registered. Says something where standard error is a terminal: of a relative name that
 * looks like a whole one, and of an interface in the way that ip(8) shows it. */
void hint(const struct registration *registration);

#endif
