/* A file of tinydns-data lines, compiled: its text as it was written, and the entries that follow
 * from it. Made once, then only read, by any number of builds and from any thread. Pure.
 *
 * Whoever keeps an image holds a reference to it. References are taken and dropped on one thread;
 * another that reads an image relies on the first to hold one meanwhile. */
#ifndef ZONES_STATIC_IMAGE_H
#define ZONES_STATIC_IMAGE_H

#include "name.h"
#include "tinydns-parse.h"

struct static_image {
    unsigned references;
    char *text; /* owned; ends in LF, unless it is empty */
    size_t length;
    struct cdb_entries entries;
    struct static_owner *owners; /* owned; a hash table of them */
    size_t n_slots;              /* a power of two */
    bool clashes;                /* static_image_clash() may find any */
    void *above;                 /* owned; a tsearch(3) tree of texts, static_image_each_above() */
};

/* Compiles the text, which is taken over: malloc()ed, with room for one octet behind `length`. The
 * image comes with one reference. NULL where lines were refused, each of which was told of and is
 * counted in *refused, or where there are none but memory ran out. */
struct static_image *static_image_new(char *text, size_t length, tinydns_refused *told,
                                      void *context, size_t *refused);
struct static_image *static_image_ref(struct static_image *image);
void static_image_unref(struct static_image *image); /* NULL is fine */

/* What an image has for an owner, a set of these. */
enum static_records {
    STATIC_SOA = 1 << 0, /* for everybody and at any time, as the next */
    STATIC_NS = 1 << 1,
    STATIC_NS_OF_SOME = 1 << 2, /* NS records that are not */
    STATIC_CNAME = 1 << 3,
    STATIC_DNAME = 1 << 4,
    STATIC_OTHER = 1 << 5, /* anything else */
};

/* The set for a canonical name; 0 where the name does not occur. */
unsigned static_image_has(const struct static_image *image, const char *name);

/* Why a name's own records would not be answered, or must not stand beside those of the image. */
struct static_clash {
    const char *what;              /* "a CNAME", "a DNAME" or "a delegation"; static */
    char owner[NAME_TEXT_MAX + 1]; /* of those records: the name or one above it */
    size_t line;                   /* of one of them, from 1 */
};

/* Does a canonical name, which is in the zone with this apex, clash with the image? It does with a
 * CNAME of its own (RFC 2181, 10.1), and below the apex with the NS records of a delegation, its
 * own or of a name above it (RFC 1034, 4.2.1), and with a DNAME of a name above it, the apex too
 * (RFC 6672, 2.4). NS records beside a SOA are a zone's and no delegation. */
bool static_image_clash(const struct static_image *image, const char *name, const char *apex,
                        struct static_clash *clash);

/* Calls for each canonical name that is above an owner of the image, once, in order. It may have
 * records of its own. */
void static_image_each_above(const struct static_image *image,
                             void (*visit)(const char *name, void *context), void *context);

#endif
