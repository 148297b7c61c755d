/*
 * The mutator as a program: prints mutated messages to a pipe, for any parser.
 *   generate [-s SEED] [-n COUNT] [-m MUTATIONS] [-l] FILE...
 * Each message is made of one of the files (fuzz/corpus/message) by 1 to MUTATIONS (8) rounds. -n 0
 * goes on until the pipe is closed. -l writes each one's length in decimal and a line end before
 * it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mutate.h"

enum { LARGEST = 65535, FILES = 1024 };

static struct {
    char *p;
    size_t n;
} seeds[FILES];
static unsigned files;

static void load(const char *path)
{
    static char buffer[LARGEST];
    FILE *file = fopen(path, "rb");
    if (!file || files == FILES) {
        perror(path);
        exit(2);
    }
    seeds[files].n = fread(buffer, 1, sizeof buffer, file);
    seeds[files].p = (char *)malloc(seeds[files].n + 1);
    if (!seeds[files].p)
        exit(2);
    memcpy(seeds[files].p, buffer, seeds[files].n);
    files++;
    fclose(file);
}

static uint64_t state;

static uint32_t next(void)
{
    state += UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)((state ^ state >> 29) * UINT64_C(0xbf58476d1ce4e5b9) >> 32);
}

static void print_one(unsigned most, int lengths)
{
    static char text[LARGEST];
    unsigned i = next() % files, rounds = 1 + next() % most;
    size_t n = seeds[i].n;
    memcpy(text, seeds[i].p, n);
    while (rounds--)
        n = mutate_sip(text, n, sizeof text, next(), NULL);
    if (lengths)
        printf("%lu\n", (unsigned long)n);
    fwrite(text, 1, n, stdout);
}

int main(int argc, char **argv)
{
    unsigned long count = 1, most = 8, i;
    int lengths = 0, option;
    while ((option = getopt(argc, argv, "s:n:m:l")) != -1) {
        if (option == 's')
            state = strtoul(optarg, NULL, 10);
        else if (option == 'n')
            count = strtoul(optarg, NULL, 10);
        else if (option == 'm')
            most = strtoul(optarg, NULL, 10);
        else if (option == 'l')
            lengths = 1;
        else
            return 2;
    }
    for (; optind < argc; optind++)
        load(argv[optind]);
    if (!files || !most) {
        fprintf(stderr, "usage: generate [-s SEED] [-n COUNT] [-m MUTATIONS] [-l] FILE...\n");
        return 2;
    }
    for (i = 0; (!count || i < count) && !ferror(stdout); i++)
        print_one((unsigned)most, lengths);
    return 0;
}
