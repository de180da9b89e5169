/* Writes a constant database (https://cr.yp.to/cdb/cdb.txt) from front to back: the entries in the
 * given order, then the hash tables, and last the header at the start of the file.
 *
 * tinycdb writes the same octets in twice the time: it is called for each entry, computes hashes
 * that we already have, and writes 4 KiB at a time. Tests compare its files with ours. */
#ifndef ZONES_CDB_FILE_H
#define ZONES_CDB_FILE_H

#include "cdb-tables.h"
#include "cdb.h"
#include "sink.h"

struct cdb_file {
    struct sink *sink;        /* owned */
    uint64_t size;            /* written so far */
    struct cdb_place *places; /* owned; of the entries so far; positions in the file */
    size_t n, room;
};

/* `fd` is open for writing at the start of an empty file. `expected` is the number of entries, or a
 * guess. 0 or -errno; call cdb_file_fini() in any case. */
int cdb_file_start(struct cdb_file *file, int fd, size_t expected);
/* Adds all entries. 0 or -errno; -EFBIG if a position no longer fits 32 bits. */
int cdb_file_add(struct cdb_file *file, const struct cdb_entries *entries, uint32_t serial);
int cdb_file_finish(struct cdb_file *file);
void cdb_file_fini(struct cdb_file *file);

#endif
