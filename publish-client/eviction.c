#include "eviction.h"

#include "../common/number.h"
#include "../common/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char verb[] = "evict", socket_key[] = "socket=";

static const char *take_choice(struct eviction *eviction, const char *word)
{
    const size_t key = strlen(socket_key);
    int64_t number;
    if (strncmp(word, socket_key, key) == 0) {
        number = number_of(word + key, strlen(word + key), EVICTION_SOCKET_MAX);
        eviction->socket = number > 0 ? (uint64_t)number : 0;
    } else {
        number = number_of(word, strlen(word), UINT32_MAX);
        eviction->number = number > 0 ? (uint32_t)number : 0;
    }
    return number > 0 ? NULL : "behind the name stands a number from 1 on, or socket=INODE";
}

const char *eviction_parse(struct eviction *eviction, const char *line, size_t length)
{
    char copy[EVICTION_LINE_MAX], *rest = copy;
    *eviction = (struct eviction){.name = ""};
    if (length >= sizeof copy)
        return "line longer than 320 octets";
    if (line_has_control(line, length))
        return "control character in the line";
    memcpy(copy, line, length);
    copy[length] = '\0';
    char *word = words_next(&rest);
    if (!word || strcmp(word, verb) != 0)
        return "expected evict NAME [NUMBER]";
    word = words_next(&rest);
    if (!word || strlen(word) > REQUEST_NAME_MAX)
        return word ? "a name has 255 octets at most" : "expected a name behind evict";
    strcpy(eviction->name, word);
    word = words_next(&rest);
    if (!word)
        return NULL;
    return words_next(&rest) ? "expected evict NAME [NUMBER]" : take_choice(eviction, word);
}

size_t eviction_format(char line[static EVICTION_LINE_MAX], const struct eviction *eviction)
{
    int length = snprintf(line, EVICTION_LINE_MAX, "%s %s", verb, eviction->name);
    if (eviction->socket > 0)
        length += sprintf(line + length, " %s%" PRIu64, socket_key, eviction->socket);
    else if (eviction->number > 0)
        length += sprintf(line + length, " %" PRIu32, eviction->number);
    struct eviction again;
    if (eviction_parse(&again, line, (size_t)length) || strcmp(again.name, eviction->name) != 0)
        return 0;
    line[length++] = '\n';
    return (size_t)length;
}
