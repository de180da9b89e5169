/* `phonebookd -t`: reports mistakes that a SIGHUP would refuse, and settings that it would accept
 * but that cannot work. It changes nothing and contacts no other process. */
#ifndef PHONEBOOKD_CHECK_H
#define PHONEBOOKD_CHECK_H

enum { CHECK_PARTLY = 1, CHECK_WRONG = 100, CHECK_SYSTEM = 111 };

/* Reads the configuration at `path`, prints everything that is wrong, and returns the exit status:
 * 0: correct, perhaps with warnings; CHECK_PARTLY: a mistake in a static file; CHECK_WRONG: a
 * mistake in the configuration; CHECK_SYSTEM: we cannot become `user`. `user` is the name or number
 * of the user to become first (for good, and only root can); NULL: nobody. */
int check_config(const char *path, const char *user);

#endif
