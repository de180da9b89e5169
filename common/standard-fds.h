/* Descriptors 0, 1 and 2. */
#ifndef COMMON_STANDARD_FDS_H
#define COMMON_STANDARD_FDS_H

/* Opens /dev/null on each closed one. Otherwise a socket could get the number 2, and log lines
 * would be written into it. To be called before anything else is opened. */
void standard_fds_open(void);

/* For a library in a program that may leave these descriptors closed: moves a descriptor that was
 * just opened to a number above 2, with close-on-exec, if it has a lower one. Returns the
 * descriptor or -errno. `fd` may be a -1 from socket(2) or its like. */
int above_standard_fds(int fd);

#endif
