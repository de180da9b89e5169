/* A process beside phonebookd that reads other network namespaces. It keeps CAP_NET_ADMIN, which
 * phonebookd gives up, and which the kernel requires for each part of a dump
 * (rtnl_get_net_ns_capable()) and for finding a socket's namespace (SIOCGSKNS).
 *
 *     phonebookd's loop -------a client's socket, <--number-----> process --> kernel
 *     thread (netwatch-dumper.h) --question, <--answer----------> process --> kernel
 *
 * The process answers nothing else: it makes the requests to the kernel itself. Answers are in
 * memory that both processes share. Each of its two threads serves one socket, so that a
 * number never waits for a dump. Failure modes: if the process has ended, all calls fail with
 * -EPIPE until phonebookd is restarted; if it does not answer, the loop waits once for
 * NAMESPACE_READER_ANSWER_MS, and not again until the answer is there. The process ends when
 * phonebookd does. */
#ifndef PHONEBOOKD_NAMESPACE_READER_H
#define PHONEBOOKD_NAMESPACE_READER_H

#include "namespace-identity.h"
#include "netlink-source.h"

struct namespace_reader;

/* Starts the process. There must be only one thread yet. NULL, with errno, on failure. */
struct namespace_reader *namespace_reader_start(void);

/* For the loop: namespace_identify() in the process. -EPIPE, -ETIMEDOUT: see above. */
void namespace_reader_identify(struct namespace_reader *reader, int socket, int32_t first,
                               struct namespace_identity *identity);

/* For one thread: netlink_source_answer() in the process. -EPIPE: it has ended. */
void namespace_reader_ask(struct namespace_reader *reader, const struct netlink_question *question,
                          struct netlink_answer *answer);
/* A descriptor that poll(2) reports as readable when the process has ended; -1: there is none. */
int namespace_reader_end_fd(const struct namespace_reader *reader);
/* Where the messages of the last answer are. */
void *namespace_reader_buffer(struct namespace_reader *reader);

/* A thread that waits for an answer, and later calls, get -EPIPE. */
void namespace_reader_stop(struct namespace_reader *reader);
/* To be called when no thread uses it any more. */
void namespace_reader_free(struct namespace_reader *reader);

/* The text for a -errno of these functions. */
const char *namespace_reader_error(int error);

#endif
