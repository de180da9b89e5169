#include "command-holders.h"

#include "../common/array.h"
#include "../include/phonebook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void holders_add(struct holders *holders, const struct phonebook_entry *entry)
{
    if (entry->socket <= 0 || entry->netns < 0)
        return;
    if (array_grow(&holders->ends, &holders->room, holders->n + 1, sizeof *holders->ends))
        holders->ends[holders->n++] =
            (struct connection_end){(ino_t)entry->netns, (ino_t)entry->socket};
    else
        holders->failed = true;
}

void holders_fini(struct holders *holders)
{
    free(holders->ends);
    sockets_fini(&holders->sockets);
    peers_fini(&holders->peers);
}

/* ---- the namespaces ---- */

static int compare(const void *left, const void *right)
{
    const struct connection_end *a = left, *b = right;
    return (a->namespace > b->namespace) - (a->namespace < b->namespace);
}

static ino_t own_namespace(void)
{
    struct stat status;
    return stat("/proc/self/ns/net", &status) == 0 ? status.st_ino : 0;
}

/* Enters the namespace by a copy of this end, which the daemon or its keeper has open. */
static bool enter(const struct holders *holders, const struct connection_end *end)
{
    size_t n;
    const struct socket_use *use = sockets_find(&holders->sockets, end->socket, &n);
    for (size_t i = 0; i < n; i++)
        if (peers_enter(&use[i]) == 0)
            return true;
    return false;
}

/* Reads the namespace by the first of its ends that lets us in. */
static void read_namespace(struct holders *holders, const struct connection_end *ends, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (enter(holders, &ends[i])) {
            peers_read(&holders->peers);
            return;
        }
}

void holders_look(struct holders *holders)
{
    ino_t own = own_namespace();
    sockets_scan(&holders->sockets);
    peers_read(&holders->peers); /* our own namespace, before we leave it */
    if (holders->n > 0)
        qsort(holders->ends, holders->n, sizeof *holders->ends, compare);
    size_t end;
    for (size_t i = 0; i < holders->n; i = end) {
        const struct connection_end *first = &holders->ends[i];
        for (end = i; end < holders->n && holders->ends[end].namespace == first->namespace; end++)
            ;
        if (first->namespace != own)
            read_namespace(holders, first, end - i);
    }
    peers_sort(&holders->peers);
    holders->failed = holders->failed || holders->sockets.failed;
}

/* ---- the processes ---- */

static struct holding_process process_of(pid_t pid)
{
    struct holding_process process = {.pid = pid};
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/comm", pid);
    FILE *file = fopen(path, "re");
    if (file && fgets(process.name, sizeof process.name, file))
        process.name[strcspn(process.name, "\n")] = '\0';
    if (file)
        fclose(file);
    return process;
}

bool holders_find(const struct holders *holders, const struct phonebook_entry *entry,
                  struct holding *holding)
{
    size_t n = 0;
    ino_t other = entry->socket > 0 ? peers_find(&holders->peers, (ino_t)entry->socket) : 0;
    const struct socket_use *uses = other ? sockets_find(&holders->sockets, other, &n) : NULL;
    *holding = (struct holding){.all = calloc(n + 1, sizeof *holding->all)};
    if (!holding->all)
        return false;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || uses[i].pid != uses[i - 1].pid)
            holding->all[holding->n++] = process_of(uses[i].pid);
    /* Seeing no process proves that there is none only if none is hidden. */
    holding->known = holding->n > 0 || entry->socket < 0 ||
                     (other && !holders->sockets.hidden && geteuid() == 0);
    return true;
}
