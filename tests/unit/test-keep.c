#include "../../keeper/protocol.h"
#include "test.h"

#include <string.h>

struct datagram {
    uint8_t bytes[sizeof(struct message_header) + KEEP_NOTE_MAX + 1];
    size_t length;
};

static struct datagram made_of(struct message_header header, const char *text)
{
    struct datagram datagram = {.length = sizeof header + strlen(text)};
    memcpy(datagram.bytes, &header, sizeof header);
    memcpy(datagram.bytes + sizeof header, text, strlen(text));
    return datagram;
}

static bool is_read(const struct datagram *datagram, bool other_version)
{
    bool other = !other_version;
    struct message_header header;
    const uint8_t *text;
    bool result = message_parse(datagram->bytes, datagram->length, &header, &text, &other);
    assert_int_equal(other, other_version);
    return result;
}

static void a_message_is_read_as_it_was_made(void **state)
{
    struct message_header made = message_header(MESSAGE_REQUEST, UINT64_C(0xfedcba9876543210), 5);
    (void)state;
    made.result = KEEP_UNKNOWN;
    made.count = 4;
    made.limit = UINT32_MAX;
    struct datagram datagram = made_of(made, "hello");
    struct message_header header;
    const uint8_t *text;
    bool other_version;
    assert_true(message_parse(datagram.bytes, datagram.length, &header, &text, &other_version));
    assert_memory_equal(&header, &made, sizeof made);
    assert_int_equal(header.version, KEEP_VERSION);
    assert_int_equal(header.type, MESSAGE_REQUEST);
    assert_int_equal(header.length, 5);
    assert_memory_equal(text, "hello", 5);
    assert_ptr_equal(text, datagram.bytes + sizeof header);
    assert_false(other_version);
}

static void each_type_has_a_text_or_none(void **state)
{
    (void)state;
    for (int type = 0; type < 300; type++) {
        bool known = type >= MESSAGE_HELLO && type <= MESSAGE_FORGET, note = type == MESSAGE_NOTE,
             always = type == MESSAGE_REQUEST || type == MESSAGE_LISTENER || type == MESSAGE_FORGET;
        struct datagram bare = made_of(message_header((enum message_type)type, 1, 0), ""),
                        full = made_of(message_header((enum message_type)type, 1, 1), "x");
        assert_int_equal(is_read(&bare, false), known && !always);
        assert_int_equal(is_read(&full, false), always || note);
    }
}

static void the_length_is_that_of_the_datagram_and_has_a_limit(void **state)
{
    (void)state;
    char text[KEEP_NOTE_MAX + 2];
    memset(text, 'x', sizeof text);
    struct datagram datagram;
    for (size_t length = 1; length <= KEEP_NOTE_MAX + 1; length++) {
        text[length] = '\0';
        datagram = made_of(message_header(MESSAGE_REQUEST, 1, length), text);
        assert_int_equal(is_read(&datagram, false), length <= KEEP_TEXT_MAX);
        datagram = made_of(message_header(MESSAGE_NOTE, 1, length), text);
        assert_int_equal(is_read(&datagram, false), length <= KEEP_NOTE_MAX);
        datagram = made_of(message_header(MESSAGE_LISTENER, 1, length), text);
        assert_int_equal(is_read(&datagram, false), length <= KEEP_LISTENER_MAX);
        text[length] = 'x';
    }
    datagram = made_of(message_header(MESSAGE_REQUEST, 1, 3), "four");
    assert_false(is_read(&datagram, false));
    datagram = made_of(message_header(MESSAGE_REQUEST, 1, 5), "four");
    assert_false(is_read(&datagram, false));
}

