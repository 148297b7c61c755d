/*
 * The captured messages of tests/traces (or of another folder), loaded for a test. The working
 * directory is the top of the tree.
 */
#ifndef PS_TRACE_FILES_H
#define PS_TRACE_FILES_H

#include "sip/text.h"

struct trace_file {
    char name[64];
    char *bytes; /* flush against the end of its allocation */
    size_t n;
};

/* All NAME.sip of a folder, sorted by name; `*files` is freed with trace_files_free. Returns how
 * many; stops the program where the folder cannot be read. */
size_t trace_files(const char *folder, struct trace_file **files);
void trace_files_free(struct trace_file *files, size_t n);

/* One file whole; stops the program where it cannot be read. */
struct trace_file trace_file(const char *folder, const char *name);

#endif
