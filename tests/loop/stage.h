/* The set of all connections, over a registry with two zones and one namespace. The test itself
 * plays the keeper, netwatch and the databases: its fields say what they answer, and what they were
 * asked. */
#ifndef TESTS_LOOP_STAGE_H
#define TESTS_LOOP_STAGE_H

#include "../../phonebookd/clients/connection-keep.h"
#include "../../phonebookd/clients/connection-set.h"
#include "../../phonebookd/clients/connection-takeover.h"
#include "../unit/room.h"
#include "loop.h"

#include <sys/types.h>

enum { STAGE_CONNECTIONS_MAX = 600, STAGE_SENT_MAX = 1 << 16 };

/* A message to the keeper: a socket, a note or, else, a request. */
struct stage_sent {
    uint64_t key;
    bool socket, note;
};

struct stage {
    struct test_loop t;
    struct room room; /* box.example, internal; one holder, for its namespace */
    struct connections set;
    bool closed; /* the test closed `set` itself */

    /* Their answers. */
    const char *no_namespace;          /* the error; NULL: there is a namespace */
    bool live;                         /* everything is live */
    bool builds_at_once;               /* a change is published in the next turn of the loop */
    const char *live_in;               /* with this wait-for, everything is live */
    int socket_result, request_result; /* of storing; at first -ENOTCONN: no keeper */
    size_t
        queue_room; /* where these are 0: messages that the keeper's queue takes; 0: any number */

    /* Their calls. */
    unsigned n_entered, n_left, n_changed;
    unsigned n_sockets, n_requests;    /* stored */
    uint64_t key;                      /* of the last one */
    char text[KEEP_TEXT_MAX + 1];      /* of the last request */
    size_t subject;                    /* its length */
    char forgotten[KEEP_TEXT_MAX + 1]; /* the subject that was forgotten last */
    unsigned n_forgotten;
    int note_result;   /* of storing a note, as above */
    unsigned n_notes;  /* stored, or removed */
    uint64_t note_key; /* of the last note */
    char note[KEEP_NOTE_MAX + 1];
    uint32_t note_deadline;
    struct stage_sent sent[STAGE_SENT_MAX];
    size_t n_sent, n_read; /* by us, and from us; the difference is in the keeper's queue */
};

/* For cmocka; *state is the stage. The teardown fails if a connection, a name or a charge is
 * left. */
int stage_setup(void **state);
int stage_teardown(void **state);
#define ON_STAGE(name, setup) cmocka_unit_test_setup_teardown(name, setup, stage_teardown)

/* A connected client of that uid; its end, non-blocking. */
int stage_client(struct stage *stage, uid_t uid);
/* Both ends of a connection that is not in a set yet. */
void stage_pair(uid_t uid, int *ours, int *theirs);
/* Can this process change its effective uid? */
bool stage_has_uids(void);

void stage_say(int client, const char *text);
/* Runs the loop until the client has received exactly this. */
void stage_expect(struct stage *stage, int client, const char *reply);
/* The same with one line, of which this is the beginning. */
void stage_expect_line(struct stage *stage, int client, const char *beginning);
void stage_expect_silence(struct stage *stage, int client);
/* Runs the loop until the client sees the end of the connection. */
void stage_expect_end(struct stage *stage, int client);
/* Sends a line, and expects a line. */
void stage_ask(struct stage *stage, int client, const char *request, const char *reply);
/* Closes the client's end, and runs the loop until the set has noticed. */
void stage_leave(struct stage *stage, int client);

/* "www.box.example www.internal": all names that anybody holds. */
void stage_expect_names(struct stage *stage, const char *expected);
/* Plays the keeper: reads this many messages, answers the requests, and says that there is room. */
void stage_keeper_reads(struct stage *stage, size_t n);
/* The youngest connection. */
struct connection *stage_newest(const struct stage *stage);

#endif
