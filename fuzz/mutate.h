/*
 * Mutates SIP messages, and scripts of them (fuzz_stack.c), by what they are made of: start lines,
 * header lines, tags, branches, numbers; and steps.
 *
 * Stands on libc alone, and knows nothing of the parser that is fuzzed: mutator.c gives it to
 * libFuzzer, generate.c is a program on it.
 */
#ifndef MUTATE_H
#define MUTATE_H

#include <stddef.h>
#include <stdint.h>

/* Plain bytes: what to do where no grammar helps; may be NULL. As LLVMFuzzerMutate. */
typedef size_t (*mutate_bytes)(uint8_t *data, size_t size, size_t max);

/* Changes the message, or the script, in place; its new size, at most `max`. The same seed makes
 * the same of the same. */
size_t mutate_sip(char *data, size_t size, size_t max, uint32_t seed, mutate_bytes bytes);

/* Puts lines or steps of `b` among those of `a`, into `out`; its size, at most `max`. */
size_t mutate_cross(const char *a, size_t a_n, const char *b, size_t b_n, char *out, size_t max,
                    uint32_t seed);

#endif
