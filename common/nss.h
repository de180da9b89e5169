/* Looks up users and groups with the name service switch (nsswitch.conf(5)). It may ask a network
 * service, so it may take long, and glibc loads modules into this process for it. May be called on
 * any thread. */
#ifndef COMMON_NSS_H
#define COMMON_NSS_H

#include "nss-kind.h"

#include <stdint.h>

/* 0 and the number; -ENOENT: the name does not exist; another -errno: the question failed, so this
 * is not known. */
int nss_find(enum nss_kind kind, const char *name, uint32_t *id);

#endif
