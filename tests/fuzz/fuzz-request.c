/* A request line: an accepted line can be written, and is read again as the same. */
#include "../../publish-client/request.h"
#include "../unit/require.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_round_trip(const struct request *request)
{
    char line[REQUEST_LINE_MAX];
    size_t length = request_format(line, request);
    require(length > 0 && line[length - 1] == '\n');
    struct request again;
    const char *why;
    require(request_parse(&again, line, length - 1, &why) == REQUEST_OK);
    require(strcmp(again.name, request->name) == 0);
    require(strcmp(again.interface, request->interface) == 0);
    require(again.options.ttl == request->options.ttl &&
            again.options.wait == request->options.wait && again.options.id == request->options.id);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const char *why = NULL;
    struct request request;
    enum request_error error = request_parse(&request, (const char *)bytes, length, &why);
    require(why != NULL);
    require(strlen(request.name) <= REQUEST_NAME_MAX);
    require(strlen(request.interface) <= REQUEST_INTERFACE_MAX);
    if (error == REQUEST_OK)
        check_round_trip(&request);
    else
        require(*why != '\0' && error <= REQUEST_INTERFACE);
    return 0;
}
