/* The mutator (mutate.h) as libFuzzer asks for it. One time in eight plain bytes are changed. */
#include "mutate.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_n, const uint8_t *b, size_t b_n,
                                 uint8_t *out, size_t max, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    if (seed % 8 == 0)
        return LLVMFuzzerMutate(data, size, max);
    return mutate_sip((char *)data, size, max, seed, LLVMFuzzerMutate);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_n, const uint8_t *b, size_t b_n,
                                 uint8_t *out, size_t max, unsigned seed)
{
    return mutate_cross((const char *)a, a_n, (const char *)b, b_n, (char *)out, max, seed);
}
