/* Holds names as long as a program runs, or until a signal. */
#ifndef PUBLISH_CLIENT_COMMAND_HOLD_H
#define PUBLISH_CLIENT_COMMAND_HOLD_H

struct registration;

/* `registration` must be complete. Runs `program` as a child without the connection, or, if it is
 * NULL, prints the names. Registers again whenever the connection is lost. Returns the exit
 * code. */
int hold(struct registration *registration, char **program);

#endif
