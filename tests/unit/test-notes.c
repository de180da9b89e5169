/* The keeper's notes, compared with a plain model in a random walk. */
#include "../../keeper/notes.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

enum { LIMIT = 9, KEYS = 14, STEPS = 30000 };

/* The held notes, in order. */
struct model {
    struct {
        uint64_t key;
        uint32_t deadline;
        uint8_t octet;
        size_t length;
    } held[LIMIT];
    uint32_t count;
};

/* Some are of one bucket. */
static uint64_t key_of(int number)
{
    return (uint64_t)(number % 5) + (uint64_t)(number / 5) * NOTES_BUCKETS;
}

static int index_of(const struct model *model, uint64_t key)
{
    for (uint32_t i = 0; i < model->count; i++)
        if (model->held[i].key == key)
            return (int)i;
    return -1;
}

static void remove_at(struct model *model, uint32_t index)
{
    model->count--;
    memmove(&model->held[index], &model->held[index + 1],
            (model->count - index) * sizeof model->held[0]);
}

static void expire(struct model *model, uint32_t now)
{
    for (uint32_t i = model->count; i-- > 0;)
        if (model->held[i].deadline <= now)
            remove_at(model, i);
}

static void expect_equal(const struct notes *notes, const struct model *model)
{
    uint32_t index = notes->oldest;
    assert_int_equal(notes->count, model->count);
    for (uint32_t i = 0; i < model->count; i++, index = notes->all[index].newer) {
        assert_int_not_equal(index, 0);
        assert_int_equal(notes->all[index].key, model->held[i].key);
        assert_int_equal(notes->all[index].deadline, model->held[i].deadline);
        assert_int_equal(notes->all[index].length, model->held[i].length);
        uint8_t text[KEEP_NOTE_MAX];
        memset(text, model->held[i].octet, model->held[i].length);
        uint8_t stored[KEEP_NOTE_MAX];
        cells_read(&notes->cells, notes->all[index].bytes, stored, model->held[i].length);
        assert_memory_equal(stored, text, model->held[i].length);
    }
    assert_int_equal(index, 0);
}

static void store(struct notes *notes, struct model *model, uint64_t key, uint32_t now)
{
    size_t length = 1 + (size_t)random() % KEEP_NOTE_MAX;
    uint32_t deadline = now + (uint32_t)random() % 50;
    uint8_t text[KEEP_NOTE_MAX], octet = (uint8_t)random();
    memset(text, octet, length);
    if (model->count == LIMIT)
        expire(model, now);
    int index = index_of(model, key);
    if (index < 0 && model->count == LIMIT) {
        assert_int_equal(notes_store(notes, key, text, length, deadline, now), KEEP_FULL);
        return;
    }
    assert_int_equal(notes_store(notes, key, text, length, deadline, now), KEEP_OK);
    if (index < 0)
        index = (int)model->count++;
    model->held[index].key = key;
    model->held[index].deadline = deadline;
    model->held[index].octet = octet;
    model->held[index].length = length;
}

static void notes_are_those_of_a_plain_model(void **state)
{
    static struct notes notes;
    (void)state;
    srandom(1);
    assert_int_equal(notes_init(&notes, LIMIT), 0);
    struct model model = {.count = 0};
    for (uint32_t now = 0; now < STEPS; now++) {
        uint64_t key = key_of((int)(random() % KEYS));
        int index = index_of(&model, key);
        if (random() % 100 == 0) {
            expire(&model, now);
            notes_expire(&notes, now);
        } else if (random() % 4 == 0) {
            if (index >= 0)
                remove_at(&model, (uint32_t)index);
            notes_remove(&notes, key);
        } else {
            store(&notes, &model, key, now);
        }
        expect_equal(&notes, &model);
    }
    assert_int_equal(notes.last, LIMIT); /* freed ones were used again */
    assert_in_range(notes.cells.last, 1, LIMIT * CELLS_FOR(KEEP_NOTE_MAX));
    notes_fini(&notes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notes_are_those_of_a_plain_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
