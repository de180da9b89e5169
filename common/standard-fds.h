/* Descriptors 0, 1 and 2. */
#ifndef COMMON_STANDARD_FDS_H
#define COMMON_STANDARD_FDS_H

/* Opens those that we were not given, on /dev/null: one that is closed would be the number of some
 * socket, into which what is logged goes then. To be called before anything else is opened. */
void standard_fds_open(void);

/* For a program that leaves them closed: what socket(2) or its like has just returned, moved to a
 * number above 2 where it is not. Close-on-exec then. Or -errno. */
int above_standard_fds(int fd);

#endif
