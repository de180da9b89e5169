/* Remnants as text and back. */
#include "../../phonebookd/clients/remnant-text.h"

#include "../../publish-client/request.h"

#include "made.h"

#include <stdio.h>

static const int64_t MOST = 999999999999999999;

static struct former former = {
    .number = 12,
    .inode = 4026531840,
    .uid = 4294967294,
    .pid = 4711,
    .since = 1700000000,
    .options = {.ttl = 77, .wait = -1, .linger = 60, .id = -1},
};

static struct remnant remnant = {.former = &former, .ended = 5000, .deadline = 15000};

static const char plain[] = "12 4294967294 4711 1700000000 4026531840 5000 15000 eth0 "
                            "www.internal ttl=77 linger=60 10.0.0.1 fd00::1+2";

static void expect_equal(const struct remnant_note *note)
{
    assert_int_equal(note->key, 77);
    assert_int_equal(note->number, former.number);
    assert_int_equal(note->inode, former.inode);
    assert_int_equal(note->uid, former.uid);
    assert_int_equal(note->pid, former.pid);
    assert_int_equal(note->since, former.since);
    assert_true(request_options_same(&note->options, &former.options));
    assert_int_equal(note->ended, remnant.ended);
    assert_int_equal(note->deadline, remnant.deadline);
    assert_string_equal(note->name, remnant.name);
    assert_string_equal(note->interface, former.interface);
    assert_int_equal(note->n_addresses, remnant.n_addresses);
    assert_memory_equal(note->addresses, remnant.addresses,
                        remnant.n_addresses * sizeof *remnant.addresses);
}

static void what_lingers_is_read_as_it_was_written(void **state)
{
    (void)state;
    char first[] = "10.0.0.1";
    struct address addresses[ZONE_COPIED_MAX];
    addresses[0] = made_address(first);
    char second[] = "fd00::1=deprecated";
    addresses[1] = made_address(second);
    former.interface = "eth0";
    remnant.name = "www.internal";
    remnant.addresses = addresses;
    remnant.n_addresses = 2;
    char text[KEEP_NOTE_MAX];
    size_t length = remnant_format(text, &remnant);
    assert_int_equal(length, strlen(plain));
    assert_memory_equal(text, plain, length);
    struct remnant_text read;
    assert_true(remnant_parse(&read, 77, text, length));
    expect_equal(&read.note);
}

static void the_longest_text_fits_a_note(void **state)
{
    (void)state;
    char name[NAME_TEXT_MAX + 1] = "";
    for (int i = 0; i < NAME_TEXT_MAX; i++)
        name[i] = i % 2 ? '.' : 'n';
    char interface[128] = "";
    memset(interface, 'i', sizeof interface - 1);
    former = (struct former){.number = MOST,
                             .inode = MOST,
                             .uid = UINT32_MAX,
                             .pid = INT32_MAX,
                             .since = MOST,
                             .options = {REQUEST_TTL_MAX, -1, REQUEST_LINGER_MAX},
                             .interface = interface};
    remnant.ended = remnant.deadline = MOST;
    remnant.name = name;
    struct address addresses[ZONE_COPIED_MAX];
    remnant.addresses = addresses;
    remnant.n_addresses = ZONE_COPIED_MAX;
    for (int i = 0; i < ZONE_COPIED_MAX; i++) {
        char v4[] = "100.100.100.100", v6[] = "1111:1111:1111:1111:1111:1111:1111:1111";
        addresses[i] = made_address(i % 2 ? v6 : v4);
        addresses[i].state = UINT8_MAX;
    }
    char text[KEEP_NOTE_MAX];
    size_t length = remnant_format(text, &remnant);
    assert_true(length < KEEP_NOTE_MAX);
    struct remnant_text read;
    assert_true(remnant_parse(&read, 77, text, length));
    expect_equal(&read.note);
}

