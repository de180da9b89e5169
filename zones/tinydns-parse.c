#include "tinydns-parse.h"

#include "name.h"
#include "record.h"
#include "tinydns-entry.h"

#include <string.h>

enum {
    TTL_NS = 259200,
    TTL_POSITIVE = 86400,
    TTL_NEGATIVE = 2560, /* of a SOA, and its default minimum */

    TYPE_CNAME = 5,
    TYPE_MX = 15,
    TYPE_TXT = 16,
    TYPE_SRV = 33,
    TYPE_AXFR = 252,

    TXT_CHUNK_MAX = 127,
};

static void add_name_entry(const struct tinydns_line *line, unsigned type,
                           const struct tinydns_wire *target)
{
    struct tinydns_entry entry = tinydns_begin(line, &line->owner, type, line->ttl, target->length);
    tinydns_put_wire(&entry, target);
    tinydns_end(&entry);
}

static void add_address(const struct tinydns_line *line, const struct tinydns_wire *owner,
                        const uint8_t address[static 4])
{
    struct tinydns_entry entry = tinydns_begin(line, owner, RECORD_A, line->ttl, 4);
    tinydns_put(&entry, address, 4);
    tinydns_end(&entry);
}

/* Field 1 of many lines: a server's address, if given. */
static void add_server_address(const struct tinydns_line *line, const struct tinydns_wire *server)
{
    uint8_t address[4];
    if (tinydns_address(&line->fields[1], address))
        add_address(line, server, address);
}

/* Puts the five numbers of a SOA, given or default. */
static void put_soa_numbers(struct tinydns_entry *entry, const struct tinydns_field given[static 5])
{
    static const uint32_t defaults[] = {0, RECORD_SOA_REFRESH, RECORD_SOA_RETRY, RECORD_SOA_EXPIRE,
                                        TTL_NEGATIVE};
    for (size_t i = 0; i < 5; i++)
        tinydns_put_u32(entry, tinydns_number_or(&given[i], defaults[i]));
}

/* The last entry is a SOA whose serial the compiler chooses. */
static void note_serial(const struct tinydns_entry *soa)
{
    if (soa->to)
        cdb_note_serial(soa->entries, (size_t)(soa->to - soa->value) - CDB_SOA_NUMBERS);
}

/* Z OWNER : PRIMARY : CONTACT : SERIAL : REFRESH : RETRY : EXPIRE : MINIMUM */
static const char *parse_soa(struct tinydns_line *line)
{
    const struct tinydns_field *fields = line->fields;
    struct tinydns_wire primary;
    const char *why = tinydns_name(&primary, &fields[1]);
    struct tinydns_wire contact;
    if (!why)
        why = tinydns_name(&contact, &fields[2]);
    if (why)
        return why;
    struct tinydns_entry entry = tinydns_begin(line, &line->owner, RECORD_SOA, line->ttl,
                                               2 * NAME_WIRE_MAX + CDB_SOA_NUMBERS);
    tinydns_put_wire(&entry, &primary);
    tinydns_put_wire(&entry, &contact);
    put_soa_numbers(&entry, &fields[3]);
    tinydns_end(&entry);
    uint64_t serial;
    if (!tinydns_number(fields[3].at, fields[3].length, &serial))
        note_serial(&entry);
    return NULL;
}

static void add_default_soa(const struct tinydns_line *line, const struct tinydns_wire *primary)
{
    static const struct tinydns_field missing[5];
    static const char hostmaster[] = "\12hostmaster";
    struct tinydns_entry entry =
        tinydns_begin(line, &line->owner, RECORD_SOA, line->ttl ? TTL_NEGATIVE : 0,
                      2 * NAME_WIRE_MAX + sizeof hostmaster - 1 + CDB_SOA_NUMBERS);
    tinydns_put_wire(&entry, primary);
    tinydns_put(&entry, hostmaster, sizeof hostmaster - 1);
    tinydns_put_wire(&entry, &line->owner);
    put_soa_numbers(&entry, missing);
    tinydns_end(&entry);
    note_serial(&entry);
}

static const char *parse_nameserver(struct tinydns_line *line, bool authority)
{
    struct tinydns_wire server;
    const char *why = tinydns_server(&server, &line->fields[2], ".ns.", &line->fields[0]);
    if (why)
        return why;
    if (authority)
        add_default_soa(line, &server);
    add_name_entry(line, RECORD_NS, &server);
    add_server_address(line, &server);
    return NULL;
}

/* . OWNER : IP : SERVER */
static const char *parse_authority(struct tinydns_line *line)
{
    return parse_nameserver(line, true);
}

/* & OWNER : IP : SERVER */
static const char *parse_delegation(struct tinydns_line *line)
{
    return parse_nameserver(line, false);
}

