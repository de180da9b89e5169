#include "command-netns.h"

#include "../common/array.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char directory[] = "/run/netns";

/* An inode number identifies a file only together with its file system: that of all namespaces. */
static void add(struct netns_names *names, int at, const char *name, dev_t namespaces)
{
    struct stat status;
    if (fstatat(at, name, &status, 0) < 0 || status.st_dev != namespaces ||
        !array_grow(&names->names, &names->room, names->n + 1, sizeof *names->names))
        return;
    struct netns_name *new = &names->names[names->n];
    *new = (struct netns_name){.inode = status.st_ino, .name = strdup(name)};
    names->n += new->name != NULL;
}

void netns_names_read(struct netns_names *names)
{
    DIR *list = opendir(directory);
    *names = (struct netns_names){0};
    if (!list)
        return;
    struct stat own;
    if (stat("/proc/self/ns/net", &own) == 0)
        for (struct dirent *entry; (entry = readdir(list));)
            add(names, dirfd(list), entry->d_name, own.st_dev);
    closedir(list);
}

void netns_names_fini(struct netns_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->names[i].name);
    free(names->names);
}

const char *netns_name(const struct netns_names *names, long long inode)
{
    const char *first = NULL;
    for (size_t i = 0; i < names->n; i++) {
        const struct netns_name *each = &names->names[i];
        if ((long long)each->inode == inode && (!first || strcmp(each->name, first) < 0))
            first = each->name;
    }
    return first;
}
