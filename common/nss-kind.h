/* The kinds of names that the name service switch knows. Pure. */
#ifndef COMMON_NSS_KIND_H
#define COMMON_NSS_KIND_H

enum nss_kind { NSS_USER, NSS_GROUP };

#endif
