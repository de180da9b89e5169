/* The messages between phonebookd and its launcher: one packet each (SOCK_SEQPACKET), a head and
 * texts. Both ends are of one program, so that numbers are as in memory. */
#ifndef PHONEBOOKD_LAUNCH_MESSAGE_H
#define PHONEBOOKD_LAUNCH_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

enum {
    LAUNCH_TEXTS_MAX = 96 * 1024, /* octets of all texts of a message; below wmem_default */
    LAUNCH_WORDS_MAX = 256,       /* texts of a message */
};

enum launch_type {
    /* About programs; nothing is answered at once. */
    LAUNCH_RUN,        /* texts: `n_arguments` words, then additions to the environment */
    LAUNCH_KILL,       /* that program, and all that it started */
    LAUNCH_READ_AGAIN, /* the configuration */
    /* From the launcher. */
    LAUNCH_FAILED,   /* the program was not started: `value` is -errno */
    LAUNCH_ENDED,    /* `value`: as waitpid(2) says it */
    LAUNCH_IS_ALIVE, /* the program cannot be killed: `value` is -errno */
    /* A question and its answer, on a socket of their own. */
    LAUNCH_OPEN_FIFO, /* text: path; the answer has a descriptor, or -errno, and `seen` */
};

struct launch_message {
    uint32_t type;
    uint32_t id; /* of a program's run, or of a question: chosen by phonebookd */
    int32_t value;
    uint32_t seen; /* of fifo_open() */
    uint32_t n_arguments, n_texts;
    uint32_t length;              /* octets of `texts`; no more are sent */
    char texts[LAUNCH_TEXTS_MAX]; /* one after the other, each with its NUL */
};

/* Without texts. */
void launch_message_begin(struct launch_message *message, enum launch_type type, uint32_t id);
/* Adds texts, up to a NULL. 0, or -E2BIG: as execve(2) says of too many or too long ones. */
int launch_message_add(struct launch_message *message, char *const *texts);
/* Points at the texts; `words` ends with a NULL. */
void launch_message_words(struct launch_message *message, char *words[static LAUNCH_WORDS_MAX + 1]);
/* Octets that are sent of it. */
size_t launch_message_size(const struct launch_message *message);

/* Sends it whole, with a descriptor unless that is -1; `flags` as of send(2). 0 or -errno. */
int launch_message_send(int socket, const struct launch_message *message, int fd, int flags);
/* 1 and a message, *fd being a descriptor that came along or -1; 0: the other end is closed;
 * -errno; -EBADMSG: no message of ours. */
int launch_message_receive(int socket, struct launch_message *message, int *fd, int flags);

#endif
