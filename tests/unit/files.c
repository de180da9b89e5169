#include "files.h"

#include "test.h"

#include <dirent.h>
#include <ftw.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATHS = 8, PATH_ROOM = 512, WALK_FDS = 16 };

int files_begin(char directory[static FILES_DIRECTORY_MAX])
{
    strcpy(directory, "/tmp/phonebook-test-XXXXXX");
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

int files_remove(const char *directory)
{
    return nftw(directory, remove_one, WALK_FDS, FTW_DEPTH | FTW_PHYS);
}

int files_setup(void **state)
{
    *state = malloc(FILES_DIRECTORY_MAX);
    return *state ? files_begin(*state) : -1;
}

int files_teardown(void **state)
{
    int result = files_remove(*state);
    free(*state);
    return result;
}

char *files_path(const char *directory, const char *name)
{
    static char paths[PATHS][PATH_ROOM];
    static unsigned turn;
    char *path = paths[turn++ % PATHS];
    snprintf(path, PATH_ROOM, "%s/%s", directory, name);
    return path;
}

void files_write(const char *path, const char *text, size_t length)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

void files_put(const char *directory, const char *name, const char *text)
{
    files_write(files_path(directory, name), text, strlen(text));
}

char *files_read(const char *path, size_t *length)
{
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s is not there", path);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long end = ftell(file);
    rewind(file);
    char *text = malloc((size_t)end + 1);
    assert_non_null(text);
    *length = fread(text, 1, (size_t)end, file);
    text[*length] = '\0';
    fclose(file);
    return text;
}

const char *files_text(const char *directory, const char *name)
{
    static char *text;
    static size_t room;
    FILE *file = fopen(files_path(directory, name), "re");
    ssize_t length = file ? getdelim(&text, &room, '\0', file) : -1;
    if (file)
        fclose(file);
    return length > 0 ? text : "";
}

void files_run(const char *directory, const char *program)
{
    pid_t child = fork();
    if (child == 0) {
        if (chdir(directory) == 0)
            execl(program, program, NULL);
        _exit(111);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

bool files_in_memory(const char *directory)
{
    struct statfs status;
    assert_int_equal(statfs(directory, &status), 0);
    return status.f_type == TMPFS_MAGIC;
}

size_t files_count(const char *directory)
{
    DIR *stream = opendir(directory);
    assert_non_null(stream);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(stream));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(stream);
    return count;
}
