/* The text that the keeper stores for a registration. */
#include "../../common/request-options.h"
#include "../../phonebookd/clients/kept-text.h"

#include "made.h"

static struct registration made_registration(bool in_part)
{
    struct registration r = {.name = "www",
                             .interface = "eth0",
                             .options = no_request_options,
                             .since = 1700000000,
                             .in_part = in_part};
    r.options.ttl = 30;
    return r;
}

static void expect_text(const struct registration *r, const char *expected)
{
    struct kept_text kept = kept_text_of(r);
    char text[KEEP_TEXT_MAX];
    size_t subject = 0, length = kept_text_write(text, &kept, &subject);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(text, expected, length);
    assert_int_equal(subject, strlen("1700000000 www eth0"));
    struct kept_text again;
    assert_null(kept_text_read(&again, text, length));
    assert_string_equal(again.request.name, r->name);
    assert_string_equal(again.request.interface, r->interface);
    assert_true(request_options_same(&again.request.options, &r->options));
    assert_int_equal(again.since, r->since);
    assert_int_equal(again.in_part, r->in_part);
}

static void a_registration_is_read_as_it_was_written(void **state)
{
    struct registration whole = made_registration(false), part = made_registration(true);
    (void)state;
    expect_text(&whole, "1700000000 www eth0 ttl=30");
    expect_text(&part, "1700000000 www eth0 ttl=30 /");
    whole.options.family = REQUEST_IPV4;
    expect_text(&whole, "1700000000 www eth0 ttl=30 family=4");
}

static void the_longest_registration_fits_a_text(void **state)
{
    char name[REQUEST_NAME_MAX + 1], interface[REQUEST_INTERFACE_MAX + 1];
    struct registration r = {.name = name,
                             .interface = interface,
                             .options = {.ttl = REQUEST_TTL_MAX,
                                         .wait = -1,
                                         .linger = REQUEST_LINGER_MAX,
                                         .id = -1,
                                         .family = REQUEST_IPV6},
                             .since = INT64_MIN,
                             .in_part = true};
    (void)state;
    memset(name, '\xff', sizeof name - 1);
    memset(interface, '%', sizeof interface - 1);
    name[REQUEST_NAME_MAX] = interface[REQUEST_INTERFACE_MAX] = '\0';
    struct kept_text kept = kept_text_of(&r);
    char text[KEEP_TEXT_MAX];
    size_t subject;
    assert_null(kept_text_read(&kept, text, kept_text_write(text, &kept, &subject)));
    assert_string_equal(kept.request.name, name);
    assert_string_equal(kept.request.interface, interface);
    assert_true(kept.since == INT64_MIN && kept.in_part);
}

static void what_is_no_registration_is_refused(void **state)
{
    struct registration r = made_registration(false);
    (void)state;
    r.name = "two words";
    struct kept_text kept = kept_text_of(&r);
    char text[KEEP_TEXT_MAX];
    size_t subject;
    assert_int_equal(kept_text_write(text, &kept, &subject), 0);
    assert_non_null(kept_text_read(&kept, "", 0));
    assert_non_null(kept_text_read(&kept, "1700000000", 10));
    assert_non_null(kept_text_read(&kept, "170x www eth0", 13));
    assert_non_null(kept_text_read(&kept, "1 www eth0 /x", 13));
}

static void the_request_stands_behind_the_time(void **state)
{
    static const char text[] = "1 www eth0", none[] = "rubbish";
    (void)state;
    assert_ptr_equal(kept_text_request(text, strlen(text)), text + 2);
    assert_ptr_equal(kept_text_request(text, 1), text);
    assert_ptr_equal(kept_text_request(none, strlen(none)), none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_registration_is_read_as_it_was_written),
        cmocka_unit_test(the_longest_registration_fits_a_text),
        cmocka_unit_test(what_is_no_registration_is_refused),
        cmocka_unit_test(the_request_stands_behind_the_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