static void a_text_is_at_least_as_long_as_its_subject(void **state)
{
    (void)state;
    const enum message_type types[] = {MESSAGE_LISTENER, MESSAGE_REQUEST};
    struct message_header header;
    struct datagram datagram;
    for (int i = 0; i < 2; i++) {
        header = message_header(types[i], 1, 4);
        for (header.count = 0; header.count < 10; header.count++) {
            datagram = made_of(header, "text");
            assert_int_equal(is_read(&datagram, false), header.count <= 4);
        }
    }
    header.count = UINT32_MAX;
    datagram = made_of(header, "text");
    assert_false(is_read(&datagram, false));
}

/* The sanitizer would report a read past the end. */
static void a_cut_message_is_refused(void **state)
{
    struct datagram datagram = made_of(message_header(MESSAGE_REQUEST, 1, 4), "text");
    size_t whole = datagram.length;
    (void)state;
    for (datagram.length = 0; datagram.length < whole; datagram.length++)
        assert_false(is_read(&datagram, false));
}

/* In a message of another version, only the version counts; the rest may mean anything. */
static void of_another_version_only_the_version_is_read(void **state)
{
    struct message_header header = message_header(MESSAGE_HELLO, 0, 0);
    (void)state;
    struct datagram datagram;
    for (unsigned version = 0; version <= UINT16_MAX; version++) {
        header.version = (uint16_t)version;
        datagram = made_of(header, "");
        assert_int_equal(is_read(&datagram, version != KEEP_VERSION), version == KEEP_VERSION);
    }
    header.version = KEEP_VERSION + 1;
    datagram = made_of(header, "and something that version has");
    assert_false(is_read(&datagram, true));
    datagram.length = sizeof header.version;
    assert_false(is_read(&datagram, true));
    datagram.length--;
    assert_false(is_read(&datagram, false));
}

static void unknown_results_are_refused(void **state)
{
    struct message_header header = message_header(MESSAGE_RESULT, 1, 0);
    (void)state;
    for (uint16_t result = 0; result < 300; result++) {
        header.result = result;
        struct datagram datagram = made_of(header, "");
        assert_int_equal(is_read(&datagram, false), result <= KEEP_VERSIONS);
    }
}

/* Messages of a newer keeper's types are skipped, and the last one may be cut anywhere. */
static void messages_in_a_memfd_are_read_one_by_one(void **state)
{
    const struct datagram parts[] = {
        made_of(message_header(MESSAGE_SOCKET, 1, 0), ""),
        made_of(message_header((enum message_type)99, 2, 5), "newer"),
        made_of(message_header(MESSAGE_REQUEST, 3, 4), "text"),
    };
    (void)state;
    size_t whole = 0;
    uint8_t row[3 * sizeof(struct message_header) + 9];
    for (int i = 0; i < 3; whole += parts[i++].length)
        memcpy(row + whole, parts[i].bytes, parts[i].length);
    for (size_t length = 0; length <= whole; length++) {
        size_t at = 0, n;
        bool known;
        struct message_header header;
        const uint8_t *text;
        for (unsigned i = 0; (n = message_next(row + at, length - at, &header, &text, &known)) > 0;
             i++, at += n) {
            assert_int_equal(header.key, i + 1);
            assert_int_equal(known, i != 1);
            assert_int_equal(n, parts[i].length);
            assert_ptr_equal(text, row + at + sizeof header);
        }
        assert_true(at <= length && (length < whole || at == whole));
    }
    row[0]++; /* another version: nothing counts */
    assert_int_equal(message_next(row, whole, &(struct message_header){0}, &(const uint8_t *){NULL},
                                  &(bool){false}),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_read_as_it_was_made),
        cmocka_unit_test(each_type_has_a_text_or_none),
        cmocka_unit_test(the_length_is_that_of_the_datagram_and_has_a_limit),
        cmocka_unit_test(a_text_is_at_least_as_long_as_its_subject),
        cmocka_unit_test(a_cut_message_is_refused),
        cmocka_unit_test(of_another_version_only_the_version_is_read),
        cmocka_unit_test(unknown_results_are_refused),
        cmocka_unit_test(messages_in_a_memfd_are_read_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
