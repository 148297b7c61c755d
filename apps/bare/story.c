/*
 * Holds each step to its turn, and draws the ladder. Prints through the board and reads its clock;
 * knows how to sum up a message, and nothing else of SIP.
 */
#include "story.h"
#include "board.h"

#define COLUMN 30
#define LIFELINES (2 * COLUMN + 1) /* characters from the first to the last */

static const char *const names[PARTIES] = {"alice", "registrar", "bob"};

static const char *const story_text[] = {
#define STORY_TEXT(id, text) text,
    BARE_STORY(STORY_TEXT)
#undef STORY_TEXT
        "the end",
};

static enum story next_step;

const char *story_name(int who)
{
    return names[who];
}

enum story story_next(void)
{
    return next_step;
}

/* ---- the ladder ---- */

static void put_padded(struct ps_writer *w, uint64_t number, size_t width, char pad)
{
    uint64_t n = number;
    size_t digits = 1;
    for (; n >= 10; n /= 10)
        digits++;
    for (; digits < width; digits++)
        ps_put_char(w, pad);
    ps_put_number(w, number);
}

static void put_time(struct ps_writer *w)
{
    uint64_t now = board_clock();
    put_padded(w, now / 1000, 3, ' ');
    ps_put_char(w, '.');
    put_padded(w, now % 1000, 3, '0');
    ps_put(w, PS_S("  "));
}

void story_print_line(struct ps_writer *w)
{
    size_t n = w->n < w->capacity - 2 ? w->n : w->capacity - 2;
    w->p[n] = '\n';
    w->p[n + 1] = '\0';
    board_print(w->p);
}

static void put_summary(struct ps_writer *w, struct ps_slice bytes)
{
    static struct ps_message m;
    struct ps_fault fault;
    if (ps_message_parse(&m, bytes.p, bytes.n, NULL, &fault)) {
        ps_put(w, PS_S("no valid message"));
        return;
    }
    if (m.status) {
        ps_put_number(w, m.status);
        ps_put_char(w, ' ');
        ps_put(w, ps_reason(&m));
    } else {
        ps_put(w, ps_request_method(&m));
        ps_put_char(w, ' ');
        ps_put(w, ps_request_uri(&m));
    }
    ps_put(w, PS_S(" ("));
    ps_put(w, ps_header_value(&m, PS_H_CSEQ, 0));
    ps_put_char(w, ')');
}

/* Draws "|-- INVITE sip:bob@... --->|                       |" between two of the three. */
static void print_arrow(int from, int to, struct ps_slice bytes, bool lost)
{
    char line[96], label[96];
    struct ps_writer w = ps_writer(line, sizeof line), l = ps_writer(label, sizeof label);
    int left = from < to ? from : to, right = from < to ? to : from;
    int begin = left * COLUMN + 1, n, i;
    char *lifelines;
    put_summary(&l, bytes);
    n = l.n < COLUMN - 7 ? (int)l.n : COLUMN - 7;
    put_time(&w);
    lifelines = line + w.n;
    memset(lifelines, ' ', LIFELINES);
    for (i = 0; i < PARTIES; i++)
        lifelines[i * COLUMN] = '|';
    for (i = begin; i < right * COLUMN; i++)
        if (lifelines[i] != '|')
            lifelines[i] = '-';
    lifelines[from < to ? right * COLUMN - 1 : begin] = lost ? 'x' : from < to ? '>' : '<';
    memcpy(lifelines + begin + 3, label, (size_t)n);
    lifelines[begin + 2] = lifelines[begin + 3 + n] = ' ';
    w.n += LIFELINES;
    story_print_line(&w);
}

void story_begin(void)
{
    char line[96];
    struct ps_writer w = ps_writer(line, sizeof line);
    int i;
    for (i = 0; i < PARTIES; i++) {
        while (w.n < 9 + (size_t)i * COLUMN)
            ps_put_char(&w, ' ');
        ps_put_string(&w, names[i]);
    }
    story_print_line(&w);
}

/* ---- the steps ---- */

_Noreturn void story_fail(const char *instead)
{
    char line[160];
    struct ps_writer w = ps_writer(line, sizeof line);
    put_time(&w);
    ps_put_string(&w, instead);
    ps_put(&w, PS_S(": not so: "));
    ps_put_string(&w, story_text[next_step]);
    story_print_line(&w);
    board_print("The story broke off.\n");
    board_leave(1);
}

void story_happened(enum story step, bool right)
{
    char line[96];
    struct ps_writer w = ps_writer(line, sizeof line);
    if (step != next_step || !right)
        story_fail(story_text[step]);
    put_time(&w);
    ps_put(&w, PS_S("* "));
    ps_put_string(&w, story_text[step]);
    story_print_line(&w);
    next_step = (enum story)(step + 1);
}

void story_must(enum ps_error error)
{
    if (error)
        story_fail(ps_error_text(error));
}

bool story_sent(int from, int to, struct ps_slice bytes, bool again)
{
    bool lost = next_step == LOST, of_call = from == ALICE && to == BOB;
    print_arrow(from, to, bytes, lost);
    if (lost)
        story_happened(LOST, of_call && !again);
    else if (again)
        story_happened(SENT_AGAIN, of_call);
    return !lost;
}
