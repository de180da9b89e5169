/* Reads a short file, such as one of /proc. */
#ifndef COMMON_SHORT_FILE_H
#define COMMON_SHORT_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* Reads the beginning of the file, at most `room` - 1 octets, with one read(2), and adds a NUL.
 * Does not wait, even if the file is a FIFO. Returns the length; -1, with errno set and an empty
 * text, if the file cannot be read. */
ssize_t short_file_read(const char *path, char *text, size_t room);

#endif
