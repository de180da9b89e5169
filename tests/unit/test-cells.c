/* Chains of cells, compared with plain copies of their content in a random walk. */
#include "../../keeper/cells.h"
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CHAINS = 6, OCTETS_MAX = 3 * CELL_OCTETS + 1, STEPS = 20000 };

struct copy {
    uint32_t chain;
    size_t length;
    uint8_t bytes[OCTETS_MAX];
};

static void fill(struct copy *copy)
{
    copy->length = 1 + (size_t)random() % OCTETS_MAX;
    for (size_t i = 0; i < copy->length; i++)
        copy->bytes[i] = (uint8_t)random();
}

static void expect_equal(const struct cells *cells, struct copy *copy)
{
    size_t part = 1 + (size_t)random() % copy->length;
    uint8_t bytes[OCTETS_MAX];
    cells_read(cells, copy->chain, bytes, copy->length);
    assert_memory_equal(bytes, copy->bytes, copy->length);
    assert_true(cells_begin_with(cells, copy->chain, copy->bytes, part));
    copy->bytes[part - 1]++;
    assert_false(cells_begin_with(cells, copy->chain, copy->bytes, part));
    copy->bytes[part - 1]--;
}

static void chains_hold_what_was_stored(void **state)
{
    enum { LIMIT = CHAINS * CELLS_FOR(OCTETS_MAX) };
    (void)state;
    srandom(1);
    struct cells cells;
    assert_int_equal(cells_init(&cells, LIMIT), 0);
    struct copy copies[CHAINS] = {{.chain = 0}};
    for (int step = 0; step < STEPS; step++) {
        struct copy *copy = &copies[random() % CHAINS];
        cells_free(&cells, copy->chain); /* no chain, at first */
        fill(copy);
        copy->chain = cells_store(&cells, copy->bytes, copy->length);
        for (int i = 0; i < CHAINS; i++)
            if (copies[i].chain != 0)
                expect_equal(&cells, &copies[i]);
    }
    assert_in_range(cells.last, 1, LIMIT); /* freed cells were used again */
    cells_fini(&cells);
}

static void a_cell_is_64_octets_and_chains_have_as_few_as_possible(void **state)
{
    (void)state;
    assert_int_equal(sizeof(struct cell), 64);
    assert_int_equal(CELLS_FOR(1), 1);
    assert_int_equal(CELLS_FOR(CELL_OCTETS), 1);
    assert_int_equal(CELLS_FOR(CELL_OCTETS + 1), 2);
    struct cells cells;
    assert_int_equal(cells_init(&cells, UINT32_MAX), -ENOMEM); /* an index is of 32 bits */
    cells_fini(&cells);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_hold_what_was_stored),
        cmocka_unit_test(a_cell_is_64_octets_and_chains_have_as_few_as_possible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
