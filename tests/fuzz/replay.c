/* Runs a fuzz target over files instead of random input, so that it can be built with any compiler
 * and what once crashed stays in `make check`.
 *
 * Each file is given whole, then cut off after each of its first octets. The input ends where a
 * page that must not be touched begins, so that reading past it crashes without a sanitizer too;
 * what is left before that page is what aligning the input to ALIGNMENT costs. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ALIGNMENT = 16, /* as malloc(3) gives it, and so libFuzzer */
    INPUT_MAX = 16 << 20,
    CUTS_MAX = 2048,
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct window {
    uint8_t *start; /* mapped; the page at `end` is not accessible */
    uint8_t *end;
};

static int window_open(struct window *window, size_t room)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t size = (room + page) / page * page;
    window->start =
        mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (window->start == MAP_FAILED)
        return -1;
    window->end = window->start + size;
    return mprotect(window->end, page, PROT_NONE);
}

static void window_run(const struct window *window, const uint8_t *bytes, size_t length)
{
    size_t rounded = (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    uint8_t *input = window->end - rounded;
    memcpy(input, bytes, length);
    LLVMFuzzerTestOneInput(input, length);
}

static uint8_t *read_file(const char *path, size_t *length)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    uint8_t *bytes = NULL;
    struct stat status;
    if (fstat(fd, &status) == 0 && status.st_size <= INPUT_MAX) {
        bytes = malloc((size_t)status.st_size + 1);
        if (bytes && read(fd, bytes, (size_t)status.st_size) != status.st_size) {
            free(bytes);
            bytes = NULL;
        }
        *length = (size_t)status.st_size;
    }
    close(fd);
    return bytes;
}

static int replay(const char *path)
{
    size_t length;
    uint8_t *bytes = read_file(path, &length);
    struct window window;
    if (!bytes || window_open(&window, length) < 0) {
        perror(path);
        free(bytes);
        return -1;
    }
    fprintf(stderr, "%s\n", path); /* before the run: it names the file that crashes */
    window_run(&window, bytes, length);
    for (size_t cut = 0; cut < length && cut < CUTS_MAX; cut++)
        window_run(&window, bytes, cut);
    munmap(window.start, (size_t)(window.end - window.start) + (size_t)sysconf(_SC_PAGESIZE));
    free(bytes);
    return 0;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (replay(argv[i]) < 0)
            return 1;
    return 0;
}
