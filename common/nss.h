/* Users and groups by name, as the name service switch has them (nsswitch.conf(5)): perhaps from a
 * network service, so that it can take long, by modules that glibc loads into this process. On any
 * thread. */
#ifndef COMMON_NSS_H
#define COMMON_NSS_H

#include <stdint.h>

enum nss_kind { NSS_USER, NSS_GROUP };

/* 0 and the number; -ENOENT where there is none of this name; another -errno where the question
 * failed, so that nobody knows. */
int nss_find(enum nss_kind kind, const char *name, uint32_t *id);

#endif
