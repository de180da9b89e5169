/* The names that ip(8) gives to network namespaces: files in /run/netns on which the namespaces are
 * mounted (ip-netns(8)). */
#ifndef PUBLISH_CLIENT_COMMAND_NETNS_H
#define PUBLISH_CLIENT_COMMAND_NETNS_H

#include <stddef.h>
#include <sys/types.h>

struct netns_names {
    struct netns_name {
        ino_t inode; /* as in /proc/PID/ns/net */
        char *name;
    } * names;
    size_t n, room;
};

/* Reads the directory. There are no names if it does not exist or memory runs out. */
void netns_names_read(struct netns_names *names);
void netns_names_fini(struct netns_names *names);

/* The name of the namespace, or NULL; if it has several, the alphabetically first. */
const char *netns_name(const struct netns_names *names, long long inode);

#endif
