/* Descriptors 0, 1 and 2. */
#ifndef COMMON_STANDARD_FDS_H
#define COMMON_STANDARD_FDS_H

/* Opens those that we were not given, on /dev/null: one that is closed would be the number of some
 * socket, into which what is logged goes then. To be called before anything else is opened. */
void standard_fds_open(void);

#endif
