/* A set of records as text that a table can have: "SOA internal; A www.internal 10.0.0.1; ...". */
#ifndef TESTS_UNIT_SHOWN_H
#define TESTS_UNIT_SHOWN_H

#include "../../zones/record.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

static inline void shown_record(FILE *out, const struct record *record)
{
    char text[ADDRESS_TEXT_MAX];
    switch (record->type) {
    case RECORD_SOA:
        fprintf(out, "SOA %s", record->owner);
        break;
    case RECORD_NS:
        fprintf(out, "NS %s %s", record->owner, record->target);
        break;
    case RECORD_PTR:
        fprintf(out, "PTR %s %s", record->owner, record->target);
        break;
    case RECORD_PLACEHOLDER:
        fprintf(out, "- %s", record->owner);
        break;
    case RECORD_A:
    case RECORD_AAAA:
        fprintf(out, "%s %s", record->owner, address_text(text, &record->address));
        break;
    }
}

/* The records in [start, end); the caller frees. */
static inline char *shown_span(const struct records *records, size_t start, size_t end)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    struct record record;
    for (size_t cursor = start; cursor < end && records_next(records, &cursor, &record);) {
        shown_record(out, &record);
        fputs(cursor < end ? "; " : "", out);
    }
    fclose(out);
    return text;
}

static inline void shown_are(const struct records *records, size_t start, const char *expected)
{
    char *text = shown_span(records, start, records->length);
    assert_false(records->failed);
    assert_string_equal(text, expected);
    free(text);
}

#endif
