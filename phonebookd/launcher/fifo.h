/* Opens the FIFO by which a supervisor is controlled. */
#ifndef PHONEBOOKD_FIFO_H
#define PHONEBOOKD_FIFO_H

#include <stdbool.h>

/* Opens the FIFO for writing, without waiting. The file is checked first, and exactly the checked
 * file is opened (proc(5), /proc/PID/fd): so nothing is written to a regular file, and no device is
 * opened. Returns the descriptor or -errno; -ENOTSUP: it is not a FIFO; -ENXIO: nobody reads it.
 * *seen: it could be checked. */
int fifo_open(const char *path, bool *seen);

#endif
