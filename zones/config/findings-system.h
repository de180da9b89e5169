/* Reads files and directories from the disk, asks NSS for users and groups, and the kernel for the
 * host's name and our user. */
#ifndef ZONES_FINDINGS_SYSTEM_H
#define ZONES_FINDINGS_SYSTEM_H

#include "findings.h"

extern const struct findings_source findings_system;

#endif
