/* A phonebook-keeper as a process, with its socket in a directory of its own; and the messages
 * between it and the test, which plays phonebookd. */
#ifndef TESTS_LOOP_KEEPER_PROGRAM_H
#define TESTS_LOOP_KEEPER_PROGRAM_H

#include "../../keeper/transport.h"

#include <sys/types.h>

enum { WAIT_LIMIT_MS = 60000 }; /* limit of each wait */

struct program {
    pid_t pid; /* 0: it does not run */
    char directory[32];
    char path[48]; /* of its socket */
    char log[48];
};

/* Makes the directory, removes it (and ends the keeper). */
void keeper_init(struct program *program);
void keeper_fini(struct program *program);

/* Starts the keeper and waits until it is ready; `descriptors` is its RLIMIT_NOFILE, 0 for ours. */
void keeper_start(struct program *program, unsigned descriptors);
/* In a child: becomes the keeper; `ready_fd`, a number, may be NULL. Its log is in the
 * directory. */
void keeper_become(const struct program *program, const char *ready_fd);
/* Starts it with these arguments (not with its name) and returns its exit status. */
int keeper_run(const char *const *arguments);
void keeper_kill(struct program *program, int signal_number); /* and waits for its end */
/* Stops the keeper by SIGSTOP, or continues it. */
void keeper_stop(const struct program *program);
void keeper_continue(const struct program *program);

/* Waits until the keeper has logged this; fails if it ends before. */
void keeper_wait_said(const struct program *program, const char *text);

/* A client's connection as phonebookd sees it. */
struct client {
    int ours; /* what phonebookd accepted */
    int theirs;
    uint64_t key;
};
struct client client_new(void);

int conversation_open(const struct program *program); /* connects, says HELLO */
int connect_to(const char *path);
/* Sends a message; this must succeed. */
void send_socket(int fd, const struct client *client);
void send_request(int fd, uint64_t key, const char *text);
/* Waits for a message: its header; its descriptor, or -1; its text as a string. */
struct message_header receive_one(int fd, int *descriptor, char text[static KEEP_TEXT_MAX + 1]);
struct message_header receive_type(int fd, enum message_type type); /* fails on another type */
void receive_end_of_file(int fd);

/* Reads the whole answer to a HELLO, up to END, into a string such as "HELLO 2 0:text:other 1": the
 * sockets by their indices in `clients` (-1: not one of them), each with its texts. */
void receive_all(int fd, const struct client *clients, size_t n_clients, char *told, size_t size);

/* Opens conversations until the keeper holds `count` sockets. */
void wait_until_held(const struct program *program, size_t count);

/* Is the other end of this socket still open somewhere? */
int hung_up(int fd);

#endif
