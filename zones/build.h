/* A database's two files from what belongs into them. */
#ifndef ZONES_BUILD_H
#define ZONES_BUILD_H

#include "cdb.h"
#include "name.h"
#include "record.h"
#include "static-image.h"

enum {
    BUILD_LOOKUPS = 1024,
    /* Key and value of the longest SOA. */
    BUILD_FIRST_MAX = NAME_WIRE_MAX + CDB_ENTRY_HEAD_MAX + 2 * NAME_WIRE_MAX + CDB_SOA_NUMBERS,
};

/* What a database is made of, in the order of the files. Nothing of it is owned. */
struct build {
    const struct records *records;
    const struct static_image *const *images;
    size_t n_images;
    uint32_t serial; /* of the records' SOAs, and of static ones that name none */
};

/* What must be found in the compiled file. */
struct build_sum {
    size_t count;                  /* of the entries */
    uint64_t positions;            /* theirs in the file, added up */
    size_t cursors[BUILD_LOOKUPS]; /* where in the records those are that will be looked up */
    size_t n_cursors;
};

/* Writes the text to `data` and the compiled form to `data_cdb`, two empty files open for writing
 * (the second for reading too), in one pass. 0 or -errno; then what is in the files is worth
 * nothing. */
int build_write(int data, int data_cdb, const struct build *build, struct build_sum *sum);

/* Reads the compiled file back. 0, -EBADMSG where it is not what it should be, or -errno.
 *
 * The tables are read whole: they end where the file does and have each entry once, by the sum of
 * their positions. Up to BUILD_LOOKUPS records, spread evenly, and as many entries of the images,
 * are looked up as a server would and compared: all of a small database's, some of a large one's,
 * since to look up all costs as much again as to write the file. */
int build_verify(int data_cdb, const struct build *build, const struct build_sum *sum);

/* The serial of the SOA that a compiled file begins with, 0 where it does not begin with one or is
 * no such file: whatever may be there is read, nothing is believed, and no more than the first
 * BUILD_FIRST_MAX octets of entries are looked at. A file of ours begins with a
 * SOA of ours; a static one, which stands further down, may have a serial made of a date, which as
 * a time is far in the future. */
uint32_t build_last_serial(int data_cdb);

#endif
