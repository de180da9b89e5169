/* The keeper's table, compared with a plain model in a random walk. */
#include "../../keeper/table.h"
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 12, LIMIT = 9, STEPS = 30000, SUBJECTS = 6, VARIANTS = 3 };

/* The held sockets, in order; each with the numbers of its texts, in order. */
struct model {
    struct {
        uint64_t key;
        int fd;
        int texts[KEEP_TEXTS_PER_SOCKET];
        int n_texts;
    } held[SIZE];
    int count;
};

static size_t subject_of(int number)
{
    return (size_t)(number / VARIANTS) * 200 + 1;
}

/* A subject of this length; each variant but the first has some text after it. */
static size_t text_of(int number, uint8_t text[static KEEP_TEXT_MAX])
{
    size_t length = subject_of(number), more = (size_t)(number % VARIANTS) * 40;
    memset(text, 'a' + number / VARIANTS, length);
    memset(text + length, '0' + number % VARIANTS, more);
    return length + more;
}

static int index_of_fd(const struct model *model, int fd)
{
    for (int i = 0; i < model->count; i++)
        if (model->held[i].fd == fd)
            return i;
    return -1;
}

static void expect_texts(const struct table *table, int fd, const int *texts, int count)
{
    uint32_t cell = table->sockets[fd].first_text;
    for (int i = 0; i < count; i++) {
        assert_int_not_equal(cell, 0);
        uint8_t text[KEEP_TEXT_MAX];
        assert_int_equal(table->texts[cell].length, text_of(texts[i], text));
        uint8_t stored[KEEP_TEXT_MAX];
        cells_read(&table->cells, table->texts[cell].bytes, stored, table->texts[cell].length);
        assert_memory_equal(stored, text, table->texts[cell].length);
        cell = table->texts[cell].next;
    }
    assert_int_equal(cell, 0);
}

static void expect_equal(const struct table *table, const struct model *model)
{
    int fd = table->oldest;
    assert_int_equal(table->count, model->count);
    for (int i = 0; i < model->count; i++) {
        assert_int_equal(fd, model->held[i].fd);
        assert_int_equal(table->sockets[fd].key, model->held[i].key);
        assert_int_equal(table_find(table, model->held[i].key), fd);
        expect_texts(table, fd, model->held[i].texts, model->held[i].n_texts);
        fd = table->sockets[fd].newer;
    }
    assert_int_equal(fd, 0);
}

static void add(struct table *table, struct model *model, uint64_t key, int fd)
{
    bool fits = model->count < LIMIT;
    assert_int_equal(table_find(table, key), 0);
    assert_int_equal(table_add(table, key, fd), fits ? KEEP_OK : KEEP_FULL);
    if (!fits)
        return;
    model->held[model->count].key = key;
    model->held[model->count].fd = fd;
    model->held[model->count++].n_texts = 0;
}

static void remove_at(struct table *table, struct model *model, int index)
{
    uint64_t key = model->held[index].key;
    table_remove(table, model->held[index].fd);
    assert_int_equal(table_find(table, key), 0);
    memmove(&model->held[index], &model->held[index + 1],
            (size_t)(model->count - index - 1) * sizeof model->held[0]);
    model->count--;
}

static void drop_subject(int *texts, int *count, int number)
{
    for (int i = 0; i < *count; i++) {
        if (texts[i] / VARIANTS != number / VARIANTS)
            continue;
        memmove(&texts[i], &texts[i + 1], (size_t)(*count - i - 1) * sizeof *texts);
        (*count)--;
    }
}

static void store(struct table *table, struct model *model, int index, int number)
{
    int *texts = model->held[index].texts, *count = &model->held[index].n_texts;
    uint8_t text[KEEP_TEXT_MAX];
    size_t length = text_of(number, text), subject = subject_of(number);
    if (subject == length && random() % 2 == 0)
        subject = 0; /* means the same: the whole text */
    assert_int_equal(table_store(table, model->held[index].fd, text, length, subject), KEEP_OK);
    drop_subject(texts, count, number);
    texts[(*count)++] = number;
}

static void forget(struct table *table, struct model *model, int index, int number)
{
    int *texts = model->held[index].texts, *count = &model->held[index].n_texts;
    uint8_t text[KEEP_TEXT_MAX];
    text_of(number, text);
    table_forget(table, model->held[index].fd, text, subject_of(number));
    drop_subject(texts, count, number);
}

static void the_table_holds_what_a_plain_model_holds(void **state)
{
    (void)state;
    srandom(1);
    struct table table;
    assert_int_equal(table_init(&table, SIZE), 0);
    table.limit = LIMIT;
    struct model model = {.count = 0};
    uint64_t key = 1;
    for (int step = 0; step < STEPS; step++) {
        int fd = 1 + (int)(random() % (SIZE - 1)), index = index_of_fd(&model, fd);
        if (index < 0)
            add(&table, &model, key++, fd);
        else if (random() % 8 == 0)
            remove_at(&table, &model, index);
        else if (random() % 4 == 0)
            forget(&table, &model, index, (int)(random() % (SUBJECTS * VARIANTS)));
        else
            store(&table, &model, index, (int)(random() % (SUBJECTS * VARIANTS)));
        expect_equal(&table, &model);
    }
    /* Freed entries were used again: there were never more at once. */
    assert_in_range(table.last_text, 1, LIMIT * SUBJECTS);
    assert_in_range(table.cells.last, 1, LIMIT * SUBJECTS * CELLS_FOR(KEEP_TEXT_MAX));
    table_fini(&table);
}

static void descriptors_and_texts_have_limits(void **state)
{
    (void)state;
    struct table table;
    assert_int_equal(table_init(&table, 4), 0);
    assert_int_equal(table_add(&table, 1, -1), KEEP_FULL);
    assert_int_equal(table_add(&table, 1, 4), KEEP_FULL);
    assert_int_equal(table_add(&table, 1, 3), KEEP_OK);
    for (int i = 0; i < KEEP_TEXTS_PER_SOCKET; i++) {
        uint8_t text = (uint8_t)i;
        assert_int_equal(table_store(&table, 3, &text, 1, 0), KEEP_OK);
    }
    assert_int_equal(table_store(&table, 3, (const uint8_t *)"other", 5, 0), KEEP_FULL);
    assert_int_equal(table_store(&table, 3, (const uint8_t *)"", 1, 0), KEEP_OK);
    assert_int_equal(table_store(&table, 3, (const uint8_t *)"\5, renewed", 10, 1), KEEP_OK);
    assert_int_equal(table_store(&table, 3, (const uint8_t *)"\5, renewed", 10, 2), KEEP_FULL);
    table_fini(&table);
}

/* Nothing stays mapped. */
static void a_table_beyond_memory_is_an_error(void **state)
{
    (void)state;
    struct table table;
    assert_int_equal(table_init(&table, INT32_MAX), -ENOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_holds_what_a_plain_model_holds),
        cmocka_unit_test(descriptors_and_texts_have_limits),
        cmocka_unit_test(a_table_beyond_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
