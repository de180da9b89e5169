#include "../../publish-client/eviction.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

/* The longest that a line may have. */
static void put_long_name(char name[static REQUEST_NAME_MAX + 1])
{
    memset(name, 'a', REQUEST_NAME_MAX);
    name[REQUEST_NAME_MAX] = '\0';
}

static void an_eviction_is_read(void **state)
{
    static const struct {
        const char *line, *name;
        uint32_t number;
        uint64_t socket;
    } cases[] = {
        {"evict www.internal", "www.internal", 0, 0},
        {"evict www 1", "www", 1, 0},
        {" \tevict\t*.db \t4294967295 ", "*.db", UINT32_MAX, 0},
        {"evict @ socket=999999999999999999", "@", 0, EVICTION_SOCKET_MAX},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct eviction eviction;
        assert_null(eviction_parse(&eviction, cases[i].line, strlen(cases[i].line)));
        assert_string_equal(eviction.name, cases[i].name);
        assert_int_equal(eviction.number, cases[i].number);
        assert_int_equal(eviction.socket, cases[i].socket);
    }
}

static void what_is_no_eviction_is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        " ",
        "evict",
        "evict ",
        "EVICT www",
        "publish www eth0",
        "evict www 0",
        "evict www -1",
        "evict www 1x",
        "evict www 4294967296",
        "evict www socket=",
        "evict www socket=0",
        "evict www number=1",
        "evict www socket=1000000000000000000",
        "evict www 1 2",
        "evict www 1 socket=2",
    };
    (void)state;
    struct eviction eviction;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (!eviction_parse(&eviction, cases[i], strlen(cases[i])))
            fail_msg("\"%s\" was taken", cases[i]);
    assert_non_null(eviction_parse(&eviction, "evict www\0 1", 12));
    char line[EVICTION_LINE_MAX + 1];
    strcpy(line, "evict ");
    put_long_name(line + 6);
    strcat(line, "a");
    assert_non_null(eviction_parse(&eviction, line, strlen(line)));
    memset(line, ' ', sizeof line);
    memcpy(line, "evict www", 9);
    assert_null(eviction_parse(&eviction, line, EVICTION_LINE_MAX - 1));
    assert_non_null(eviction_parse(&eviction, line, EVICTION_LINE_MAX));
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    struct eviction eviction = {.number = UINT32_MAX};
    put_long_name(eviction.name);
    char line[EVICTION_LINE_MAX];
    size_t length = eviction_format(line, &eviction);
    assert_int_equal(line[length - 1], '\n');
    struct eviction again;
    assert_null(eviction_parse(&again, line, length - 1));
    assert_memory_equal(&again, &eviction, sizeof again);
    eviction.number = 0;
    eviction.socket = EVICTION_SOCKET_MAX;
    length = eviction_format(line, &eviction);
    assert_null(eviction_parse(&again, line, length - 1));
    assert_memory_equal(&again, &eviction, sizeof again);
}

static void a_name_that_would_change_the_line_is_not_written(void **state)
{
    static const char *const names[] = {"", " ", "www 1", "www\tx", " www", "www ", "www\nevict"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct eviction eviction = {.name = ""};
        strcpy(eviction.name, names[i]);
        char line[EVICTION_LINE_MAX];
        assert_int_equal(eviction_format(line, &eviction), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_eviction_is_read),
        cmocka_unit_test(what_is_no_eviction_is_refused),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(a_name_that_would_change_the_line_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
