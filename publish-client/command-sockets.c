#include "command-sockets.h"

#include "../common/array.h"
#include "../common/number.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINK_MAX_LENGTH = 64 }; /* of "socket:[INODE]" */

static void add(struct sockets *sockets, struct socket_use use)
{
    if (array_grow(&sockets->all, &sockets->room, sockets->n + 1, sizeof *sockets->all))
        sockets->all[sockets->n++] = use;
    else
        sockets->failed = true;
}

/* The number in "socket:[NUMBER]"; 0 if the descriptor is no socket. */
static ino_t inode_of(int directory, const char *fd)
{
    static const char before[] = "socket:[";
    const size_t start = sizeof before - 1;
    char link[LINK_MAX_LENGTH];
    ssize_t length = readlinkat(directory, fd, link, sizeof link);
    if (length <= (ssize_t)start || memcmp(link, before, start) != 0)
        return 0;
    int64_t inode = number_of(link + start, (size_t)length - start - 1, INT64_MAX);
    return inode > 0 ? (ino_t)inode : 0;
}

static int number_in(const struct dirent *entry)
{
    return (int)number_of(entry->d_name, strlen(entry->d_name), INT_MAX);
}

/* A process that has ended meanwhile has no descriptors. */
static void scan_process(struct sockets *sockets, pid_t pid)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *list = opendir(path);
    if (!list) {
        sockets->hidden = sockets->hidden || errno == EACCES || errno == EPERM;
        return;
    }
    for (struct dirent *entry; (entry = readdir(list));) {
        ino_t inode = inode_of(dirfd(list), entry->d_name);
        if (inode > 0)
            add(sockets, (struct socket_use){inode, pid, number_in(entry)});
    }
    closedir(list);
}

static int compare(const void *left, const void *right)
{
    const struct socket_use *a = left, *b = right;
    if (a->inode != b->inode)
        return a->inode < b->inode ? -1 : 1;
    return (a->pid > b->pid) - (a->pid < b->pid);
}

void sockets_scan(struct sockets *sockets)
{
    DIR *list = opendir("/proc");
    sockets->hidden = !list;
    if (!list)
        return;
    for (struct dirent *entry; (entry = readdir(list));) {
        int pid = number_in(entry);
        if (pid > 0)
            scan_process(sockets, pid);
    }
    closedir(list);
    if (sockets->n > 0)
        qsort(sockets->all, sockets->n, sizeof *sockets->all, compare);
}

void sockets_fini(struct sockets *sockets)
{
    free(sockets->all);
}

static int compare_inode(const void *wanted, const void *element)
{
    const ino_t inode = *(const ino_t *)wanted;
    const struct socket_use *use = element;
    return (inode > use->inode) - (inode < use->inode);
}

const struct socket_use *sockets_find(const struct sockets *sockets, ino_t inode, size_t *n)
{
    const struct socket_use *end = sockets->all + sockets->n;
    const struct socket_use *first = sockets->n > 0 ? bsearch(&inode, sockets->all, sockets->n,
                                                              sizeof *sockets->all, compare_inode)
                                                    : NULL;
    *n = 0;
    if (!first)
        return NULL;
    const struct socket_use *last;
    for (last = first; last < end && last->inode == inode; last++)
        ;
    while (first > sockets->all && first[-1].inode == inode)
        first--;
    *n = (size_t)(last - first);
    return first;
}
