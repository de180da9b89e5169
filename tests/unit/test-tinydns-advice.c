/* Advice about lines that are refused, or accepted but odd. */
#include "../../zones/tinydns-advice.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEX "20010db8000000000000000000000001"
#define OCTAL "\\040\\001\\015\\270\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\001"
#define REVERSE "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
#define WRITE "only a patched tinydns-data takes this line; write "

struct heard {
    char text[4096]; /* joined by "; " */
};

static void hear(void *context, size_t line, const char *text)
{
    struct heard *heard = context;
    size_t length = strlen(heard->text);
    assert_int_equal(line, 7);
    snprintf(heard->text + length, sizeof heard->text - length, "%s%s", length ? "; " : "", text);
}

static void the_line_to_write_instead_is_told(void **state)
{
    static const struct {
        const char *line, *text;
    } cases[] = {
        {"3www.x:" HEX, WRITE ":www.x:28:" OCTAL},
        {"3www.x:" HEX ":60", WRITE ":www.x:28:" OCTAL ":60"},
        {"3www.x:" HEX ":60:4000000038000000:lo",
         WRITE ":www.x:28:" OCTAL ":60:4000000038000000:lo"},
        {"6www.x:" HEX ":60", WRITE ":www.x:28:" OCTAL ":60 and ^" REVERSE ":www.x:60"},
        {"6www.x:20010DB8000000000000000000000001",
         WRITE ":www.x:28:" OCTAL " and ^" REVERSE ":www.x"},
        {"3www.x:2001:db8::1", "why"},
        {"3www.x:" HEX "0", "why"},
        {"3www.x:2001ydb8000000000000000000000001", "why"},
        {"3", "why"},
        {"", "why"},
        {"+www.x:" HEX, "why"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct heard heard = {""};
        tinydns_refuse(hear, &heard, 7, cases[i].line, strlen(cases[i].line), "why");
        if (strcmp(heard.text, cases[i].text) != 0)
            fail_msg("%s: %s", cases[i].line, heard.text);
    }
}

static void a_line_longer_than_any_name_is_no_overflow(void **state)
{
    (void)state;
    char line[70000];
    memset(line, 'x', sizeof line);
    line[0] = '6';
    struct heard heard = {""};
    tinydns_refuse(hear, &heard, 7, line, sizeof line, "why");
    line[60000] = ':';
    memcpy(line + 60001, HEX, sizeof HEX);
    tinydns_refuse(hear, &heard, 7, line, 60001 + strlen(HEX), "why");
    assert_string_equal(heard.text, "why; why");
    /* the longest line that gets advice: each octet is printed as two */
    size_t length = NAME_WIRE_MAX - 1;
    line[length] = ':';
    memcpy(line + length + 1, HEX, sizeof HEX);
    heard.text[0] = '\0';
    tinydns_refuse(hear, &heard, 7, line, length + 1 + strlen(HEX), "why");
    assert_true(strlen(heard.text) > 2 * length + strlen(OCTAL) + strlen(REVERSE));
    assert_string_equal(heard.text + strlen(heard.text) - 3, "xxx");
}

static void what_nobody_means_is_doubted(void **state)
{
    static const struct {
        const char *line, *text;
    } cases[] = {
        {"+www.x:192.0.2.1", ""},
        {"+www.x:192.0.2.1:60:4000000038000000:lo", ""},
        {"+www.x:", "has no address: the line makes no record"},
        {"=www.x:y.example", "\"y.example\" is not an IPv4 address: the line makes no record"},
        {"=www.x:192.0.294.4", "\"192.0.294.4\" is read as the address 192.0.38.4"},
        {"+www.x:192.0.2.1 ", "\"192.0.2.1 \" is read as the address 192.0.2.1"},
        {"+www.x::1.2.3.4",
         "has no address: the line makes no record; \"1.2.3.4\" is read as the number 1"},
        {"@x:mail.y:15", "\"mail.y\" is not an IPv4 address, and is left out"},
        {"@x::192.0.2.1:a:10", "\"192.0.2.1\" is read as a name, though it looks like an address; "
                               "\"a\" is not a number: the default is used"},
        {"@x::mail.y:10:3600", ""},
        {"&x::ns.x:3600", ""},
        {"&x:ns.x", "\"ns.x\" is not an IPv4 address, and is left out"},
        {".x::a:-1", "\"-1\" is not a number: the default is used"},
        {"Sx:192.0.2.1:a:80:1:2:60", ""},
        {"Sx:192.0.2.1:a:80:1:two:60", "\"two\" is not a number: the default is used"},
        {"Zx:ns.x:root.x:1:2:3:4:5:6", ""},
        {"Zx:192.0.2.1:root.x", "\"192.0.2.1\" is read as a name, though it looks like an address"},
        {"Cwww.x:192.0.2.1", "\"192.0.2.1\" is read as a name, though it looks like an address"},
        {"Cwww.x:y.x:4294967297", "\"4294967297\" is read as the number 1"},
        {"Cwww.x:y.x:60:yes", "\"yes\" is not a time stamp of 16 hexadecimal digits"},
        {"Cwww.x:y.x:60::lon", "\"lon\" is longer than a location, two octets"},
        {"Cwww.x:y.x:60:::more", "\"more\" is one field too many, and is ignored"},
        {"'x:a\\072b", ""},
        {":x:TXT:y", "\"TXT\" is not a number: the default is used"},
        {"^1.x:y.x", ""},
        {"%lo:10", ""},
        {"#x:y", ""},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct heard heard = {""};
        tinydns_doubt(hear, &heard, 7, cases[i].line, strlen(cases[i].line));
        if (strcmp(heard.text, cases[i].text) != 0)
            fail_msg("%s: %s", cases[i].line, heard.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_to_write_instead_is_told),
        cmocka_unit_test(a_line_longer_than_any_name_is_no_overflow),
        cmocka_unit_test(what_nobody_means_is_doubted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
