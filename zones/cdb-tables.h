/* The hash tables of a constant database (https://cr.yp.to/cdb/cdb.txt), and the header that says
 * where each of them is. Pure.
 *
 * An entry's hash says in which of the 256 tables it is, and from where on it takes the first free
 * slot. A table has twice as many slots as entries, so that all tables together have. They follow
 * the entries, one behind the other. */
#ifndef ZONES_CDB_TABLES_H
#define ZONES_CDB_TABLES_H

#include <stddef.h>
#include <stdint.h>

#include "cdb.h"

enum {
    CDB_TABLES = 256,
    CDB_SLOT = 8, /* a hash and a position; in the header a position and a number of slots */
    CDB_HEADER = CDB_TABLES * CDB_SLOT,
};

/* As it lies in the file, little-endian; where `at` is 0 it is free. */
struct cdb_slot {
    uint32_t hash, at;
};
_Static_assert(sizeof(struct cdb_slot) == CDB_SLOT, "a slot is not as in the file");

/* The entries table by table, each in the order of the entries, and how many each table has. */
void cdb_tables_sort(struct cdb_place *sorted, uint32_t counts[static CDB_TABLES],
                     const struct cdb_place *places, size_t n);
/* One table with these `n` entries, in 2n slots. `next` is scratch, for 2n numbers. */
void cdb_table_fill(struct cdb_slot *slots, const struct cdb_place *places, uint32_t n,
                    uint32_t *next);
/* The header of a file in which the tables begin at `at`. */
void cdb_tables_header(uint8_t header[static CDB_HEADER], uint32_t at,
                       const uint32_t counts[static CDB_TABLES]);

#endif
