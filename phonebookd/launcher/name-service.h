/* A process beside phonebookd that looks up users and groups. phonebookd cannot do this itself when
 * its system calls are filtered, because it requires loading modules.
 *
 *     phonebookd, any thread but the loop's --question, answer--> this process --> NSS
 *
 * Happy path: it answers one question after the other; the calling thread waits as long as NSS
 * takes. Failure mode: if the process has ended, every question fails with -EPIPE until phonebookd
 * is restarted. The process ends when phonebookd does. */
#ifndef PHONEBOOKD_NAME_SERVICE_H
#define PHONEBOOKD_NAME_SERVICE_H

#include "../../common/nss-kind.h"

#include <stdint.h>

struct name_service;

/* Starts the process. There must be only one thread yet. NULL, with errno, on failure. */
struct name_service *name_service_start(void);

/* As nss_find(). -EPIPE: the process has ended. */
int name_service_find(struct name_service *service, enum nss_kind kind, const char *name,
                      uint32_t *id);

/* Threads that wait for an answer, and later calls, get -EPIPE. */
void name_service_stop(struct name_service *service);
/* To be called when no thread uses it any more. */
void name_service_free(struct name_service *service);

#endif
