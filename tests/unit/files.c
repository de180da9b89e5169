#include "files.h"
#include "test.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATHS = 8, PATH_ROOM = 512, WALK_FDS = 16 };

int files_setup(void **state)
{
    char path[] = "/tmp/phonebook-test-XXXXXX";

    if (!mkdtemp(path))
        return -1;
    *state = strdup(path);
    return *state ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

int files_teardown(void **state)
{
    int result = nftw(*state, remove_one, WALK_FDS, FTW_DEPTH | FTW_PHYS);

    free(*state);
    return result;
}

const char *files_path(void **state, const char *name)
{
    static char paths[PATHS][PATH_ROOM];
    static unsigned turn;
    char *path = paths[turn++ % PATHS];

    snprintf(path, PATH_ROOM, "%s/%s", (const char *)*state, name);
    return path;
}

void files_write(const char *path, const char *text, size_t length)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

char *files_read(const char *path, size_t *length)
{
    FILE *file = fopen(path, "r");
    char *text;
    long end;

    if (!file)
        fail_msg("%s is not there", path);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    end = ftell(file);
    rewind(file);
    text = malloc((size_t)end + 1);
    assert_non_null(text);
    *length = fread(text, 1, (size_t)end, file);
    text[*length] = '\0';
    fclose(file);
    return text;
}

size_t files_count(const char *directory)
{
    DIR *stream = opendir(directory);
    size_t count = 0;

    assert_non_null(stream);
    for (struct dirent *entry; (entry = readdir(stream));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(stream);
    return count;
}
