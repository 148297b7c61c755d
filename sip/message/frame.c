/*
 * Finds where a message ends in a stream of bytes (RFC 3261 18.3, 7.5; RFC 5626 4.4.1). Refuses to
 * read from anything and to keep bytes.
 */
#include "../message.h"

/* Counts the CRLFs at the start: a keep-alive, or what somebody left before a start line. */
static size_t blanks(const char *bytes, size_t n)
{
    size_t i = 0;
    while (i < n && (bytes[i] == '\r' || bytes[i] == '\n'))
        i++;
    return i;
}

/* Returns the length of the head with its empty line; 0 where that is not there yet. The next call
 * goes on where this one stopped. */
static size_t head_end(struct ps_framer *f, const char *bytes, size_t n)
{
    while (f->scanned < n) {
        const char *lf = ps_find(ps_slice(bytes + f->scanned, n - f->scanned), '\n');
        size_t next = lf ? (size_t)(lf - bytes) + 1 : n;
        if (!lf) {
            f->scanned = n;
            return 0;
        }
        if (next < n && bytes[next] == '\n')
            return next + 1;
        if (next + 1 < n && bytes[next] == '\r' && bytes[next + 1] == '\n')
            return next + 2;
        if (next == n || (next + 1 == n && bytes[next] == '\r')) {
            f->scanned = next - 1; /* look at this line end again with what follows it */
            return 0;
        }
        f->scanned = next;
    }
    return 0;
}

/* Reads Content-Length. On a stream it is mandatory, and nothing else says where the body ends
 * (18.3). */
static bool body_length(const char *head, size_t n, uint32_t *out)
{
    struct ps_message m;
    ps_message_index(&m, head, n, NULL, NULL);
    return !ps_header_value(&m, PS_H_CONTENT_LENGTH, 1).p &&
           !ps_parse_u32(ps_header_value(&m, PS_H_CONTENT_LENGTH, 0), PS_MAX_MESSAGE, out);
}

enum ps_frame ps_frame(struct ps_framer *f, const char *bytes, size_t n, size_t *length)
{
    if (!f->head) {
        size_t blank = f->scanned ? 0 : blanks(bytes, n);
        *length = blank;
        if (blank)
            return PS_FRAME_BLANK;
        f->head = head_end(f, bytes, n);
        *length = f->head ? f->head : n;
        if (*length > PS_MAX_MESSAGE)
            return PS_FRAME_WRONG;
        if (!f->head)
            return PS_FRAME_MORE;
        if (!body_length(bytes, f->head, &f->body))
            return PS_FRAME_WRONG;
    }
    *length = f->head + f->body;
    if (*length > PS_MAX_MESSAGE) {
        *length = f->head;
        return PS_FRAME_WRONG;
    }
    return *length <= n ? PS_FRAME_MESSAGE : PS_FRAME_MORE;
}
