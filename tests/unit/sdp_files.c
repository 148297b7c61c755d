/*
 * Loads session descriptions for tests (sdp_files.h). Knows only where a message's body begins.
 */
#include "sdp_files.h"
#include "trace_files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_FILES = 128 };
static struct sdp_file all[MAX_FILES];
static size_t count;

static void add(const char *name, const char *bytes, size_t n)
{
    char *copy = malloc(n ? n : 1);
    if (!copy || count == MAX_FILES)
        abort();
    memcpy(copy, bytes, n);
    snprintf(all[count].name, sizeof all[count].name, "%s", name);
    all[count++].text = ps_slice(copy, n);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct sdp_file *)a)->name, ((const struct sdp_file *)b)->name);
}

static void add_descriptions(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    if (!dir) {
        perror(folder);
        exit(EXIT_FAILURE);
    }
    while ((entry = readdir(dir)) != NULL)
        if (strstr(entry->d_name, ".sdp")) {
            struct trace_file file = trace_file(folder, entry->d_name);
            add(file.name, file.bytes, file.n);
            free(file.bytes);
        }
    closedir(dir);
    qsort(all, count, sizeof *all, by_name);
}

static void add_bodies(void)
{
    struct trace_file *files;
    size_t n = trace_files("tests/traces", &files);
    size_t i;
    size_t at;
    for (i = 0; i < n; i++)
        for (at = 0; at + 7 <= files[i].n; at++)
            if (memcmp(files[i].bytes + at, "\r\n\r\nv=0", 7) == 0) {
                add(files[i].name, files[i].bytes + at + 4, files[i].n - at - 4);
                break;
            }
    trace_files_free(files, n);
}

size_t sdp_files(const struct sdp_file **files)
{
    if (!count) {
        add_descriptions("tests/traces/sdp");
        add_bodies();
    }
    *files = all;
    return count;
}

struct ps_slice sdp_file(const char *name)
{
    const struct sdp_file *files;
    size_t n = sdp_files(&files);
    size_t i;
    for (i = 0; i < n; i++)
        if (!strcmp(files[i].name, name))
            return files[i].text;
    fprintf(stderr, "no such description: %s\n", name);
    exit(EXIT_FAILURE);
}
