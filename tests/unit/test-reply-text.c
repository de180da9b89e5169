/* Replies to clients as text. */
#include "../../phonebookd/clients/reply-text.h"
#include "../../phonebookd/state/listings.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_text(char *text, const char *expected)
{
    assert_string_equal(text, expected);
    free(text);
}

static void each_outcome_has_its_code(void **state)
{
    static const struct {
        enum registry_outcome outcome;
        const char *word;
    } outcomes[] = {
        {REGISTRY_NAME, "name"},       {REGISTRY_ZONE, "zone"},   {REGISTRY_DENIED, "denied"},
        {REGISTRY_IN_USE, "in-use"},   {REGISTRY_LIMIT, "limit"}, {REGISTRY_FULL, "limit"},
        {REGISTRY_NO_MEMORY, "limit"},
    };
    static const struct {
        enum choice_outcome outcome;
        const char *word;
    } choices[] = {
        {CHOICE_NAME, "name"},
        {CHOICE_ABSENT, "absent"},
        {CHOICE_DENIED, "denied"},
        {CHOICE_NUMBER, "number"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
        assert_string_equal(request_error_word(reply_code(outcomes[i].outcome)), outcomes[i].word);
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        assert_string_equal(request_error_word(reply_choice_code(choices[i].outcome)),
                            choices[i].word);
}

static void an_error_is_one_printable_line(void **state)
{
    static const struct {
        int64_t id;
        const char *why, *expected;
    } errors[] = {
        {-1, "no such zone", "error zone no such zone\n"},
        {7, "no such zone", "error zone id=7 no such zone\n"},
        {-1, "eth\n0\x1b[1m \xc3\xa4", "error zone eth?0?[1m ??\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        char text[REPLY_ERROR_MAX];
        size_t length = reply_error(text, REQUEST_ZONE, errors[i].id, errors[i].why);
        assert_string_equal(text, errors[i].expected);
        assert_int_equal(length, strlen(text));
    }
}

static void a_longer_error_is_cut(void **state)
{
    (void)state;
    char why[2 * REPLY_ERROR_MAX];
    memset(why, 'x', sizeof why - 1);
    why[sizeof why - 1] = '\0';
    char text[REPLY_ERROR_MAX];
    size_t length = reply_error(text, REQUEST_LIMIT, -1, why);
    assert_int_equal(length, REPLY_ERROR_MAX - 1);
    assert_int_equal(strlen(text), length);
    assert_string_equal(text + length - 3, "xx\n");
}

static struct listing *listing_of(const char *name)
{
    struct listing *listing = calloc(1, sizeof *listing + strlen(name) + 1);
    assert_non_null(listing);
    strcpy(listing->name, name);
    return listing;
}

static void a_registration_has_all_its_names(void **state)
{
    struct claim claims[] = {{.listing = listing_of("www.internal")},
                             {.listing = listing_of("www.box.example")}};
    struct registration r = {.claims = claims, .n_claims = 2};
    (void)state;
    expect_text(reply_names(REPLY_OK, -1, &r), "ok www.internal www.box.example\n");
    expect_text(reply_names(REPLY_LIVE, 12, &r), "live id=12 www.internal www.box.example\n");
    free(claims[0].listing);
    free(claims[1].listing);
}

/* Two registrations of one name, on two interfaces, and one that is in no zone. */
static void a_holder_has_each_name_once(void **state)
{
    struct listing *www = listing_of("www.internal"), *db = listing_of("db.internal");
    struct claim claims[] = {{.listing = www}, {.listing = www}, {.listing = db}};
    char unplaced[] = "mail.elsewhere";
    struct registration first = {.claims = &claims[0], .n_claims = 1},
                        nowhere = {.name = unplaced, .next = &first},
                        second = {.claims = &claims[1], .n_claims = 2, .next = &nowhere};
    struct holder holder = {.registrations = &second};
    (void)state;
    expect_text(reply_all_names(&holder), "ok db.internal mail.elsewhere www.internal\n");
    free(www);
    free(db);
}

static void names_without_room_are_dots(void **state)
{
    enum { N = 400 };
    static struct claim claims[N];
    static struct registration registrations[N];
    struct holder holder = {.registrations = &registrations[0]};
    (void)state;
    char name[256];
    for (int i = 0; i < N; i++) {
        snprintf(name, sizeof name, "%0250d", i);
        claims[i].listing = listing_of(name);
        registrations[i].claims = &claims[i];
        registrations[i].n_claims = 1;
        registrations[i].next = i + 1 < N ? &registrations[i + 1] : NULL;
    }
    char *text = reply_all_names(&holder);
    assert_in_range(strlen(text), REPLY_LINE_MAX - REPLY_HEAD_MAX - 260, REPLY_LINE_MAX);
    assert_string_equal(text + strlen(text) - 5, " ...\n");
    for (int i = 0; i < N; i++)
        free(claims[i].listing);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_outcome_has_its_code),
        cmocka_unit_test(an_error_is_one_printable_line),
        cmocka_unit_test(a_longer_error_is_cut),
        cmocka_unit_test(a_registration_has_all_its_names),
        cmocka_unit_test(a_holder_has_each_name_once),
        cmocka_unit_test(names_without_room_are_dots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
