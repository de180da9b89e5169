#include "command-hint.h"

#include "../include/phonebook.h"
#include "command-registration.h"
#include "command.h"

#include <net/if.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* The first of the names, separated by blanks, that is `name`, or begins with it and a dot. */
static const char *find_granted(const char *names, const char *name, size_t *length)
{
    size_t begin = strlen(name);
    for (; *names; names += *length + strspn(names + *length, " ")) {
        *length = strcspn(names, " ");
        if (strncasecmp(names, name, begin) == 0 && (*length == begin || names[begin] == '.'))
            return names;
    }
    return NULL;
}

static void hint_of_name(const char *name, const char *granted)
{
    size_t length, whole = strlen(name);
    const char *inner = strncmp(name, "*.", 2) == 0 ? name + 2 : name;
    const char *found;
    if (!strchr(inner, '.') || name[whole - 1] == '.')
        return;
    found = find_granted(granted, name, &length);
    if (found && length > whole)
        say("warning",
            "%s has become %.*s, since it ends in no zone of this phonebook; a dot at its "
            "end makes a whole name of it",
            name, (int)length, found);
}

static void hint_of_interface(const char *interface)
{
    const char *at = strchr(interface, '@');
    char *meant = at ? strndup(interface, (size_t)(at - interface)) : NULL;
    if (meant && !if_nametoindex(interface) && if_nametoindex(meant))
        say("warning", "there is no interface %s; ip(8) shows as that the interface %s", interface,
            meant);
    free(meant);
}

void hint(const struct registration *registration)
{
    if (!isatty(STDERR_FILENO))
        return;
    for (size_t i = 0; i < registration->n_names; i++)
        hint_of_name(registration->names[i], registration->granted ? registration->granted : "");
    hint_of_interface(registration->asked.interface);
}
