/* The messages between phonebookd and its launcher. Each is one packet (SOCK_SEQPACKET): a head and
 * texts. Both ends are the same program, so numbers are sent as they are in memory. */
#ifndef PHONEBOOKD_LAUNCH_MESSAGE_H
#define PHONEBOOKD_LAUNCH_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

enum {
    LAUNCH_TEXTS_MAX = 96 * 1024, /* octets of all texts in a message; less than wmem_default */
    LAUNCH_WORDS_MAX = 256,       /* texts in a message */
};

enum launch_type {
    /* About programs; there is no immediate answer. */
    LAUNCH_RUN,        /* texts: `n_arguments` words, then additions to the environment */
    LAUNCH_KILL,       /* kill this program, and everything it started */
    LAUNCH_READ_AGAIN, /* read the configuration again */
    /* From the launcher. */
    LAUNCH_FAILED,   /* the program was not started: `value` is -errno */
    LAUNCH_ENDED,    /* `value`: the status from waitpid(2) */
    LAUNCH_IS_ALIVE, /* the program cannot be killed: `value` is -errno */
    /* A question and its answer, on a separate socket. */
    LAUNCH_OPEN_FIFO, /* text: the path; the answer has a descriptor or -errno, and `seen` */
};

struct launch_message {
    uint32_t type;
    uint32_t id; /* of a program's run or a question; chosen by phonebookd */
    int32_t value;
    uint32_t seen; /* from fifo_open() */
    uint32_t n_arguments, n_texts;
    uint32_t length;              /* octets in `texts`; only these are sent */
    char texts[LAUNCH_TEXTS_MAX]; /* one after the other, each with its NUL */
};

/* Starts a message without texts. */
void launch_message_begin(struct launch_message *message, enum launch_type type, uint32_t id);
/* Adds texts, up to a NULL. 0, or -E2BIG (as from execve(2)): too many or too long. */
int launch_message_add(struct launch_message *message, char *const *texts);
/* Makes `words` point at the texts; NULL at the end. */
void launch_message_words(struct launch_message *message, char *words[static LAUNCH_WORDS_MAX + 1]);
/* The number of octets that are sent. */
size_t launch_message_size(const struct launch_message *message);

/* Sends the message, with a descriptor unless that is -1; `flags` as in send(2). 0 or -errno. */
int launch_message_send(int socket, const struct launch_message *message, int fd, int flags);
/* Receives a message. 1: *fd is a descriptor that came with it, or -1; 0: the other end is closed;
 * -errno; -EBADMSG: it is not one of our messages. */
int launch_message_receive(int socket, struct launch_message *message, int *fd, int flags);

#endif
