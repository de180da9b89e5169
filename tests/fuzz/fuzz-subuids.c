/* /etc/subuid: each range of any text is in one of its lines, and the first one counts. */
#include "../../phonebookd/state/subuids.h"
#include "../unit/require.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_range(const struct subuids *subuids, const struct subuid_range *range)
{
    const struct subuid_range *found = subuids_find(subuids, range->first);
    require(range->first <= range->last);
    require(!range->name || range->name[0] != '\0');
    require(!range->name || !strpbrk(range->name, ":\n"));
    require(found && found <= range && found->last >= range->first);
    found = subuids_find(subuids, range->last);
    require(found && found <= range && found->first <= range->last);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    size_t lines = 1;
    for (size_t i = 0; i < length; i++)
        lines += bytes[i] == '\n';
    struct subuids subuids;
    require(subuids_parse(&subuids, (const char *)bytes, length));
    require(subuids.n <= lines);
    for (size_t i = 0; i < subuids.n && i < 100; i++)
        check_range(&subuids, &subuids.ranges[i]);
    subuids_fini(&subuids);
    return 0;
}
