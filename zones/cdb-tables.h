/* The hash tables of a constant database (https://cr.yp.to/cdb/cdb.txt), and the header, which says
 * where each table is. Pure.
 *
 * An entry's hash selects one of the 256 tables, and the slot in it; if that slot is taken, the
 * entry takes the next free one. A table has twice as many slots as entries, and so have all tables
 * together. The tables follow the entries in the file, one after the other. */
#ifndef ZONES_CDB_TABLES_H
#define ZONES_CDB_TABLES_H

#include "cdb.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CDB_TABLES = 256,
    CDB_SLOT = 8, /* hash and position of an entry; in the header, position and number of slots */
    CDB_HEADER = CDB_TABLES * CDB_SLOT,
};

/* As in the file, little-endian. A slot whose `at` is 0 is free. */
struct cdb_slot {
    uint32_t hash, at;
};
_Static_assert(sizeof(struct cdb_slot) == CDB_SLOT, "a slot is not as in the file");

/* Counts the entries of each table: of `places`, or as a header says. */
void cdb_tables_count(uint32_t counts[static CDB_TABLES], const struct cdb_place *places, size_t n);
void cdb_tables_counted(uint32_t counts[static CDB_TABLES],
                        const uint8_t header[static CDB_HEADER]);
/* Sorts the entries of the tables that are `picked` by table, each table's in the order of
 * `places`. */
void cdb_tables_pick(struct cdb_place *sorted, const uint32_t counts[static CDB_TABLES],
                     const bool picked[static CDB_TABLES], const struct cdb_place *places,
                     size_t n);
/* Counts the entries of each table, and sorts all of them. */
void cdb_tables_sort(struct cdb_place *sorted, uint32_t counts[static CDB_TABLES],
                     const struct cdb_place *places, size_t n);
/* Fills one table of 2n slots with these `n` entries. `next` is scratch memory for 2n numbers. */
void cdb_table_fill(struct cdb_slot *slots, const struct cdb_place *places, uint32_t n,
                    uint32_t *next);

/* The entries from position `from` on move up by `by` octets (modulo 2^32), in addition to the
 * shifts of lower positions. */
struct cdb_shift {
    uint32_t from, by;
};
/* Moves and shifts the tables in place, except those `left_out`: from their positions with `before`
 * entries each to their positions with `after`. `shifts` are in the order of their positions.
 * Between two of these there is always an entry that stays. */
void cdb_tables_move(struct cdb_slot *slots, const uint32_t before[static CDB_TABLES],
                     const uint32_t after[static CDB_TABLES],
                     const bool left_out[static CDB_TABLES], const struct cdb_shift *shifts,
                     size_t n);

/* Writes the header of a file whose tables begin at `at`. */
void cdb_tables_header(uint8_t header[static CDB_HEADER], uint32_t at,
                       const uint32_t counts[static CDB_TABLES]);

#endif
