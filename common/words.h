/* Texts that consist of words. Pure. */
#ifndef COMMON_WORDS_H
#define COMMON_WORDS_H

#include <stdbool.h>

#define BLANKS " \t\r\n\v\f" /* the octets between two words */

/* Returns the next word of *cursor and moves *cursor behind it; NULL at the end. Writes a NUL into
 * the text. */
char *words_next(char **cursor);

/* Returns all words of `value`: an array with NULL at the end, to be freed with words_free(). NULL
 * if memory ran out. */
char **words_of(const char *value);
void words_free(char **words);
/* Are the words equal? NULL means no words. */
bool words_equal(char *const *a, char *const *b);

/* Parses yes/no, true/false, on/off or 1/0. Returns NULL, or the mistake (a static text). */
const char *boolean_parse(const char *word, bool *boolean);

#endif
