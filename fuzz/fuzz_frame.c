/*
 * The stream framer. The input is a stream; it is fed whole, byte by byte, and in pieces whose
 * sizes the bytes themselves decide.
 *
 * Must hold: however the stream is cut, the same messages come out; no length is past what was
 * received; a frame that parses ends where the parser says it ends; what parses as a message of a
 * stream is framed whole.
 */
#include "fuzz.h"
#include "sip/message.h"

enum { MOST = 4096 };

struct seen {
    size_t n, at[MOST]; /* where each message ended */
    size_t taken;       /* bytes, blanks too */
    bool wrong;
};

/* How the stream is cut: the sizes of the pieces. */
static size_t piece(unsigned way, struct ps_slice text, size_t at)
{
    if (way == 0)
        return text.n;
    return way == 1 ? 1 : 1 + ((uint8_t)text.p[at] & 31);
}

static void take(struct seen *s, enum ps_frame frame, size_t length)
{
    HOLDS(length > 0 && s->n < MOST);
    s->taken += length;
    if (frame == PS_FRAME_MESSAGE)
        s->at[s->n++] = s->taken;
}

static void play(struct ps_slice text, unsigned way, struct seen *s)
{
    struct ps_framer framer;
    size_t received = 0, length;
    memset(&framer, 0, sizeof framer);
    memset(s, 0, sizeof *s);
    while (received < text.n) {
        received += piece(way, text, received);
        received = received < text.n ? received : text.n;
        while (s->taken < received) {
            size_t n = received - s->taken;
            enum ps_frame frame = ps_frame(&framer, text.p + s->taken, n, &length);
            if (frame == PS_FRAME_MORE)
                break;
            HOLDS(length <= n);
            s->wrong = frame == PS_FRAME_WRONG;
            if (s->wrong)
                return;
            take(s, frame, length);
            memset(&framer, 0, sizeof framer);
        }
    }
}

static void frames_are_messages(struct ps_slice text, const struct seen *s)
{
    static const struct ps_parse_options stream = {false, true, false};
    static struct ps_message m;
    size_t i, begin;
    for (i = 0; i < s->n; i++) {
        begin = i ? s->at[i - 1] : 0;
        while (begin < s->at[i] && (text.p[begin] == '\r' || text.p[begin] == '\n'))
            begin++;
        if (!ps_message_parse(&m, text.p + begin, s->at[i] - begin, &stream, NULL))
            HOLDS(m.n == s->at[i] - begin);
    }
    begin = s->n ? s->at[s->n - 1] : 0;
    if (!s->wrong && begin < text.n && text.p[begin] != '\r' && text.p[begin] != '\n')
        HOLDS(ps_message_parse(&m, text.p + begin, text.n - begin, &stream, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_slice text = fuzz_input(data, size < MOST ? size : MOST);
    static struct seen whole, other;
    unsigned way;
    play(text, 0, &whole);
    for (way = 1; way < 3; way++) {
        play(text, way, &other);
        HOLDS(other.n == whole.n && other.wrong == whole.wrong);
        HOLDS(!memcmp(other.at, whole.at, whole.n * sizeof *whole.at));
    }
    frames_are_messages(text, &whole);
    return 0;
}
