/* A file with state of our own, in a directory into which others may have put something. */
#ifndef COMMON_OWN_FILE_H
#define COMMON_OWN_FILE_H

/* Opens the file `name` of the directory for reading and writing, with O_CLOEXEC and `flags`, and
 * makes it where there is none. From here on nobody else can open it: its mode is 0600, and it is
 * ours or the directory's owner's. Where root runs a program in another user's directory, the file
 * becomes that user's, who may run it the next time. The descriptor, or -errno: -EEXIST where what
 * has the name is no regular file, or somebody else's. */
int own_file_open(int directory, const char *name, int flags);

#endif
