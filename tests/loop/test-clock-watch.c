/* The wall clock is looked at now and then. That the kernel says when it is set cannot be shown
 * without setting the machine's. */
#include "../../phonebookd/clock-watch.h"

#include "../../phonebookd/limits.h"
#include "../unit/test.h"
#include "loop.h"

#include <stdlib.h>

static void count(void *owner)
{
    unsigned *looks = owner;
    ++*looks;
}

/* That the kernel says when it is set cannot be shown without setting the machine's clock. */
static void the_wall_clock_is_looked_at_now_and_then(void **state)
{
    (void)state;
    struct test_loop t;
    loop_setup(&t);
    unsigned looks = 0;
    struct clock_watch watch;
    clock_watch_start(&watch, &t.loop, count, &looks);
    assert_true(watch.fd >= 0);
    assert_true(uv_is_active((uv_handle_t *)&watch.poll));
    loop_settle(&t);
    loop_pass(&t, CLOCK_LOOK_MS - 1000);
    assert_int_equal(looks, 0);
    for (unsigned i = 1; i < 4; i++) {
        loop_pass(&t, CLOCK_LOOK_MS);
        assert_int_equal(looks, i);
    }
    clock_watch_close(&watch);
    assert_int_equal(loop_teardown(&t), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_wall_clock_is_looked_at_now_and_then)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
