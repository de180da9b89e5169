#include "memory-limit.h"

#include "../common/number.h"
#include "../common/short-file.h"
#include "limits.h"

#include <linux/limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NUMBER_ROOM = 32 };

/* The number in the file; "max" means no limit. */
static uint64_t read_limit(const char *directory, const char *name)
{
    int64_t number = -1;
    char path[PATH_MAX], text[NUMBER_ROOM];
    if (snprintf(path, sizeof path, "%s/%s", directory, name) < (int)sizeof path &&
        short_file_read(path, text, sizeof text) > 0)
        number = number_of(text, strcspn(text, "\n"), INT64_MAX);
    return number < 0 ? UINT64_MAX : (uint64_t)number;
}

/* The least limit of a group and all groups above it. */
static uint64_t least_upwards(const char *mount, const char *group, const char *name)
{
    size_t top = strlen(mount);
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s%s", mount, group) >= (int)sizeof path)
        return UINT64_MAX;
    uint64_t least, limit;
    for (least = read_limit(path, name); strlen(path) > top;
         least = limit < least ? limit : least) {
        *strrchr(path, '/') = '\0';
        limit = read_limit(path, name);
    }
    return least;
}

static bool has_controller(const char *controllers, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = controllers; (at = strstr(at, name)); at += length)
        if ((at == controllers || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
            return true;
    return false;
}

/* A line is ID:CONTROLLERS:GROUP; v2 has no controllers. Changes the line. */
static uint64_t limit_of_line(char *line, const char *root)
{
    char *controllers = strchr(line, ':');
    line[strcspn(line, "\n")] = '\0';
    char *group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!group || group[1] != '/')
        return UINT64_MAX;
    *group++ = '\0';
    controllers++;
    if (*controllers == '\0')
        return least_upwards(root, group, "memory.max");
    char mount[PATH_MAX];
    snprintf(mount, sizeof mount, "%s/memory", root);
    return has_controller(controllers, "memory")
               ? least_upwards(mount, group, "memory.limit_in_bytes")
               : UINT64_MAX;
}

uint64_t memory_limit_read(const char *groups, const char *root)
{
    FILE *file = fopen(groups, "re");
    uint64_t least = UINT64_MAX;
    char *line = NULL;
    size_t size = 0;
    while (file && getline(&line, &size, file) >= 0) {
        uint64_t limit = limit_of_line(line, root);
        least = limit < least ? limit : least;
    }
    free(line);
    if (file)
        fclose(file);
    return least;
}

size_t memory_limit_names(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    uint64_t least = memory_limit_read("/proc/self/cgroup", "/sys/fs/cgroup");
    if (pages > 0 && page > 0 && (uint64_t)pages * (uint64_t)page / NAMES_MACHINE_SHARE < least)
        least = (uint64_t)pages * (uint64_t)page / NAMES_MACHINE_SHARE;
    uint64_t names = least / NAME_MEMORY;
    return names < NAMES_DEFAULT_MAX ? (size_t)names : NAMES_DEFAULT_MAX;
}
