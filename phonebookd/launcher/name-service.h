/* A process beside phonebookd that looks up users and groups: phonebookd itself cannot load the
 * modules which that takes, once its system calls are filtered.
 *
 *     phonebookd, any thread but the loop's --question, answer--> this process --> NSS
 *
 * Happy path: one question after the other; whoever asks waits, as long as NSS takes. Failure
 * modes: where the process has ended every question fails (-EPIPE), until phonebookd is started
 * again. It ends when phonebookd does. */
#ifndef PHONEBOOKD_NAME_SERVICE_H
#define PHONEBOOKD_NAME_SERVICE_H

#include "../../common/nss.h"

struct name_service;

/* Starts the process, while there is no second thread yet. NULL, with errno, where that fails. */
struct name_service *name_service_start(void);

/* As nss_find(); -EPIPE: the process has ended. */
int name_service_find(struct name_service *service, enum nss_kind kind, const char *name,
                      uint32_t *id);

/* Whoever waits for an answer, or asks later, has -EPIPE. */
void name_service_stop(struct name_service *service);
/* When nobody asks any more. */
void name_service_free(struct name_service *service);

#endif
