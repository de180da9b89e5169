/* Holding names for as long as a program runs, or until a signal. */
#ifndef PUBLISH_CLIENT_COMMAND_HOLD_H
#define PUBLISH_CLIENT_COMMAND_HOLD_H

struct registration;

/* `registration` is done. Runs `program` as a child without the connection, or, where it is NULL,
 * prints the names; and registers again whenever the connection is lost. Returns the exit code. */
int hold(struct registration *registration, char **program);

#endif
