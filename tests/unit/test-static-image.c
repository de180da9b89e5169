/* What a compiled file of tinydns-data lines has for its owners. */
#include "../../zones/static-image.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define APEX "host.example"

static const char lines[] = "# registered names stand beside these\n"
                            "Calias.host.example:www.host.example\n"
                            "\n"
                            "C*.any.host.example:www.host.example\n"
                            "&sub.host.example:192.0.2.1:ns.sub.host.example\n"
                            "+www.host.example:192.0.2.2\n"
                            "+a.b.host.example:192.0.2.3\n"
                            ":old.host.example:39:\\003new\\004host\\007example\\000\n"
                            ".own.host.example:192.0.2.4:a\n"
                            "Zhost.example:ns.host.example:hostmaster.host.example\n"
                            "&host.example::ns.host.example\n"
                            "&east.host.example:192.0.2.5:a::::ea\n";

static void refuse(void *context, size_t line, const char *why)
{
    (void)context;
    fail_msg("line %zu: %s", line, why);
}

static struct static_image *image_of(const char *text)
{
    size_t length = strlen(text);
    char *copy = malloc(length + 1);
    assert_non_null(copy);
    strcpy(copy, text);
    size_t refused;
    struct static_image *image = static_image_new(copy, length, refuse, NULL, &refused);
    assert_non_null(image);
    return image;
}

static int make(void **state)
{
    *state = image_of(lines);
    return 0;
}

static int drop(void **state)
{
    static_image_unref(*state);
    return 0;
}

static void a_registered_name_clashes_with_what_hides_it(void **state)
{
    static const struct {
        const char *name, *clash; /* "" if there is none */
    } cases[] = {
        {"alias.host.example", "a CNAME alias.host.example 2"},
        {"below.alias.host.example", ""},
        {"*.any.host.example", "a CNAME *.any.host.example 4"},
        {"any.host.example", ""},
        {"x.any.host.example", ""},
        {"sub.host.example", "a delegation sub.host.example 5"},
        {"deep.er.sub.host.example", "a delegation sub.host.example 5"},
        {"*.sub.host.example", "a delegation sub.host.example 5"},
        {"notsub.host.example", ""},
        {"www.host.example", ""},
        {"old.host.example", ""},
        {"x.old.host.example", "a DNAME old.host.example 8"},
        {"own.host.example", ""}, /* a zone of the file's own */
        {"x.own.host.example", ""},
        {"host.example", ""}, /* NS records at the apex delegate nothing */
        {"x.host.example", ""},
        {"x.east.host.example", "a delegation east.host.example 12"}, /* only for some clients */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char found[NAME_TEXT_MAX + 64] = "";
        struct static_clash clash;
        if (static_image_clash(*state, cases[i].name, APEX, &clash))
            snprintf(found, sizeof found, "%s %s %zu", clash.what, clash.owner, clash.line);
        if (strcmp(found, cases[i].clash) != 0)
            fail_msg("%s: '%s', not '%s'", cases[i].name, found, cases[i].clash);
    }
}

static void a_dname_at_the_apex_hides_all_names_but_the_apex(void **state)
{
    struct static_image *image = image_of(":host.example:39:\\003new\\000\n");
    (void)state;
    struct static_clash clash;
    assert_false(static_image_clash(image, APEX, APEX, &clash));
    assert_true(static_image_clash(image, "x." APEX, APEX, &clash));
    assert_string_equal(clash.owner, APEX);
    static_image_unref(image);
}

static void append(const char *name, void *context)
{
    char *text = context;
    strcat(strcat(text, name), " ");
}

static void all_names_above_owners_are_found(void **state)
{
    char text[1024] = "";
    static_image_each_above(*state, append, text);
    assert_string_equal(text, "any.host.example b.host.example east.host.example example "
                              "host.example ns.east.host.example ns.own.host.example "
                              "own.host.example sub.host.example ");
}

static void a_name_above_that_no_name_can_be_is_left_out(void **state)
{
    struct static_image *image =
        image_of("+x.a\\056b.host.example:192.0.2.1\n+x.\\052.host.example:192.0.2.1\n"
                 "+.:192.0.2.1\n+top:192.0.2.1\n+x.A\\040.y.example:192.0.2.1\n");
    (void)state;
    char text[256] = "";
    static_image_each_above(image, append, text);
    assert_string_equal(text, "example host.example y.example ");
    static_image_unref(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_registered_name_clashes_with_what_hides_it),
        cmocka_unit_test(a_dname_at_the_apex_hides_all_names_but_the_apex),
        cmocka_unit_test(all_names_above_owners_are_found),
        cmocka_unit_test(a_name_above_that_no_name_can_be_is_left_out),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
