/* A line of the control socket: an accepted line can be written, and is read again as the same. */
#include "../../publish-client/eviction.h"
#include "../unit/require.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct eviction eviction;
    const char *wrong = eviction_parse(&eviction, (const char *)bytes, length);
    if (wrong) {
        require(*wrong != '\0');
        return 0;
    }
    require(*eviction.name && (eviction.number == 0 || eviction.socket == 0));
    char line[EVICTION_LINE_MAX];
    size_t written = eviction_format(line, &eviction);
    require(written > 0 && line[written - 1] == '\n');
    struct eviction again;
    require(eviction_parse(&again, line, written - 1) == NULL);
    require(strcmp(again.name, eviction.name) == 0 && again.number == eviction.number &&
            again.socket == eviction.socket);
    return 0;
}
