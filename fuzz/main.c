/*
 * A target without libFuzzer: `TARGET FILE...` gives each file to it, `TARGET` what stands on
 * standard input (for AFL++, for a crash, for compilers that have no fuzzer). A folder is walked.
 * Refuses to change an input.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "fuzz.h"

enum { LARGEST = 1 << 20 };

static unsigned long played;

/* The bytes are copied flush against the end of their allocation, so that a sanitizer, or
 * valgrind, sees a read past them. */
static void play(FILE *file)
{
    static uint8_t buffer[LARGEST];
    size_t n = fread(buffer, 1, sizeof buffer, file);
    uint8_t *bytes = (uint8_t *)malloc(n ? n : 1);
    if (!bytes)
        exit(2);
    memcpy(bytes, buffer, n);
    LLVMFuzzerTestOneInput(bytes, n);
    free(bytes);
    played++;
}

static void play_path(const char *path, bool walk);

static void play_folder(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    char name[4096];
    while (folder && (entry = readdir(folder)) != NULL) {
        int n = snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.' && n > 0 && (size_t)n < sizeof name)
            play_path(name, false);
    }
    if (folder)
        closedir(folder);
}

static void play_path(const char *path, bool walk)
{
    struct stat status;
    FILE *file;
    if (stat(path, &status)) {
        perror(path);
        exit(2);
    }
    if (S_ISDIR(status.st_mode)) {
        if (walk)
            play_folder(path);
        return;
    }
    file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(2);
    }
    play(file);
    fclose(file);
}

int main(int argc, char **argv)
{
    int i;
    for (i = 1; i < argc; i++)
        play_path(argv[i], true);
    if (argc == 1)
        play(stdin);
    fprintf(stderr, "%lu inputs: nothing wrong\n", played);
    return 0;
}
