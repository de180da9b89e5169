#include "cdb-tables.h"

#include "../common/octets.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

/* After this many taken slots in a row, we note where each run of taken slots ends. Clients can
 * choose names that all have the same hash: without the notes, 65,536 such names took two
 * seconds. */
enum { RUN_MAX = 256 };

/* next[i] is i if the slot is free; otherwise a later slot, and all slots between are taken. */
static void note_free(uint32_t *next, const struct cdb_slot *slots, uint32_t n_slots)
{
    for (uint32_t i = 0; i < n_slots; i++)
        next[i] = !slots[i].at ? i : i + 1 == n_slots ? 0 : i + 1;
}

/* Makes each slot on the way point twice as far. */
static uint32_t find_free(uint32_t *next, uint32_t slot)
{
    while (next[slot] != slot)
        slot = next[slot] = next[next[slot]];
    return slot;
}

void cdb_table_fill(struct cdb_slot *slots, const struct cdb_place *places, uint32_t n,
                    uint32_t *next)
{
    uint32_t n_slots = 2 * n;
    bool noted = false;

    memset(slots, 0, n_slots * sizeof *slots);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t slot = (places[i].hash >> 8) % n_slots, run = 0;

        while (!noted && slots[slot].at) {
            slot = slot + 1 == n_slots ? 0 : slot + 1;
            if (++run == RUN_MAX) {
                note_free(next, slots, n_slots);
                noted = true;
            }
        }
        if (noted) {
            slot = find_free(next, slot);
            next[slot] = slot + 1 == n_slots ? 0 : slot + 1;
        }
        slots[slot] = (struct cdb_slot){htole32(places[i].hash), htole32(places[i].at)};
    }
}

void cdb_tables_sort(struct cdb_place *sorted, uint32_t counts[static CDB_TABLES],
                     const struct cdb_place *places, size_t n)
{
    size_t next[CDB_TABLES], at = 0;

    memset(counts, 0, CDB_TABLES * sizeof *counts);
    for (size_t i = 0; i < n; i++)
        counts[places[i].hash % CDB_TABLES]++;
    for (size_t i = 0; i < CDB_TABLES; at += counts[i++])
        next[i] = at;
    for (size_t i = 0; i < n; i++)
        sorted[next[places[i].hash % CDB_TABLES]++] = places[i];
}

void cdb_tables_header(uint8_t header[static CDB_HEADER], uint32_t at,
                       const uint32_t counts[static CDB_TABLES])
{
    for (size_t i = 0; i < CDB_TABLES; i++) {
        header = put_le32(put_le32(header, at), 2 * counts[i]);
        at += 2 * counts[i] * CDB_SLOT;
    }
}