/* Texts cut off at any octet, or with a wrong word. Nothing is read past the end. */
static void a_text_that_is_none_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        " ",
        "1 2 3 4 6 7 8 eth0 www.internal",
        "1 2 3 4 6 8 7 eth0 www.internal 10.0.0.1",
        "1 2 3 4 6 7 8",
        "1 2 3 4 6 7 8 eth0",
        "1 -2 3 4 6 7 8 eth0 www.internal 10.0.0.1",
        "1 4294967296 3 4 6 7 8 eth0 www.internal 10.0.0.1",
        "1 2 3 4 6 7 8 eth0 www.internal ttl=x 10.0.0.1",
        "1 2 3 4 6 7 8 eth0 www.internal ttl=5",
        "1 2 3 4 6 7 8 eth0 www.internal 10.0.0.1 ttl=5",
        "1  3 4 6 7 8 eth0 www.internal 10.0.0.1",
        "1 2 3 4 6 7 8  www.internal 10.0.0.1",
        "1 2 3 4 6 7 8 eth0  10.0.0.1",
        "1 2 3 4 6 7 8x eth0 www.internal 10.0.0.1",
        "1 2 3 4 6 7 +8 eth0 www.internal 10.0.0.1",
        "1 2 3 4 6 7 99999999999999999999x eth0 www.internal 10.0.0.1",
        "1 2 3 4 6 7 8 eth0 www.internal 10.0.0",
        "1 2 3 4 6 7 8 eth0 www.internal 10.0.0.1 ",
        "1 2 3 4 6 7 8 eth0 www.internal 10.0.0.1+",
        "1 2 3 4 6 7 8 eth0 www.internal 10.0.0.1+256",
        "1 2 3 4 6 7 8 eth0 www.internal 10.0.0.1+1x",
        "1 2 3 4 6 7 8 eth0 WWW.internal 10.0.0.1",
        "1 2 3 4 6 7 8 eth0 www.internal. 10.0.0.1",
        "1 2 3 4 6 7 8 eth0 www..internal 10.0.0.1",
    };
    (void)state;
    struct remnant_text read;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (remnant_parse(&read, 1, wrong[i], strlen(wrong[i])))
            fail_msg("taken: \"%s\"", wrong[i]);
    for (size_t length = 0; length < strlen("12 4294967294 4711 1700000000 4026531840 5000 "
                                            "15000 eth0 www.internal ttl=77 linger=60 10.0.0.");
         length++)
        assert_false(remnant_parse(&read, 1, plain, length));
}

static void a_text_that_would_not_fit_a_note_again_is_refused(void **state)
{
    char text[KEEP_NOTE_MAX];
    size_t length = (size_t)sprintf(text, "1 2 3 4 6 7 8 eth0 www.internal");
    (void)state;
    for (int i = 0; i < ZONE_COPIED_MAX / 2; i++)
        length += (size_t)sprintf(text + length, " 1::3:4:5:6:7:8");
    struct remnant_text read;
    assert_true(remnant_parse(&read, 1, text, length));
    length += (size_t)sprintf(text + length, " 10.0.0.1");
    assert_true(remnant_parse(&read, 1, text, length));
    length += (size_t)sprintf(text + length, " 1::3:4:5:6:7:8");
    assert_false(remnant_parse(&read, 1, text, length));
    length = (size_t)sprintf(text, "1 2 3 4 6 7 8 ");
    memset(text + length, 'i', REQUEST_INTERFACE_MAX + 1);
    length += REQUEST_INTERFACE_MAX + 1;
    length += (size_t)sprintf(text + length, " www.internal 10.0.0.1");
    assert_false(remnant_parse(&read, 1, text, length));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lingers_is_read_as_it_was_written),
        cmocka_unit_test(the_longest_text_fits_a_note),
        cmocka_unit_test(a_text_that_is_none_is_refused),
        cmocka_unit_test(a_text_that_would_not_fit_a_note_again_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
