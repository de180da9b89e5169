/* `phonebookd -t`: what a SIGHUP would refuse, and what would not work though it is taken. It
 * changes nothing, and sends nothing to anybody. */
#ifndef PHONEBOOKD_CHECK_H
#define PHONEBOOKD_CHECK_H

enum { CHECK_PARTLY = 1, CHECK_WRONG = 100, CHECK_SYSTEM = 111 };

/* Reads the configuration at `path`, prints all that is wrong and returns the exit status: 0, also
 * with warnings; CHECK_PARTLY where a static file has a mistake; CHECK_WRONG where the
 * configuration has. `user`: a name or number of whom to be for that, for good, as only root can;
 * NULL: who we are. CHECK_SYSTEM where that is not possible. */
int check_config(const char *path, const char *user);

#endif
