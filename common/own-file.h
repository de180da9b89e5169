/* A file for our own state, in a directory where other users may create files. */
#ifndef COMMON_OWN_FILE_H
#define COMMON_OWN_FILE_H

/* Opens the file `name` of the directory for reading and writing, with O_CLOEXEC and `flags`, and
 * creates it if necessary. Afterwards no other user can open it: its mode is 0600, and its owner is
 * our user. If we are root, its owner is the directory's, so that a later run as that user can open
 * it too. Returns the descriptor or -errno; -EEXIST: the name exists and is not a regular file, or
 * belongs to another user. */
int own_file_open(int directory, const char *name, int flags);

#endif
