/* Reads files and directories from the disk, and asks NSS for users and groups. */
#ifndef ZONES_FINDINGS_SYSTEM_H
#define ZONES_FINDINGS_SYSTEM_H

#include "findings.h"

extern const struct findings_source findings_system;

#endif
