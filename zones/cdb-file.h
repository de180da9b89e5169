/* A constant database (https://cr.yp.to/cdb/cdb.txt), written front to back: entries as they come,
 * then the hash tables, at last the header in front of it all.
 *
 * tinycdb makes the same files, octet for octet, in twice the time: it is called for each entry,
 * hashes what was hashed before, and hands out four KiB at a time. Tests compare them. */
#ifndef ZONES_CDB_FILE_H
#define ZONES_CDB_FILE_H

#include "cdb-tables.h"
#include "cdb.h"
#include "sink.h"

struct cdb_file {
    struct sink *sink;        /* owned */
    uint64_t size;            /* so far */
    struct cdb_place *places; /* owned; of the entries so far, from the start of the file */
    size_t n, room;
};

/* `fd` is open for writing, at the start of an empty file. `expected` is how many entries there
 * will be, or a guess. 0 or -errno; cdb_file_fini() must follow in any case. */
int cdb_file_start(struct cdb_file *file, int fd, size_t expected);
/* Adds all the entries. 0 or -errno; -EFBIG where positions do not fit 32 bits any more. */
int cdb_file_add(struct cdb_file *file, const struct cdb_entries *entries, uint32_t serial);
int cdb_file_finish(struct cdb_file *file);
void cdb_file_fini(struct cdb_file *file);

#endif