/* @ OWNER : IP : SERVER : DISTANCE */
static const char *parse_mail_exchanger(struct tinydns_line *line)
{
    struct tinydns_wire server;
    const char *why = tinydns_server(&server, &line->fields[2], ".mx.", &line->fields[0]);
    if (why)
        return why;
    struct tinydns_entry entry =
        tinydns_begin(line, &line->owner, TYPE_MX, line->ttl, 2 + server.length);
    tinydns_put_u16(&entry, tinydns_number_or(&line->fields[3], 0));
    tinydns_put_wire(&entry, &server);
    tinydns_end(&entry);
    add_server_address(line, &server);
    return NULL;
}

/* S OWNER : IP : SERVER : PORT : PRIORITY : WEIGHT. Debian's addition. */
static const char *parse_service(struct tinydns_line *line)
{
    struct tinydns_wire server;
    const char *why = tinydns_server(&server, &line->fields[2], ".srv.", &line->fields[0]);
    uint64_t port;
    if (!why && !tinydns_number(line->fields[3].at, line->fields[3].length, &port))
        why = "there is no port";
    if (why)
        return why;
    struct tinydns_entry entry =
        tinydns_begin(line, &line->owner, TYPE_SRV, line->ttl, 6 + server.length);
    tinydns_put_u16(&entry, tinydns_number_or(&line->fields[4], 0));
    tinydns_put_u16(&entry, tinydns_number_or(&line->fields[5], 0));
    tinydns_put_u16(&entry, port);
    tinydns_put_wire(&entry, &server);
    tinydns_end(&entry);
    add_server_address(line, &server);
    return NULL;
}

/* + OWNER : IP */
static const char *parse_alias(struct tinydns_line *line)
{
    add_server_address(line, &line->owner);
    return NULL;
}

static size_t put_decimal_label(uint8_t *to, unsigned octet)
{
    uint8_t *at = to + 1;
    if (octet >= 100)
        *at++ = (uint8_t)('0' + octet / 100);
    if (octet >= 10)
        *at++ = (uint8_t)('0' + octet / 10 % 10);
    *at++ = (uint8_t)('0' + octet % 10);
    to[0] = (uint8_t)(at - to - 1);
    return (size_t)(at - to);
}

static void make_reverse(struct tinydns_wire *wire, const uint8_t address[static 4])
{
    static const char suffix[] = "\7in-addr\4arpa";
    wire->length = 0;
    for (int i = 3; i >= 0; i--)
        wire->length += put_decimal_label(wire->octets + wire->length, address[i]);
    memcpy(wire->octets + wire->length, suffix, sizeof suffix); /* with its NUL, the root */
    wire->length += sizeof suffix;
}

/* = OWNER : IP */
static const char *parse_host(struct tinydns_line *line)
{
    uint8_t address[4];
    if (!tinydns_address(&line->fields[1], address))
        return NULL;
    add_address(line, &line->owner, address);
    struct tinydns_wire reverse;
    make_reverse(&reverse, address);
    struct tinydns_entry entry =
        tinydns_begin(line, &reverse, RECORD_PTR, line->ttl, line->owner.length);
    tinydns_put_wire(&entry, &line->owner);
    tinydns_end(&entry);
    return NULL;
}

static const char *parse_named(struct tinydns_line *line, unsigned type)
{
    struct tinydns_wire target;
    const char *why = tinydns_name(&target, &line->fields[1]);
    if (!why)
        add_name_entry(line, type, &target);
    return why;
}

/* ^ OWNER : TARGET */
static const char *parse_pointer(struct tinydns_line *line)
{
    return parse_named(line, RECORD_PTR);
}

/* C OWNER : TARGET */
static const char *parse_canonical(struct tinydns_line *line)
{
    return parse_named(line, TYPE_CNAME);
}

/* ' OWNER : TEXT. The text is stored in chunks, each after its length. */
static const char *parse_text(struct tinydns_line *line)
{
    const struct tinydns_field *text = &line->fields[1];
    const char *at = text->at, *end = at + text->length;
    struct tinydns_entry entry = tinydns_begin(line, &line->owner, TYPE_TXT, line->ttl,
                                               text->length + text->length / TXT_CHUNK_MAX + 1);
    while (entry.to && at < end) {
        uint8_t *chunk = entry.to++;
        while (at < end && entry.to - chunk <= TXT_CHUNK_MAX) {
            if (*at != '\\')
                *entry.to++ = (uint8_t)*at++;
            else if (++at < end)
                *entry.to++ = tinydns_unescape(&at, end);
        }
        *chunk = (uint8_t)(entry.to - chunk - 1);
        if (*chunk == 0) /* only a backslash was left */
            entry.to = chunk;
    }
    tinydns_end(&entry);
    return NULL;
}

static const char *prohibited(unsigned type)
{
    switch (type) {
    case 0:
        return "type 0 is not for generic records";
    case RECORD_NS:
        return "type NS is not for generic records: there are & and .";
    case TYPE_CNAME:
        return "type CNAME is not for generic records: there is C";
    case RECORD_SOA:
        return "type SOA is not for generic records: there is Z";
    case RECORD_PTR:
        return "type PTR is not for generic records: there is ^";
    case TYPE_MX:
        return "type MX is not for generic records: there is @";
    case TYPE_AXFR:
        return "type AXFR is not for records";
    default:
        return NULL;
    }
}

