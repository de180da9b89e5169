#include "../../publish-client/request.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define X127 A63 "." A63
#define X255 X127 "." X127

struct good {
    const char *line, *name, *interface;
    int64_t ttl, wait, linger;
};

static void a_request_is_read(void **state)
{
    static const struct good cases[] = {
        {"www eth0", "www", "eth0", -1, -1, -1},
        {"www\teth0", "www", "eth0", -1, -1, -1},
        {"  www \t eth0  ", "www", "eth0", -1, -1, -1},
        {"WWW.Example.NET. eth0.5", "WWW.Example.NET.", "eth0.5", -1, -1, -1},
        {"@ eth0:1", "@", "eth0:1", -1, -1, -1},
        {"www eth0 ttl=0", "www", "eth0", 0, -1, -1},
        {"www eth0 ttl=2147483647", "www", "eth0", 2147483647, -1, -1},
        {"www eth0 ttl=007", "www", "eth0", 7, -1, -1},
        {"www eth0 wait=1", "www", "eth0", -1, 1, -1},
        {"www eth0 wait=3600 ttl=5", "www", "eth0", 5, 3600, -1},
        {"www eth0 linger=86400 wait=2", "www", "eth0", -1, 2, 86400},
        {"www ...", "www", "...", -1, -1, -1},
        {"w\303\266w \303\251th0", "w\303\266w", "\303\251th0", -1, -1,
         -1}, /* names are checked elsewhere */
        {X255 " " X127, X255, X127, -1, -1, -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *why = NULL;
        struct request request;
        enum request_error error =
            request_parse(&request, cases[i].line, strlen(cases[i].line), &why);
        if (error)
            fail_msg("\"%s\": %s: %s", cases[i].line, request_error_word(error), why);
        assert_string_equal(request.name, cases[i].name);
        assert_string_equal(request.interface, cases[i].interface);
        assert_int_equal(request.options.ttl, cases[i].ttl);
        assert_int_equal(request.options.wait, cases[i].wait);
        assert_int_equal(request.options.linger, cases[i].linger);
    }
}

static void a_bad_request_is_refused_with_its_reason(void **state)
{
    static const struct {
        const char *line;
        enum request_error error;
        const char *says; /* part of the text */
    } cases[] = {
        {"", REQUEST_SYNTAX, "empty"},
        {" \t ", REQUEST_SYNTAX, "empty"},
        {"www", REQUEST_SYNTAX, "NAME INTERFACE"},
        {"www ", REQUEST_SYNTAX, "NAME INTERFACE"},
        {"www eth0 eth1", REQUEST_SYNTAX, "KEY=VALUE"},
        {"www eth0 color=red", REQUEST_SYNTAX,
         "ttl, wait, linger, family, ptr, id, wait-for and withdraw"},
        {"www eth0 id=", REQUEST_SYNTAX, "id takes"},
        {"www eth0 id=x", REQUEST_SYNTAX, "id takes"},
        {"www eth0 id=1000000000000000000", REQUEST_SYNTAX, "id takes"},
        {"www eth0 id=1 id=1", REQUEST_SYNTAX, "twice"},
        {"www eth0 =5", REQUEST_SYNTAX, "unknown key"},
        {"www eth0 TTL=5", REQUEST_SYNTAX, "unknown key"},
        {"www eth0 tt=5", REQUEST_SYNTAX, "unknown key"},
        {"www eth0 ttl=5 ttl=5", REQUEST_SYNTAX, "twice"},
        {"www eth0 wait=5 ttl=1 wait=6", REQUEST_SYNTAX, "twice"},
        {"www eth0 ttl=", REQUEST_SYNTAX, "ttl takes"},
        {"www eth0 ttl=-1", REQUEST_SYNTAX, "ttl takes"},
        {"www eth0 ttl=+1", REQUEST_SYNTAX, "ttl takes"},
        {"www eth0 ttl=1.5", REQUEST_SYNTAX, "ttl takes"},
        {"www eth0 ttl=5=6", REQUEST_SYNTAX, "ttl takes"},
        {"www eth0 ttl=2147483648", REQUEST_SYNTAX, "ttl takes"},
        {"www eth0 ttl=99999999999999999999999", REQUEST_SYNTAX, "ttl takes"},
        {"www eth0 wait=0", REQUEST_SYNTAX, "wait takes"},
        {"www eth0 linger=0", REQUEST_SYNTAX, "linger takes"},
        {"www eth0 linger=86401", REQUEST_SYNTAX, "linger takes"},
        {"www eth0 linger=1 linger=1", REQUEST_SYNTAX, "twice"},
        {"www eth0 family=", REQUEST_SYNTAX, "family takes 4 or 6"},
        {"www eth0 family=5", REQUEST_SYNTAX, "family takes 4 or 6"},
        {"www eth0 family=46", REQUEST_SYNTAX, "family takes 4 or 6"},
        {"www eth0 family=ipv4", REQUEST_SYNTAX, "family takes 4 or 6"},
        {"www eth0 family=4 family=6", REQUEST_SYNTAX, "twice"},
        {"www eth0 ptr=maybe", REQUEST_SYNTAX, "ptr takes yes or no"},
        {"www eth0 wait=3601", REQUEST_SYNTAX, "wait takes"},
        {"www eth0 wait=1s", REQUEST_SYNTAX, "wait takes"},
        {"www eth0 wait=5 wait-for=", REQUEST_SYNTAX, "wait-for takes"},
        {"www eth0 wait=5 wait-for=" X255 "x", REQUEST_SYNTAX, "wait-for takes"},
        {"www eth0 wait=5 wait-for=a wait-for=a", REQUEST_SYNTAX, "twice"},
        {"www eth0 wait-for=all", REQUEST_SYNTAX, "without wait"},
        {"www eth0 withdraw=", REQUEST_SYNTAX, "withdraw takes yes"},
        {"www eth0 withdraw=1", REQUEST_SYNTAX, "withdraw takes yes"},
        {"www eth0 withdraw=yess", REQUEST_SYNTAX, "withdraw takes yes"},
        {"www eth0 withdraw=yes withdraw=yes", REQUEST_SYNTAX, "twice"},
        {"www eth0 withdraw=yes ttl=5", REQUEST_SYNTAX, "no other key"},
        {"www eth0 wait=5 withdraw=yes", REQUEST_SYNTAX, "no other key"},
        {"www eth0 linger=5 withdraw=yes", REQUEST_SYNTAX, "no other key"},
        {"www eth0 family=4 withdraw=yes", REQUEST_SYNTAX, "no other key"},
        {"www eth0 wait-for=all withdraw=yes", REQUEST_SYNTAX, "no other key"},
        {"www eth0\r", REQUEST_SYNTAX, "control"},
        {"w\nw eth0", REQUEST_SYNTAX, "control"},
        {"www eth\1770", REQUEST_SYNTAX, "control"},
        {X255 "x eth0", REQUEST_NAME, "255"},
        {"www .", REQUEST_INTERFACE, "slash"},
        {"www ..", REQUEST_INTERFACE, "slash"},
        {"www a/b", REQUEST_INTERFACE, "slash"},
        {"www /", REQUEST_INTERFACE, "slash"},
        {"www " X127 "x", REQUEST_INTERFACE, "127"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *why = NULL;
        struct request request;
        enum request_error error =
            request_parse(&request, cases[i].line, strlen(cases[i].line), &why);
        if (error != cases[i].error || !strstr(why, cases[i].says))
            fail_msg("\"%s\": %s: %s", cases[i].line, request_error_word(error), why);
    }
}

/* Reads the first line; it is written as the second. */
static void expect_written(struct request *request, const char *line, const char *expected)
{
    const char *why;
    assert_int_equal(request_parse(request, line, strlen(line), &why), REQUEST_OK);
    char written[REQUEST_LINE_MAX];
    size_t length = request_format(written, request);
    written[length - 1] = '\0';
    assert_string_equal(written, expected);
}

static void the_zone_to_wait_for_is_read_and_written(void **state)
{
    (void)state;
    struct request request;
    expect_written(&request, "www eth0 wait=5 wait-for=box.example id=7",
                   "www eth0 wait=5 id=7 wait-for=box.example");
    assert_int_equal(request.options.wait_for.length, strlen("box.example"));
    assert_memory_equal(request.options.wait_for.at, "box.example", strlen("box.example"));
    assert_null(request_options_lasting(&request.options).wait_for.at);
    request.options.wait_for = (struct option_word){"two words", 9};
    char line[REQUEST_LINE_MAX];
    assert_int_equal(request_format(line, &request), 0);
    request.options.wait_for = (struct option_word){NULL, 0};
    assert_true(request_format(line, &request) > 0);
}

static void a_withdrawal_is_a_word_in_the_line(void **state)
{
    (void)state;
    struct request request;
    expect_written(&request, "www eth0 withdraw=yes id=7", "www eth0 id=7 withdraw=yes");
    assert_int_equal(request.options.withdraw, 1);
    assert_int_equal(request_options_lasting(&request.options).withdraw, 0);
    const char *why;
    assert_int_equal(request_parse(&request, "www eth0", 8, &why), REQUEST_OK);
    assert_int_equal(request.options.withdraw, 0);
}

/* A former version may have accepted texts that cannot be interface names. */
static void a_bad_interface_is_told_apart_from_a_bad_line(void **state)
{
    (void)state;
    assert_null(request_interface_fault("eth0"));
    assert_null(request_interface_fault("eth0@if2"));
    assert_non_null(strstr(request_interface_fault("eth0:1"), "label"));
}

static void a_refused_line_keeps_its_id(void **state)
{
    static const struct {
        const char *line;
        enum request_error error;
        long long id;
    } cases[] = {
        {"www eth0", REQUEST_OK, -1},
        {"www eth0 id=0", REQUEST_OK, 0},
        {"www eth0 ttl=5 id=007", REQUEST_OK, 7},
        {"www eth0 id=999999999999999999 wait=9", REQUEST_OK, 999999999999999999},
        {"www eth0 colour=red id=7", REQUEST_SYNTAX, 7},
        {"www eth0 id=7 colour=red", REQUEST_SYNTAX, 7},
        {"www eth0 ttl=x\tid=7 eth1", REQUEST_SYNTAX, 7},
        {"www eth0 id=7 id=8", REQUEST_SYNTAX, 7},
        {"www a/b id=7", REQUEST_INTERFACE, 7},
        {X255 "x eth0 id=7", REQUEST_NAME, 7},
        {"www eth0 id=x id=8", REQUEST_SYNTAX, 8},
        {"www eth0 id=7\r", REQUEST_SYNTAX, -1},
        {"w\001w eth0 id=7", REQUEST_SYNTAX, 7},
        {"www id=7", REQUEST_OK, -1}, /* an interface can have this name */
        {"id=7", REQUEST_SYNTAX, -1},
        {"", REQUEST_SYNTAX, -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request request;
        const char *why;
        enum request_error error =
            request_parse(&request, cases[i].line, strlen(cases[i].line), &why);
        if (error != cases[i].error || request.options.id != cases[i].id)
            fail_msg("\"%s\": %s, id %lld", cases[i].line, request_error_word(error),
                     (long long)request.options.id);
    }
}

static void a_control_anywhere_is_refused(void **state)
{
    (void)state;
    for (int octet = 0; octet < 256; octet++) {
        bool control = (octet < 0x20 || octet == 0x7f) && octet != '\t';
        for (size_t at = 0; at < 8; at++) {
            char line[] = "www eth0";
            line[at] = (char)octet;
            struct request request;
            const char *why;
            enum request_error error = request_parse(&request, line, 8, &why);
            if (control)
                assert_int_equal(error, REQUEST_SYNTAX);
            else if (octet >= 0x80 && at != 3) /* there it would join two words */
                assert_int_equal(error, REQUEST_OK);
        }
    }
}

static void a_line_has_a_limit(void **state)
{
    (void)state;
    char line[REQUEST_LINE_MAX];
    memset(line, ' ', sizeof line);
    memcpy(line, "www eth0", 8);
    struct request request;
    const char *why;
    assert_int_equal(request_parse(&request, line, REQUEST_LINE_MAX - 1, &why), REQUEST_OK);
    assert_int_equal(request_parse(&request, line, REQUEST_LINE_MAX, &why), REQUEST_SYNTAX);
}

static void a_request_is_written(void **state)
{
    struct request request = {.name = "www", .interface = "eth0", .options = no_request_options};
    (void)state;
    char line[REQUEST_LINE_MAX];
    size_t length = request_format(line, &request);
    assert_int_equal(length, strlen("www eth0\n"));
    assert_memory_equal(line, "www eth0\n", length);

    request.options.ttl = 0;
    request.options.wait = 3600;
    request.options.linger = 30;
    length = request_format(line, &request);
    assert_memory_equal(line, "www eth0 ttl=0 wait=3600 linger=30\n", length);
    assert_int_equal(length, strlen("www eth0 ttl=0 wait=3600 linger=30\n"));
}

static void the_longest_request_fits_a_line(void **state)
{
    (void)state;
    struct request request = {X255,
                              X127,
                              {.ttl = REQUEST_TTL_MAX,
                               .wait = REQUEST_WAIT_MAX,
                               .linger = REQUEST_LINGER_MAX,
                               .id = REQUEST_ID_MAX,
                               .family = REQUEST_IPV6,
                               .ptr = REQUEST_PTR_YES}};
    char line[REQUEST_LINE_MAX];
    size_t length = request_format(line, &request);
    assert_true(length > 0);
    struct request read;
    const char *why;
    assert_int_equal(request_parse(&read, line, length - 1, &why), REQUEST_OK);
    assert_string_equal(read.name, request.name);
    assert_string_equal(read.interface, request.interface);
    assert_int_equal(read.options.ttl, request.options.ttl);
    assert_int_equal(read.options.wait, request.options.wait);
    assert_int_equal(read.options.linger, request.options.linger);
    assert_int_equal(read.options.id, request.options.id);
    assert_int_equal(read.options.family, request.options.family);
}

static void a_choice_of_words_is_read_as_written(void **state)
{
    static const struct {
        const char *word;
        enum request_family family;
        enum request_ptr ptr;
    } cases[] = {{"", REQUEST_BOTH, REQUEST_PTR_UNSAID},
                 {" family=4", REQUEST_IPV4, REQUEST_PTR_UNSAID},
                 {" family=6 ptr=yes", REQUEST_IPV6, REQUEST_PTR_YES},
                 {" ptr=no", REQUEST_BOTH, REQUEST_PTR_NO}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request request = {.name = "www", .interface = "eth0"};
        request.options = no_request_options;
        request.options.family = cases[i].family;
        request.options.ptr = cases[i].ptr;
        char line[REQUEST_LINE_MAX];
        size_t length = request_format(line, &request);
        char expected[REQUEST_LINE_MAX];
        snprintf(expected, sizeof expected, "www eth0%s\n", cases[i].word);
        assert_int_equal(length, strlen(expected));
        assert_memory_equal(line, expected, length);
        struct request read;
        const char *why;
        assert_int_equal(request_parse(&read, line, length - 1, &why), REQUEST_OK);
        assert_int_equal(read.options.family, cases[i].family);
        assert_int_equal(read.options.ptr, cases[i].ptr);
    }
}

static void what_is_about_the_answer_is_no_part_of_a_registration(void **state)
{
    const struct request_options asked = {.ttl = 5, .wait = 9, .linger = 7};
    struct request_options lasting = request_options_lasting(&asked), other = lasting;
    (void)state;
    assert_int_equal(lasting.ttl, 5);
    assert_int_equal(lasting.wait, -1);
    assert_int_equal(lasting.linger, 7);
    assert_true(request_options_same(&asked, &lasting));
    other.ttl = 6;
    assert_false(request_options_same(&asked, &other));
    other = lasting;
    other.linger = -1;
    assert_false(request_options_same(&asked, &other));
    other = lasting;
    other.family = REQUEST_IPV4;
    assert_false(request_options_same(&asked, &other));
    assert_int_equal(request_options_lasting(&other).family, REQUEST_IPV4);
}

static void a_request_that_would_be_another_is_not_written(void **state)
{
    static const struct request cases[] = {
        {"", "eth0", {.ttl = -1, .wait = -1, .linger = -1, .id = -1}},
        {"w w", "eth0", {.ttl = -1, .wait = -1, .linger = -1, .id = -1}},
        {"w\tw", "eth0", {.ttl = -1, .wait = -1, .linger = -1, .id = -1}},
        {"www", "", {.ttl = -1, .wait = -1, .linger = -1, .id = -1}},
        {"www", "eth0 ttl=5", {.ttl = -1, .wait = -1, .linger = -1, .id = -1}},
        {"www", "eth0\nmail", {.ttl = -1, .wait = -1, .linger = -1, .id = -1}},
        {"www", "a/b", {.ttl = -1, .wait = -1, .linger = -1, .id = -1}},
        {"www", "..", {.ttl = -1, .wait = -1, .linger = -1, .id = -1}},
        {"www", "eth0", {.ttl = -2, .wait = -1, .linger = -1, .id = -1}},
        {"www", "eth0", {.ttl = REQUEST_TTL_MAX + (int64_t)1, .wait = -1, .linger = -1, .id = -1}},
        {"www", "eth0", {.ttl = -1, .wait = 0, .linger = -1, .id = -1}},
        {"www", "eth0", {.ttl = -1, .wait = -2, .linger = -1, .id = -1}},
        {"www", "eth0", {.ttl = -1, .wait = REQUEST_WAIT_MAX + 1, .linger = -1, .id = -1}},
        {"www", "eth0", {.ttl = -1, .wait = -1, .linger = 0, .id = -1}},
        {"www", "eth0", {.ttl = -1, .wait = -1, .linger = REQUEST_LINGER_MAX + 1, .id = -1}},
        {"www", "eth0", {.ttl = -1, .wait = -1, .linger = -1, .id = -2}},
        {"www", "eth0", {.ttl = -1, .wait = -1, .linger = -1, .id = -1, .family = -1}},
        {"www", "eth0", {.ttl = -1, .wait = -1, .linger = -1, .id = -1, .family = 3}},
        {"www", "eth0", {.ttl = -1, .wait = -1, .linger = -1, .id = REQUEST_ID_MAX + 1}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char line[REQUEST_LINE_MAX];
        if (request_format(line, &cases[i]) != 0)
            fail_msg("case %zu was written: %s", i, line);
        const char *why = "";
        assert_int_not_equal(request_check(&cases[i], &why), REQUEST_OK);
        assert_true(*why);
    }
}

static void each_error_has_its_word(void **state)
{
    (void)state;
    assert_string_equal(request_error_word(REQUEST_SYNTAX), "syntax");
    assert_string_equal(request_error_word(REQUEST_IN_USE), "in-use");
    assert_string_equal(request_error_word(REQUEST_TIMEOUT), "timeout");
    assert_string_equal(request_error_word((enum request_error)99), "other");
    assert_string_equal(request_error_word((enum request_error) - 1), "other");
}

static bool parse_reply(struct reply *reply, const char *line)
{
    return reply_parse(reply, line, strlen(line));
}

static void assert_rest(const struct reply *reply, const char *rest)
{
    assert_int_equal(reply->rest_length, strlen(rest));
    assert_memory_equal(reply->rest, rest, strlen(rest));
}

static void a_reply_is_read(void **state)
{
    (void)state;
    struct reply reply;
    assert_true(parse_reply(&reply, "ok www.internal www.box.example"));
    assert_int_equal(reply.kind, REPLY_OK);
    assert_rest(&reply, "www.internal www.box.example");

    assert_true(parse_reply(&reply, "live www.internal"));
    assert_int_equal(reply.kind, REPLY_LIVE);
    assert_rest(&reply, "www.internal");

    assert_true(parse_reply(&reply, "error in-use www.internal is held by uid 7"));
    assert_int_equal(reply.kind, REPLY_ERROR);
    assert_int_equal(reply.error, REQUEST_IN_USE);
    assert_rest(&reply, "www.internal is held by uid 7");

    assert_true(parse_reply(&reply, "error quota of a later version"));
    assert_int_equal(reply.error, REQUEST_OTHER);
    assert_true(parse_reply(&reply, "error timeout"));
    assert_int_equal(reply.error, REQUEST_TIMEOUT);
    assert_rest(&reply, "");
}

static void each_error_code_is_read(void **state)
{
    (void)state;
    for (int error = REQUEST_SYNTAX; error < REQUEST_OTHER; error++) {
        char line[64];
        snprintf(line, sizeof line, "error %s why", request_error_word((enum request_error)error));
        struct reply reply;
        assert_true(parse_reply(&reply, line));
        assert_int_equal(reply.error, error);
    }
}

static void a_reply_has_the_id_of_its_request(void **state)
{
    static const struct {
        const char *line, *rest;
        long long id;
    } cases[] = {
        {"ok id=7 www.internal", "www.internal", 7},
        {"ok  \tid=0  www.internal b", "www.internal b", 0},
        {"live id=999999999999999999 www.internal", "www.internal", 999999999999999999},
        {"error in-use id=7 held by uid 7", "held by uid 7", 7},
        {"error timeout id=7", "", 7},
        {"error syntax id takes a number", "id takes a number", -1},
        {"error syntax id=x", "id=x", -1},
        {"ok www.internal id=7", "www.internal id=7", -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reply reply;
        assert_true(parse_reply(&reply, cases[i].line));
        assert_rest(&reply, cases[i].rest);
        assert_int_equal(reply.id, cases[i].id);
    }
}

static void the_head_of_a_reply_is_written(void **state)
{
    static const struct {
        struct reply reply;
        const char *head;
    } cases[] = {
        {{.kind = REPLY_OK, .id = -1}, "ok "},
        {{.kind = REPLY_LIVE, .id = 0}, "live id=0 "},
        {{.kind = REPLY_ERROR, .error = REQUEST_LIMIT, .id = -1}, "error limit "},
        {{.kind = REPLY_ERROR, .error = REQUEST_INTERFACE, .id = REQUEST_ID_MAX},
         "error interface id=999999999999999999 "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char head[REPLY_HEAD_MAX];
        assert_int_equal(reply_format_head(head, &cases[i].reply), strlen(cases[i].head));
        assert_string_equal(head, cases[i].head);
    }
}

static void what_is_no_reply_is_refused(void **state)
{
    static const char *const cases[] = {
        "",           " ",        "ok",     "ok ",         "ok id=7",
        "live id=7 ", "live",     "okay a", "OK a",        "error",
        "error ",     "www eth0", "ok a\r", "ok a\033[2J", "HTTP/1.1 400 Bad Request"};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reply reply;
        if (parse_reply(&reply, cases[i]))
            fail_msg("\"%s\" was taken for a reply", cases[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_read),
        cmocka_unit_test(a_bad_request_is_refused_with_its_reason),
        cmocka_unit_test(the_zone_to_wait_for_is_read_and_written),
        cmocka_unit_test(a_withdrawal_is_a_word_in_the_line),
        cmocka_unit_test(a_bad_interface_is_told_apart_from_a_bad_line),
        cmocka_unit_test(a_refused_line_keeps_its_id),
        cmocka_unit_test(a_control_anywhere_is_refused),
        cmocka_unit_test(a_line_has_a_limit),
        cmocka_unit_test(a_request_is_written),
        cmocka_unit_test(the_longest_request_fits_a_line),
        cmocka_unit_test(a_choice_of_words_is_read_as_written),
        cmocka_unit_test(what_is_about_the_answer_is_no_part_of_a_registration),
        cmocka_unit_test(a_request_that_would_be_another_is_not_written),
        cmocka_unit_test(each_error_has_its_word),
        cmocka_unit_test(a_reply_is_read),
        cmocka_unit_test(each_error_code_is_read),
        cmocka_unit_test(a_reply_has_the_id_of_its_request),
        cmocka_unit_test(the_head_of_a_reply_is_written),
        cmocka_unit_test(what_is_no_reply_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
