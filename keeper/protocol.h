/* The messages between phonebookd and phonebook-keeper (a SOCK_SEQPACKET socket). Pure.
 *
 * One datagram is one message: the header, then `length` octets of text that the keeper stores and
 * returns but never reads. Numbers are in host order: both ends run on one machine; `version` is
 * first in every message and checked before anything else is believed.
 *
 *     phonebookd                          phonebook-keeper
 *     HELLO (count = what it knows)  ->
 *                                    <-   HELLO (count = sockets that it holds, limit = that it can
 *                                         hold, key = what it knows), or
 *                                         REFUSED (count = a keep_result) and end of file
 *                                    <-   LISTENER + fd (key, count, text), for each held (K)
 *                                    <-   SOCKET + fd, then its REQUESTs; for each socket held
 *                                    <-   NOTE (key, count, text), for each held (K)
 *                                    <-   END
 *     SOCKET + fd                    ->
 *                                    <-   RESULT for the key (only where it could not be kept)
 *     REQUEST (key, text)            ->
 *                                    <-   RESULT for the key, in order, one each
 *     NOTE (key, count, text) (K)    ->
 *                                    <-   RESULT for the key, in order, one each
 *     LISTENER + fd (key, count, text) (K) ->
 *     LEAVE (K)                      ->
 *                                    <-   RESULT, in order
 *
 * A RESULT's count is the type of what it answers: MESSAGE_SOCKET, MESSAGE_REQUEST, MESSAGE_NOTE or
 * MESSAGE_LEAVE.
 *
 * (K): both ends may be of any age, and an end that is sent a type that it does not know ends the
 * conversation. So a type that came later is sent only to an end that has said in its HELLO that it
 * knows it: a set of keep_knowledge. An older end says that it knows none: in its HELLO these
 * fields are 0, and it does not read ours. (An older keeper's HELLO has the key and no other field
 * of the one that it answers: so phonebookd's key is 0.) Whoever adds a type adds a bit; the
 * version changes only where an end could not go on with the other at all.
 *
 * A NOTE is a text that belongs to no socket, under a key that phonebookd chooses; it replaces the
 * one that has the key. An empty one removes it. Its count is a time, in seconds of CLOCK_BOOTTIME,
 * from which on the keeper may forget it.
 *
 * A LISTENER is a listening socket, with a text of phonebookd's about it. It replaces the one whose
 * text has the same subject, which is the text's first `count` octets; without a descriptor it only
 * removes that one. A phonebookd that does not know of them makes its own in their place: the
 * keeper closes what it holds of them when such a one says HELLO.
 *
 * LEAVE says that phonebookd is about to end, and relies on what the keeper holds. A keeper that is
 * told to end, too, while a phonebookd is connected ends at once: that one has everything, and
 * stores it in the next keeper. After the RESULT of a LEAVE it does not: it goes on until another
 * phonebookd has taken everything over. Who was not answered has lost its keeper, and knows it.
 *
 * A REQUEST's count, from phonebookd, is the length of its text's subject: so many octets at the
 * beginning say what it is about, and it replaces the socket's text that has the same subject. 0:
 * all of it is the subject. (An older phonebookd says 0, and an older keeper takes everything for
 * 0: both are understood, so the version is the same. The latter then gives back several texts of
 * one subject, the newest last.)
 *
 * A stored socket's key is its SO_COOKIE, equal in every process that holds a copy. There is no
 * message that removes one: the keeper drops a socket when it hangs up, and only then. */
#ifndef KEEPER_PROTOCOL_H
#define KEEPER_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    KEEP_VERSION = 1,
    KEEP_TEXT_MAX = 1088, /* a request line and what phonebookd notes beside it */
    KEEP_TEXTS_PER_SOCKET = 64,
    KEEP_NOTE_MAX = 3072, /* a name that lingers, with all its addresses */
    KEEP_LISTENER_MAX = 64,
    KEEP_LISTENERS_MAX = 4, /* phonebookd has two */
};

enum message_type {
    MESSAGE_HELLO = 1,
    MESSAGE_REFUSED,
    MESSAGE_SOCKET,
    MESSAGE_REQUEST,
    MESSAGE_RESULT,
    MESSAGE_END,
    MESSAGE_NOTE,
    MESSAGE_LISTENER,
    MESSAGE_LEAVE,
};

enum keep_knowledge {
    KEEP_KNOWS_NOTES = 1 << 0,
    KEEP_KNOWS_LISTENERS = 1 << 1,
    KEEP_KNOWS_LEAVING = 1 << 2,
    KEEP_KNOWS_ALL = (1 << 3) - 1,
};

enum keep_result {
    KEEP_OK,
    KEEP_FULL,     /* no room for another socket, text or note */
    KEEP_UNKNOWN,  /* a text for a socket that is not held: it hung up meanwhile */
    KEEP_BUSY,     /* another phonebookd is connected and alive */
    KEEP_DENIED,   /* neither root nor the keeper's own uid */
    KEEP_VERSIONS, /* spoken another version than ours; HELLO is answered so by any keeper */
};

struct message_header {
    uint16_t version;
    uint16_t type;   /* message_type */
    uint16_t length; /* octets of text that follow */
    uint16_t result; /* keep_result */
    uint32_t count, limit;
    uint64_t key;
};

/* Reads the first of several messages that lie one behind the other, as those are kept that wait
 * for the next keeper (park.h): the octets that it has, or 0 where there is none, or none of our
 * version. *known: it is of a known type, with lengths as that has them. */
size_t message_next(const void *bytes, size_t length, struct message_header *header,
                    const uint8_t **text, bool *known);

/* Reads a datagram: true where it is a whole message of our version and of a known type, with the
 * text at *text (into `bytes`). *other_version is set where only the version stands against it. */
bool message_parse(const void *bytes, size_t length, struct message_header *header,
                   const uint8_t **text, bool *other_version);

/* Fills in version, type and length. */
struct message_header message_header(enum message_type type, uint64_t key, size_t length);

#endif
