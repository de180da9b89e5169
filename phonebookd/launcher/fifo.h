/* The FIFO through which a supervisor is told something, opened for writing. */
#ifndef PHONEBOOKD_FIFO_H
#define PHONEBOOKD_FIFO_H

#include <stdbool.h>

/* Without waiting. The FIFO is looked at before it is opened, and what is opened is what was looked
 * at (proc(5), /proc/PID/fd): nothing is written to a file, and no device finds itself opened. The
 * descriptor; or -errno, -ENOTSUP where it is no FIFO, -ENXIO where nobody reads; *seen: it could
 * be looked at. */
int fifo_open(const char *path, bool *seen);

#endif