/* : OWNER : TYPE : DATA */
static const char *parse_generic(struct tinydns_line *line)
{
    const struct tinydns_field *data = &line->fields[2];
    const char *at = data->at, *end = at + data->length;
    unsigned type = (uint16_t)tinydns_number_or(&line->fields[1], 0);
    const char *why = prohibited(type);
    if (why)
        return why;
    struct tinydns_entry entry = tinydns_begin(line, &line->owner, type, line->ttl, data->length);
    while (entry.to && at < end) {
        if (*at != '\\')
            *entry.to++ = (uint8_t)*at++;
        else if (++at < end)
            *entry.to++ = tinydns_unescape(&at, end);
    }
    tinydns_end(&entry);
    return NULL;
}

/* % LOCATION : PREFIX. The entry has its own kind of key and value. */
static const char *parse_location(struct cdb_entries *entries, const char *text, size_t length)
{
    struct tinydns_field fields[TINYDNS_FIELDS_MAX];
    tinydns_split(fields, text, length);
    char location[2];
    tinydns_location(&fields[0], location);
    uint8_t *key = cdb_reserve(entries, 2 + fields[1].length + sizeof location);
    if (!key)
        return NULL;
    uint8_t *to = key;
    *to++ = '\0';
    *to++ = '%';
    const char *at = fields[1].at;
    const char *end = at + fields[1].length;
    while (at < end) {
        if (*at == '.') {
            at++;
            continue;
        }
        uint64_t number;
        size_t n = tinydns_number(at, (size_t)(end - at), &number);
        if (n == 0)
            break;
        *to++ = (uint8_t)number;
        at += n;
    }
    memcpy(to, location, sizeof location);
    cdb_commit(entries, (size_t)(to - key), sizeof location);
    return NULL;
}

/* The kinds of lines, and the field where TTL, time stamp and location begin. */
static const struct kind {
    char letter;
    const char *(*parse)(struct tinydns_line *line);
    size_t ttl_field;
    uint32_t ttl;
} kinds[] = {
    {'+', parse_alias, 2, TTL_POSITIVE},     {':', parse_generic, 3, TTL_POSITIVE},
    {'=', parse_host, 2, TTL_POSITIVE},      {'^', parse_pointer, 2, TTL_POSITIVE},
    {'&', parse_delegation, 3, TTL_NS},      {'.', parse_authority, 3, TTL_NS},
    {'Z', parse_soa, 8, TTL_NEGATIVE},       {'@', parse_mail_exchanger, 4, TTL_POSITIVE},
    {'C', parse_canonical, 2, TTL_POSITIVE}, {'\'', parse_text, 2, TTL_POSITIVE},
    {'S', parse_service, 6, TTL_POSITIVE},
};

static const struct kind *kind_of(char letter)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].letter == letter)
            return &kinds[i];
    return NULL;
}

static const char *parse_kind(struct cdb_entries *entries, const struct kind *kind,
                              const char *text, size_t length)
{
    struct tinydns_line line;
    const struct tinydns_field *last = line.fields + kind->ttl_field;
    line.entries = entries;
    tinydns_split(line.fields, text, length);
    const char *why = tinydns_name(&line.owner, &line.fields[0]);
    if (why)
        return why;
    line.ttl = tinydns_number_or(&last[0], kind->ttl);
    tinydns_stamp(&last[1], line.stamp);
    tinydns_location(&last[2], line.location);
    /* cppcheck-suppress returnDanglingLifetime ; it is a static text */
    return kind->parse(&line);
}

size_t tinydns_trimmed(const char *line, size_t length)
{
    while (length > 0 &&
           (line[length - 1] == ' ' || line[length - 1] == '\t' || line[length - 1] == '\n'))
        length--;
    return length;
}

const char *tinydns_parse_line(struct cdb_entries *entries, const char *line, size_t length)
{
    length = tinydns_trimmed(line, length);
    if (length == 0 || line[0] == '#' || line[0] == '-')
        return NULL;
    if (line[0] == '%')
        return parse_location(entries, line + 1, length - 1);
    const struct kind *kind = kind_of(line[0]);
    if (!kind)
        return "the line does not begin with one of . & = + @ S ' ^ C Z : % - #";
    return parse_kind(entries, kind, line + 1, length - 1);
}

bool tinydns_next_line(const char **text, size_t *length, const char **line, size_t *line_length)
{
    if (*length == 0)
        return false;
    const char *end = memchr(*text, '\n', *length);
    *line = *text;
    *line_length = end ? (size_t)(end - *text) : *length;
    *length -= *line_length + (end != NULL);
    *text += *line_length + (end != NULL);
    return true;
}
