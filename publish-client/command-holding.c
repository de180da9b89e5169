#include "command-holding.h"

#include "../common/text.h"

#include <stdlib.h>
#include <string.h>

void holding_fini(struct holding *holding)
{
    free(holding->all);
}

static void put_process(struct text *out, const struct holding_process *process)
{
    char name[PROCESS_NAME_MAX + 1];
    strcpy(name, process->name);
    for (char *odd = name; (odd = strpbrk(odd, " \t,()")); odd++)
        *odd = '?';
    text_add(out, "%d(%s)", process->pid, name);
}

char *holding_text(const struct holding *holding)
{
    struct text out = {0};
    text_add(&out, "%s", holding->known ? "" : "?");
    for (size_t i = 0; holding->known && i < holding->n; i++) {
        text_add(&out, "%s", i > 0 ? "," : "");
        put_process(&out, &holding->all[i]);
    }
    return text_take(&out);
}
