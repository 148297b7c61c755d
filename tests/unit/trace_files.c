/*
 * Loads message files for tests (trace_files.h). Knows no SIP.
 */
#include "trace_files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static void stop(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

struct trace_file trace_file(const char *folder, const char *name)
{
    struct trace_file file;
    char path[512];
    FILE *in;
    static char buffer[1 << 17];
    snprintf(file.name, sizeof file.name, "%s", name);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    in = fopen(path, "rb");
    if (!in)
        stop(path);
    file.n = fread(buffer, 1, sizeof buffer, in);
    fclose(in);
    file.bytes = malloc(file.n + 1);
    if (!file.bytes)
        stop("malloc");
    memcpy(file.bytes, buffer, file.n);
    file.bytes = realloc(file.bytes, file.n ? file.n : 1);
    return file;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct trace_file *)a)->name, ((const struct trace_file *)b)->name);
}

size_t trace_files(const char *folder, struct trace_file **files)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    size_t n = 0;
    *files = NULL;
    if (!dir)
        stop(folder);
    while ((entry = readdir(dir)) != NULL) {
        size_t length = strlen(entry->d_name);
        if (length < 5 || strcmp(entry->d_name + length - 4, ".sip") != 0)
            continue;
        *files = realloc(*files, (n + 1) * sizeof **files);
        if (!*files)
            stop("malloc");
        (*files)[n++] = trace_file(folder, entry->d_name);
    }
    closedir(dir);
    if (n)
        qsort(*files, n, sizeof **files, by_name);
    return n;
}

void trace_files_free(struct trace_file *files, size_t n)
{
    while (n)
        free(files[--n].bytes);
    free(files);
}
