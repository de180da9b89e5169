#include "libphonebook-kept.h"

#include "../common/request-options.h"

#include <stdlib.h>
#include <string.h>

void kept_init(struct kept_requests *kept)
{
    STAILQ_INIT(&kept->asked);
    STAILQ_INIT(&kept->wanted);
}

static struct kept *take_first(struct kept_list *list)
{
    struct kept *first = STAILQ_FIRST(list);
    if (first)
        STAILQ_REMOVE_HEAD(list, next);
    return first;
}

void kept_fini(struct kept_requests *kept)
{
    struct kept *first;
    while ((first = take_first(&kept->asked)))
        free(first);
    while ((first = take_first(&kept->wanted)))
        free(first);
}

struct kept *kept_new(const struct request *request)
{
    struct kept *kept = malloc(sizeof *kept);
    if (!kept)
        return NULL;
    *kept = (struct kept){.withdraws = request->options.withdraw == 1, .request = *request};
    kept->request.options = request_options_lasting(&request->options);
    return kept;
}

void kept_ask(struct kept_requests *kept, struct kept *asked)
{
    STAILQ_INSERT_TAIL(&kept->asked, asked, next);
}

static void remove_same(struct kept_list *list, const struct request *request)
{
    struct kept *kept;
    STAILQ_FOREACH (kept, list, next)
        if (strcmp(kept->request.name, request->name) == 0 &&
            strcmp(kept->request.interface, request->interface) == 0)
            break;
    if (kept)
        STAILQ_REMOVE(list, kept, kept, next);
    free(kept);
}

void kept_answered(struct kept_requests *kept, bool accepted)
{
    struct kept *first = take_first(&kept->asked);
    if (accepted)
        remove_same(&kept->wanted, &first->request);
    if (accepted && !first->withdraws)
        STAILQ_INSERT_TAIL(&kept->wanted, first, next);
    else
        free(first);
}

void kept_unanswered(struct kept_requests *kept)
{
    while (!STAILQ_EMPTY(&kept->asked))
        kept_answered(kept, true);
}
