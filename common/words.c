#include "words.h"

#include <stdlib.h>
#include <string.h>

char *words_next(char **cursor)
{
    char *word = *cursor + strspn(*cursor, BLANKS);
    char *end = word + strcspn(word, BLANKS);
    if (!*word) {
        *cursor = word;
        return NULL;
    }
    *cursor = end;
    if (*end) {
        *end = '\0';
        *cursor = end + 1;
    }
    return word;
}

char **words_of(const char *value)
{
    char **words = calloc(strlen(value) / 2 + 2, sizeof *words);
    char *copy = strdup(value), *cursor = copy;
    bool enough = words && copy;
    char *word;
    for (size_t n = 0; enough && (word = words_next(&cursor)); n++)
        enough = (words[n] = strdup(word)) != NULL;
    free(copy);
    if (enough)
        return words;
    words_free(words);
    return NULL;
}

void words_free(char **words)
{
    for (char **word = words; word && *word; word++)
        free(*word);
    free(words);
}

bool words_equal(char *const *a, char *const *b)
{
    while (a && b && *a && *b && strcmp(*a, *b) == 0)
        a++, b++;
    return !(a && *a) && !(b && *b);
}

const char *boolean_parse(const char *word, bool *boolean)
{
    static const char *const words[][2] = {
        {"no", "yes"}, {"false", "true"}, {"off", "on"}, {"0", "1"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        for (int j = 0; j < 2; j++) {
            if (strcmp(word, words[i][j]) == 0) {
                *boolean = j;
                return NULL;
            }
        }
    }
    return "is neither yes nor no";
}
