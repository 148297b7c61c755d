/*
 * The typed values of single headers, each after its RFC's grammar. Refuses to know whole messages.
 */
#include "header_internal.h"

enum ps_error ps_cseq_parse(struct ps_slice value, struct ps_cseq *out)
{
    struct ps_slice s = ps_trim(value);
    const char *p = s.p, *end = s.p + s.n, *method;
    while (p < end && ps_is_digit(*p))
        p++;
    /* 8.1.1.5: less than 2^31 */
    if (ps_parse_u32(ps_between(s.p, p), 0x7fffffff, &out->number))
        return PS_E_NUMBER;
    method = ps_skip_lws(p, end);
    out->method_name = ps_between(method, end);
    if (method == p || !ps_all(out->method_name, PS_C_TOKEN))
        return PS_E_VALUE;
    out->method = (uint8_t)ps_method_from(out->method_name);
    return PS_OK;
}
