/* The messages between phonebookd and phonebook-keeper, on a SOCK_SEQPACKET socket. Pure.
 *
 * One datagram is one message: a header, then `length` octets of text. The keeper stores and
 * returns texts, and parses none. Numbers are in host order, because both ends run on one machine.
 * `version` comes first in every message and is checked before anything else.
 *
 *     phonebookd                          phonebook-keeper
 *     HELLO (count = its knowledge)  ->
 *                                    <-   HELLO (count = sockets held, limit = sockets possible,
 *                                         key = its knowledge), or
 *                                         REFUSED (count = a keep_result) and end of file
 *                                    <-   LISTENER + fd (key, count, text), for each held (K)
 *                                    <-   SOCKET + fd, then its REQUESTs; for each socket held
 *                                    <-   NOTE (key, count, text), for each held (K)
 *                                    <-   END
 *     SOCKET + fd                    ->
 *                                    <-   RESULT for the key (only if it could not be stored)
 *     REQUEST (key, text)            ->
 *                                    <-   RESULT for the key, in order, one each
 *     NOTE (key, count, text) (K)    ->
 *                                    <-   RESULT for the key, in order, one each
 *     LISTENER + fd (key, count, text) (K) ->
 *     FORGET (key, text) (K)         ->
 *     LEAVE (K)                      ->
 *                                    <-   RESULT, in order
 *
 * The count of a RESULT is the type of the message that it answers: MESSAGE_SOCKET,
 * MESSAGE_REQUEST, MESSAGE_NOTE or MESSAGE_LEAVE.
 *
 * (K): the two ends may come from different releases, and an end that receives an unknown type
 * closes the connection. So each end announces in its HELLO which newer types it knows, as a set of
 * keep_knowledge, and a newer type is sent only to an end that knows it. Older ends announce
 * nothing: they send 0 in these fields, and ignore ours. (An older keeper copies the key of our
 * HELLO into its own, so phonebookd's key is 0.) A new type gets a new bit; the version changes
 * only if old and new ends could not work together at all.
 *
 * A SOCKET's key is the socket's SO_COOKIE, which is the same for every process that holds a copy.
 * There is no message that removes a socket: the keeper drops it when it hangs up, and only then.
 *
 * A REQUEST is a text that belongs to a socket. The first `count` octets of the text are its
 * subject. The text replaces the socket's text with the same subject. 0: the whole text is the
 * subject. (An older phonebookd sends 0, and an older keeper treats every count as 0. Such a keeper
 * gives back several texts with one subject, the newest last.)
 *
 * A NOTE is a text that belongs to no socket. phonebookd chooses its key. The note replaces the
 * note with this key; an empty note only removes it. From the time in its count on, in seconds of
 * CLOCK_BOOTTIME, the keeper may forget it.
 *
 * A LISTENER is a listening socket with a text. The first `count` octets of the text are its
 * subject. It replaces the LISTENER with this subject; without a descriptor it only removes it. A
 * phonebookd that does not know this type makes its own listening sockets; when it says HELLO, the
 * keeper closes those that it holds.
 *
 * FORGET removes the socket's text whose subject is the text of this message. It has no RESULT,
 * because it cannot fail: a text that the keeper does not hold is forgotten already. phonebookd may
 * send it before END, and the keeper reads it after it has sent END.
 *
 * LEAVE says that phonebookd is about to end and relies on the keeper. It matters when the keeper
 * is told to end too. Normally a keeper that is told to end while a phonebookd is connected ends at
 * once, because that phonebookd has everything and stores it in the next keeper. After it answered
 * a LEAVE it goes on until another phonebookd has taken everything over. A phonebookd whose LEAVE
 * is not answered has lost its keeper, and notices the end of the connection. */
#ifndef KEEPER_PROTOCOL_H
#define KEEPER_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    KEEP_VERSION = 1,
    KEEP_TEXT_MAX = 1088, /* a request line, and phonebookd's additions */
    KEEP_TEXTS_PER_SOCKET = 64,
    KEEP_NOTE_MAX = 3072, /* a lingering name with all its addresses */
    KEEP_LISTENER_MAX = 64,
    KEEP_LISTENERS_MAX = 4, /* phonebookd has three */
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
    MESSAGE_FORGET,
};

enum keep_knowledge {
    KEEP_KNOWS_NOTES = 1 << 0,
    KEEP_KNOWS_LISTENERS = 1 << 1,
    KEEP_KNOWS_LEAVING = 1 << 2,
    KEEP_KNOWS_FORGETTING = 1 << 3,
    KEEP_KNOWS_ALL = (1 << 4) - 1,
};

enum keep_result {
    KEEP_OK,
    KEEP_FULL,     /* no room for another socket, text or note */
    KEEP_UNKNOWN,  /* a text for a socket that is not held, because it hung up meanwhile */
    KEEP_BUSY,     /* another phonebookd is connected and alive */
    KEEP_DENIED,   /* neither root nor the keeper's own uid */
    KEEP_VERSIONS, /* the other end has another version; every keeper answers HELLO like this */
};

struct message_header {
    uint16_t version;
    uint16_t type;   /* message_type */
    uint16_t length; /* octets of text that follow */
    uint16_t result; /* keep_result */
    uint32_t count, limit;
    uint64_t key;
};

/* Parses the first of several messages that follow each other in memory (park.h). Returns its
 * length in octets, or 0 at the end or if it has another version. *known: it has a known type and
 * valid lengths. */
size_t message_next(const void *bytes, size_t length, struct message_header *header,
                    const uint8_t **text, bool *known);

/* Parses a datagram. True if it is one whole message of our version with a known type; *text then
 * points into `bytes`. *other_version: it is refused only because of its version. */
bool message_parse(const void *bytes, size_t length, struct message_header *header,
                   const uint8_t **text, bool *other_version);

/* Fills in version, type and length. */
struct message_header message_header(enum message_type type, uint64_t key, size_t length);

#endif
