/* Lines and their compiled entries, as Debian's tinydns-data 1.05 makes them. */
#include "../../zones/tinydns-parse.h"

#include "../../common/octets.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

/* A string's octets without the NUL. */
#define OCTETS(text) (text), sizeof(text) - 1

enum { ENTRIES_MAX = 3, SERIAL = 0x01020304, LONG_LINE = 3 << 20 };

struct line {
    const char *text;
    size_t length;
    struct {
        const char *key;
        size_t key_length;
        const char *value;
        size_t value_length;
    } entries[ENTRIES_MAX];
};

static const struct line addresses[] = {
    {OCTETS("+a.b:1.2.3.4"),
     {{OCTETS("\001a\001b\000"),
       OCTETS("\000\001=\000\001Q\200\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+a.b:1.2.3.4:60"),
     {{OCTETS("\001a\001b\000"),
       OCTETS("\000\001=\000\000\000<\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+A.B:256.257.1.300:0"),
     {{OCTETS("\001a\001b\000"),
       OCTETS("\000\001=\000\000\000\000\000\000\000\000\000\000\000\000\000\001\001,")}}},
    {OCTETS("+a:1.2.3"), {}},
    {OCTETS("+a:"), {}},
    {OCTETS("+a"), {}},
    {OCTETS("+a:1.2.3.4.5x:7"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001=\000\000\000\007\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+a:x1.2.3.4"), {}},
};

static const struct line names[] = {
    {OCTETS("+.a..b.:1.2.3.4:1"),
     {{OCTETS("\001a\001b\000"),
       OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+:1.2.3.4:1"),
     {{OCTETS("\000"),
       OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+.:1.2.3.4:1"),
     {{OCTETS("\000"),
       OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+\\141\\56b\\8:1.2.3.4:1"),
     {{OCTETS("\004a.b8\000"),
       OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+a\\:1.2.3.4:1"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+*.a:1.2.3.4:1"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001*\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+\\052.a:1.2.3.4:1"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001*\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+*:1.2.3.4:1"),
     {{OCTETS("\000"),
       OCTETS("\000\001*\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+*a:1.2.3.4:1"),
     {{OCTETS("\002*a\000"),
       OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+a.*.b:1.2.3.4:1"),
     {{OCTETS("\001a\001*\001b\000"),
       OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
};

static const struct line ends[] = {
    {OCTETS("+a:1.2.3.4:1 \011 "),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+a:1.2.3.4:1\015"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+a:1.2.3.4: 1"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001=\000\001Q\200\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+a:1.2.3.4:1:::::::::::::x"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+a\000b:1.2.3.4:1"),
     {{OCTETS("\003a\000b\000"),
       OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("#x"), {}},
    {OCTETS("-x"), {}},
    {OCTETS(""), {}},
    {OCTETS(" \011"), {}},
};

static const struct line ttls[] = {
    {OCTETS("+a:1.2.3.4:4294967295"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001=\377\377\377\377\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+a:1.2.3.4:4294967296"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001=\000\000\000\000\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+a:1.2.3.4:18446744073709551617"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+a:1.2.3.4:7x"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001=\000\000\000\007\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+a:1.2.3.4:-1"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001=\000\001Q\200\000\000\000\000\000\000\000\000\001\002\003\004")}}},
};

static const struct line stamps[] = {
    {OCTETS("+a:1.2.3.4:1:4000000038af1379"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001=\000\000\000\001@\000\000\0008\257\023y\001\002\003\004")}}},
    {OCTETS("+a:1.2.3.4:0:4000000038AF1379"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001=\000\000\000\000@\000\000\0008\000\023y\001\002\003\004")}}},
    {OCTETS("+a:1.2.3.4:1:4"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001=\000\000\000\001@\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+a:1.2.3.4:1:40000000000000000"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001=\000\000\000\001@\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+a:1.2.3.4:1:xyz"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
};

static const struct line locations[] = {
    {OCTETS("+a:1.2.3.4:1::lo"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001>lo\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+a:1.2.3.4:1::l"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001>l\000\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+a:1.2.3.4:1::long"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001>lo\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("+*.a:1.2.3.4:1::lo"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\001+lo\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("%lo:1.2.3"), {{OCTETS("\000%\001\002\003"), OCTETS("lo")}}},
    {OCTETS("%lo"), {{OCTETS("\000%"), OCTETS("lo")}}},
    {OCTETS("%l:"), {{OCTETS("\000%"), OCTETS("l\000")}}},
    {OCTETS("%:1..2.x3"), {{OCTETS("\000%\001\002"), OCTETS("\000\000")}}},
    {OCTETS("%lo:300"), {{OCTETS("\000%,"), OCTETS("lo")}}},
};

static const struct line hosts[] = {
    {OCTETS("=Www.A:1.2.3.4:1"),
     {{OCTETS("\003www\001a\000"),
       OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")},
      {OCTETS("\0014\0013\0012\0011\007in-addr\004arpa\000"),
       OCTETS("\000\014=\000\000\000\001\000\000\000\000\000\000\000\000\003Www\001A\000")}}},
    {OCTETS("=www.a:255.0.10.100:1"),
     {{OCTETS("\003www\001a\000"),
       OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000\377\000\012d")},
      {OCTETS("\003100\00210\0010\003255\007in-addr\004arpa\000"),
       OCTETS("\000\014=\000\000\000\001\000\000\000\000\000\000\000\000\003www\001a\000")}}},
    {OCTETS("=www.a:none:1"), {}},
};

static const struct line servers[] = {
    {OCTETS(".a:1.2.3.4:b:1"),
     {{OCTETS("\001a\000"),
       OCTETS(
           "\000\006="
           "\000\000\012\000\000\000\000\000\000\000\000\000\001b\002ns\001a\000\012hostmaster\001a"
           "\000\001\002\003\004\000\000@\000\000\000\010\000\000\020\000\000\000\000\012\000")},
      {OCTETS("\001a\000"),
       OCTETS("\000\002=\000\000\000\001\000\000\000\000\000\000\000\000\001b\002ns\001a\000")},
      {OCTETS("\001b\002ns\001a\000"),
       OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS(".A:1.2.3.4:B:1"),
     {{OCTETS("\001a\000"),
       OCTETS(
           "\000\006="
           "\000\000\012\000\000\000\000\000\000\000\000\000\001B\002ns\001A\000\012hostmaster\001A"
           "\000\001\002\003\004\000\000@\000\000\000\010\000\000\020\000\000\000\000\012\000")},
      {OCTETS("\001a\000"),
       OCTETS("\000\002=\000\000\000\001\000\000\000\000\000\000\000\000\001B\002ns\001A\000")},
      {OCTETS("\001b\002ns\001a\000"),
       OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS(".a::b.c:0"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\006="
              "\000\000\000\000\000\000\000\000\000\000\000\000\001b\001c\000\012hostmaster\001a"
              "\000\001\002\003\004\000\000@\000\000\000\010\000\000\020\000\000\000\000\012\000")},
      {OCTETS("\001a\000"),
       OCTETS("\000\002=\000\000\000\000\000\000\000\000\000\000\000\000\001b\001c\000")}}},
    {OCTETS(".a::b.c"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\006="
              "\000\000\012\000\000\000\000\000\000\000\000\000\001b\001c\000\012hostmaster\001a"
              "\000\001\002\003\004\000\000@\000\000\000\010\000\000\020\000\000\000\000\012\000")},
      {OCTETS("\001a\000"),
       OCTETS("\000\002=\000\003\364\200\000\000\000\000\000\000\000\000\001b\001c\000")}}},
    {OCTETS(".a::b\\:0"),
     {{OCTETS("\001a\000"), OCTETS("\000\006=\000\000\000\000\000\000\000\000\000\000\000\000\004b."
                                   "ns\001a\000\012hostmaster\001a\000\001\002\003\004\000\000@"
                                   "\000\000\000\010\000\000\020\000\000\000\000\012\000")},
      {OCTETS("\001a\000"),
       OCTETS("\000\002=\000\000\000\000\000\000\000\000\000\000\000\000\004b.ns\001a\000")}}},
    {OCTETS(".*.a::b.c:4294967296"),
     {{OCTETS("\001a\000"), OCTETS("\000\006*"
                                   "\000\000\012\000\000\000\000\000\000\000\000\000\001b\001c\000"
                                   "\012hostmaster\001*\001a\000\001\002\003\004\000\000@"
                                   "\000\000\000\010\000\000\020\000\000\000\000\012\000")},
      {OCTETS("\001a\000"),
       OCTETS("\000\002*\000\000\000\000\000\000\000\000\000\000\000\000\001b\001c\000")}}},
    {OCTETS("&a:1.2.3.4:b:1"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\002=\000\000\000\001\000\000\000\000\000\000\000\000\001b\002ns\001a\000")},
      {OCTETS("\001b\002ns\001a\000"),
       OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("&a::b.:1"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\002=\000\000\000\001\000\000\000\000\000\000\000\000\001b\000")}}},
    {OCTETS("&a:::1"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\002=\000\000\000\001\000\000\000\000\000\000\000\000\002ns\001a\000")}}},
    {OCTETS("&a:1.2.3.4"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\002=\000\003\364\200\000\000\000\000\000\000\000\000\002ns\001a\000")},
      {OCTETS("\002ns\001a\000"),
       OCTETS("\000\001=\000\003\364\200\000\000\000\000\000\000\000\000\001\002\003\004")}}},
};

static const struct line soas[] = {
    {OCTETS("Za:b:c"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\006="
              "\000\000\012\000\000\000\000\000\000\000\000\000\001b\000\001c\000\001\002\003\004"
              "\000\000@\000\000\000\010\000\000\020\000\000\000\000\012\000")}}},
    {OCTETS("Za:B.c:D:1:2:3:4:5:6"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\006="
              "\000\000\000\006\000\000\000\000\000\000\000\000\001B\001c\000\001D\000\000\000\000"
              "\001\000\000\000\002\000\000\000\003\000\000\000\004\000\000\000\005")}}},
    {OCTETS("Za:b:c:0:0:0:0:0:0"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\006="
              "\000\000\000\000\000\000\000\000\000\000\000\000\001b\000\001c\000\000\000\000\000"
              "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000")}}},
    {OCTETS("Za:b:c:x::::::4000000038af1379:lo"),
     {{OCTETS("\001a\000"), OCTETS("\000\006>lo\000\000\012\000@"
                                   "\000\000\0008\257\023y\001b\000\001c\000\001\002\003\004\000"
                                   "\000@\000\000\000\010\000\000\020\000\000\000\000\012\000")}}},
};

static const struct line mails[] = {
    {OCTETS("@a:1.2.3.4:b:5:1"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\017="
              "\000\000\000\001\000\000\000\000\000\000\000\000\000\005\001b\002mx\001a\000")},
      {OCTETS("\001b\002mx\001a\000"),
       OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("@a::b.c"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\017=\000\001Q\200\000\000\000\000\000\000\000\000\000\000\001b\001c\000")}}},
    {OCTETS("@a::b:65537:1"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\017="
              "\000\000\000\001\000\000\000\000\000\000\000\000\000\001\001b\002mx\001a\000")}}},
};

static const struct line services[] = {
    {OCTETS("Sa:1.2.3.4:b:80:1:2:3"),
     {{OCTETS("\001a\000"), OCTETS("\000!="
                                   "\000\000\000\003\000\000\000\000\000\000\000\000\000\001\000"
                                   "\002\000P\001b\003srv\001a\000")},
      {OCTETS("\001b\003srv\001a\000"),
       OCTETS("\000\001=\000\000\000\003\000\000\000\000\000\000\000\000\001\002\003\004")}}},
    {OCTETS("Sa::b.c:0"),
     {{OCTETS("\001a\000"), OCTETS("\000!="
                                   "\000\001Q\200\000\000\000\000\000\000\000\000\000\000\000\000"
                                   "\000\000\001b\001c\000")}}},
    {OCTETS("Sa::b.c:65537:65536:x:1"),
     {{OCTETS("\001a\000"), OCTETS("\000!="
                                   "\000\000\000\001\000\000\000\000\000\000\000\000\000\000\000"
                                   "\000\000\001\001b\001c\000")}}},
};

static const struct line targets[] = {
    {OCTETS("^1.a:B.c:1"),
     {{OCTETS("\0011\001a\000"),
       OCTETS("\000\014=\000\000\000\001\000\000\000\000\000\000\000\000\001B\001c\000")}}},
    {OCTETS("^1.a::1"),
     {{OCTETS("\0011\001a\000"),
       OCTETS("\000\014=\000\000\000\001\000\000\000\000\000\000\000\000\000")}}},
    {OCTETS("Ca:B.c:1"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\005=\000\000\000\001\000\000\000\000\000\000\000\000\001B\001c\000")}}},
    {OCTETS("Ca:b\\056c:1"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\005=\000\000\000\001\000\000\000\000\000\000\000\000\003b.c\000")}}},
};

static const struct line texts[] = {
    {OCTETS("'a:hello:1"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\020=\000\000\000\001\000\000\000\000\000\000\000\000\005hello")}}},
    {OCTETS("'a:\\072\\9x\\\\:1"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\020=\000\000\000\001\000\000\000\000\000\000\000\000\004:9x\\")}}},
    {OCTETS("'a::1"),
     {{OCTETS("\001a\000"), OCTETS("\000\020=\000\000\000\001\000\000\000\000\000\000\000\000")}}},
    {OCTETS("'a:x\\:1"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\020=\000\000\000\001\000\000\000\000\000\000\000\000\001x")}}},
};

static const struct line generics[] = {
    {OCTETS(":a:28:\\375\\001ab:1"),
     {{OCTETS("\001a\000"),
       OCTETS("\000\034=\000\000\000\001\000\000\000\000\000\000\000\000\375\001ab")}}},
    {OCTETS(":a:65535::1"),
     {{OCTETS("\001a\000"), OCTETS("\377\377=\000\000\000\001\000\000\000\000\000\000\000\000")}}},
    {OCTETS(":a:65564:x:1"),
     {{OCTETS("\001a\000"), OCTETS("\000\034=\000\000\000\001\000\000\000\000\000\000\000\000x")}}},
    {OCTETS(":a:1:x\\:1"),
     {{OCTETS("\001a\000"), OCTETS("\000\001=\000\000\000\001\000\000\000\000\000\000\000\000x")}}},
};

static void put_serials(struct cdb_entries *entries)
{
    for (size_t i = 0; i < entries->n_serials; i++)
        put_be32(entries->octets + entries->serials[i], SERIAL);
}

static void check(const struct line *line)
{
    struct cdb_entries entries;
    cdb_entries_init(&entries);
    assert_null(tinydns_parse_line(&entries, line->text, line->length));
    put_serials(&entries);
    for (size_t i = 0; i < ENTRIES_MAX; i++) {
        if (!line->entries[i].key) {
            assert_int_equal(entries.n, i);
            break;
        }
        assert_true(i < entries.n);
        struct cdb_entry entry = cdb_entry_at(&entries, entries.places[i].at);
        assert_int_equal(entry.key_length, line->entries[i].key_length);
        assert_memory_equal(entry.key, line->entries[i].key, entry.key_length);
        assert_int_equal(entry.value_length, line->entries[i].value_length);
        assert_memory_equal(entry.value, line->entries[i].value, entry.value_length);
    }
    cdb_entries_fini(&entries);
}

#define CHECK_ALL(lines)                                                                           \
    for (size_t i = 0; i < sizeof(lines) / sizeof *(lines); i++)                                   \
    check(&(lines)[i])

static void lines_of_addresses_compile_as_by_tinydns_data(void **state)
{
    (void)state;
    CHECK_ALL(addresses);
}

static void names_compile_as_by_tinydns_data(void **state)
{
    (void)state;
    CHECK_ALL(names);
}

static void ends_of_lines_compile_as_by_tinydns_data(void **state)
{
    (void)state;
    CHECK_ALL(ends);
}

static void ttls_compile_as_by_tinydns_data(void **state)
{
    (void)state;
    CHECK_ALL(ttls);
}

static void timestamps_compile_as_by_tinydns_data(void **state)
{
    (void)state;
    CHECK_ALL(stamps);
}

static void locations_compile_as_by_tinydns_data(void **state)
{
    (void)state;
    CHECK_ALL(locations);
}

static void hosts_compile_as_by_tinydns_data(void **state)
{
    (void)state;
    CHECK_ALL(hosts);
}

static void name_servers_compile_as_by_tinydns_data(void **state)
{
    (void)state;
    CHECK_ALL(servers);
}

static void soas_compile_as_by_tinydns_data(void **state)
{
    (void)state;
    CHECK_ALL(soas);
}

static void mail_servers_compile_as_by_tinydns_data(void **state)
{
    (void)state;
    CHECK_ALL(mails);
}

static void services_compile_as_by_tinydns_data(void **state)
{
    (void)state;
    CHECK_ALL(services);
}

static void targets_compile_as_by_tinydns_data(void **state)
{
    (void)state;
    CHECK_ALL(targets);
}

static void texts_compile_as_by_tinydns_data(void **state)
{
    (void)state;
    CHECK_ALL(texts);
}

static void generic_records_compile_as_by_tinydns_data(void **state)
{
    (void)state;
    CHECK_ALL(generics);
}

static void refuses(const char *text, size_t length)
{
    struct cdb_entries entries;
    cdb_entries_init(&entries);
    assert_null(tinydns_parse_line(&entries, OCTETS("+a:1.2.3.4")));
    size_t before = entries.length;
    assert_non_null(tinydns_parse_line(&entries, text, length));
    assert_int_equal(entries.n, 1);
    assert_int_equal(entries.length, before);
    assert_false(entries.failed);
    cdb_entries_fini(&entries);
}

static void what_is_no_line_is_refused(void **state)
{
    static const char *const lines[] = {
        " +a:1.2.3.4", "a",          "/",      "3a:b",   "6a:b",   "\r",
        ":a:0:x",      ":a:2:x",     ":a:5:x", ":a:6:x", ":a:12:", ":a:15:",
        ":a:252:",     ":a:65542:x", ":a:x:x", ":a",     "Sa::b",  "Sa::b:x",
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        refuses(lines[i], strlen(lines[i]));
    refuses(OCTETS("\0"));
}

/* 63 octets for a label, 255 in all. */
static void a_name_has_255_octets_at_most(void **state)
{
    (void)state;
    size_t n = 0;
    char line[600];
    line[n++] = '+';
    for (int i = 1; i <= 253; i++)
        line[n++] = i % 64 ? 'a' : '.';
    for (int more = 0; more < 3; more++) {
        memcpy(line + n, ":1.2.3.4", 8);
        struct cdb_entries entries;
        cdb_entries_init(&entries);
        const char *why = tinydns_parse_line(&entries, line, n + 8);
        if (more) {
            assert_string_equal(why, "a name is longer than 255 octets");
        } else {
            assert_null(why);
            assert_int_equal(cdb_entry_at(&entries, 0).key_length, NAME_WIRE_MAX);
        }
        cdb_entries_fini(&entries);
        line[n++] = 'a';
    }
    memset(line + 1, 'a', 64);
    assert_int_equal(line[64], 'a');
    memcpy(line + 64, ":1.2.3.4", 8); /* 63 */
    check(&(struct line){
        line,
        72,
        {{OCTETS("\77aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0"),
          OCTETS("\0\1=\0\1Q\200\0\0\0\0\0\0\0\0\1\2\3\4")}}});
    memset(line + 1, 'a', 64);
    memcpy(line + 65, ":1.2.3.4", 8);
    refuses(line, 73);
}

/* "hostmaster" in front of a name has no limit. */
static void a_default_contact_may_be_longer_than_a_name(void **state)
{
    (void)state;
    char line[300] = ".";
    for (int i = 1; i <= 253; i++)
        line[i] = i % 64 ? 'a' : '.';
    memcpy(line + 254, "::b.c", 5);
    struct cdb_entries entries;
    cdb_entries_init(&entries);
    assert_null(tinydns_parse_line(&entries, line, 259));
    assert_int_equal(entries.n, 2);
    assert_int_equal(cdb_entry_at(&entries, 0).value_length,
                     CDB_ENTRY_HEAD + 5 + 11 + NAME_WIRE_MAX + CDB_SOA_NUMBERS);
    cdb_entries_fini(&entries);
}

/* The length after escapes have become octets. */
static void a_long_text_is_cut_into_pieces_of_127_octets(void **state)
{
    static const size_t lengths[] = {126, 127, 128, 254, 255, LONG_LINE};
    char *line = malloc(LONG_LINE + 16);
    (void)state;
    assert_non_null(line);
    memset(line, 'x', LONG_LINE + 16);
    memcpy(line, "'a:\\101", 7);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        size_t length = lengths[i], chunks = (length + 126) / 127;
        struct cdb_entries entries;
        cdb_entries_init(&entries);
        assert_null(tinydns_parse_line(&entries, line, 7 + length - 1));
        struct cdb_entry entry = cdb_entry_at(&entries, 0);
        assert_int_equal(entry.value_length, CDB_ENTRY_HEAD + length + chunks);
        assert_int_equal(entry.value[CDB_ENTRY_HEAD], length < 127 ? length : 127);
        assert_int_equal(entry.value[CDB_ENTRY_HEAD + 1], 'A');
        assert_int_equal(entry.value[CDB_ENTRY_HEAD + 2], 'x');
        cdb_entries_fini(&entries);
    }
    free(line);
}

static void a_text_is_split_into_lines(void **state)
{
    static const char text[] = "a\n\n b \r\nc\0d\nlast";
    static const struct {
        const char *line;
        size_t length;
    } expected[] = {
        {OCTETS("a")}, {OCTETS("")}, {OCTETS(" b \r")}, {OCTETS("c\0d")}, {OCTETS("last")}};
    const char *at = text;
    size_t left = sizeof text - 1;
    (void)state;
    const char *line;
    size_t length;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_true(tinydns_next_line(&at, &left, &line, &length));
        assert_int_equal(length, expected[i].length);
        assert_memory_equal(line, expected[i].line, length);
    }
    assert_false(tinydns_next_line(&at, &left, &line, &length));
    assert_int_equal(left, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_addresses_compile_as_by_tinydns_data),
        cmocka_unit_test(names_compile_as_by_tinydns_data),
        cmocka_unit_test(ends_of_lines_compile_as_by_tinydns_data),
        cmocka_unit_test(ttls_compile_as_by_tinydns_data),
        cmocka_unit_test(timestamps_compile_as_by_tinydns_data),
        cmocka_unit_test(locations_compile_as_by_tinydns_data),
        cmocka_unit_test(hosts_compile_as_by_tinydns_data),
        cmocka_unit_test(name_servers_compile_as_by_tinydns_data),
        cmocka_unit_test(soas_compile_as_by_tinydns_data),
        cmocka_unit_test(mail_servers_compile_as_by_tinydns_data),
        cmocka_unit_test(services_compile_as_by_tinydns_data),
        cmocka_unit_test(targets_compile_as_by_tinydns_data),
        cmocka_unit_test(texts_compile_as_by_tinydns_data),
        cmocka_unit_test(generic_records_compile_as_by_tinydns_data),
        cmocka_unit_test(what_is_no_line_is_refused),
        cmocka_unit_test(a_name_has_255_octets_at_most),
        cmocka_unit_test(a_default_contact_may_be_longer_than_a_name),
        cmocka_unit_test(a_long_text_is_cut_into_pieces_of_127_octets),
        cmocka_unit_test(a_text_is_split_into_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
