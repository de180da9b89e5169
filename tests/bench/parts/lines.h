/* Lines of tinydns-data, made up: mostly good ones with odd fields in them, and such lines with a
 * few octets changed. The same seed makes the same lines. */
#ifndef TESTS_BENCH_PARTS_LINES_H
#define TESTS_BENCH_PARTS_LINES_H

#include <stddef.h>
#include <stdint.h>

enum { LINES_LENGTH_MAX = 4096 };

uint32_t lines_random(uint64_t *state, uint32_t below);

/* Writes a line without its LF; returns its length. */
size_t lines_make(char line[static LINES_LENGTH_MAX], uint64_t *state);

#endif
