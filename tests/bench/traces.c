/*
 * Loads the captured messages (traces.h).
 */
#include "traces.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

struct ps_slice trace[MAX_TRACES];
size_t traces;

void load_traces(void)
{
    static char bytes[1 << 20];
    size_t used = 0, i;
    glob_t found;
    if (glob("tests/traces/*.sip", 0, NULL, &found)) {
        fprintf(stderr, "no tests/traces/*.sip: run from the top of the tree\n");
        exit(EXIT_FAILURE);
    }
    for (i = 0; i < found.gl_pathc && traces < MAX_TRACES; i++) {
        FILE *in = fopen(found.gl_pathv[i], "rb");
        size_t n = in ? fread(bytes + used, 1, sizeof bytes - used, in) : 0;
        if (in)
            fclose(in);
        trace[traces++] = ps_slice(bytes + used, n);
        used += n;
    }
    globfree(&found);
}
