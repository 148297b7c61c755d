/*
 * plainsip without an operating system: the image of `make demo-bare` for a Cortex-M4 board. A
 * phone on a static block of memory registers with Digest, calls, hangs up and unregisters. Its
 * peers, a registrar and another phone, are in the image too, each on a stack of its own. The exit
 * status is 0 only if every step happened and nothing is left.
 *
 * Here stand the image's memory and its loop. Uses libc's memory functions alone; no heap, no
 * printf, no random device (the board has none).
 */
#include "board.h"
#include "phone.h"
#include "registrar.h"

/* Phones of one call each, by the rule of stack.h, of which one registers; and a registrar. */
static const struct ps_limits alice_limits = PS_LIMITS_FOR(1, 1, 0, PS_MAX_MESSAGE);
static const struct ps_limits bob_limits = PS_LIMITS_FOR(1, 0, 0, PS_MAX_MESSAGE);
static const struct ps_limits registrar_limits = {
    8, 0, 0, 0, 0, 0, 4, PS_MAX_MESSAGE, 4, {{512, 4}, {1024, 3}, {0, 0}, {0, 0}},
};
#define ALICE_BYTES PS_STACK_BYTES_FOR(1, 1, 0, PS_MAX_MESSAGE)
#define BOB_BYTES PS_STACK_BYTES_FOR(1, 0, 0, PS_MAX_MESSAGE)
#define REGISTRAR_BYTES PS_STACK_BYTES(8, 0, 0, 0, 0, 0, 4, PS_MAX_MESSAGE, 4 * 512 + 3 * 1024)

static _Alignas(8) char alice_block[ALICE_BYTES];
static _Alignas(8) char bob_block[BOB_BYTES];
static _Alignas(8) char registrar_block[REGISTRAR_BYTES];

static void open_parties(void)
{
    party_open(ALICE, alice_block, sizeof alice_block, &alice_limits);
    party_open(REGISTRAR, registrar_block, sizeof registrar_block, &registrar_limits);
    party_open(BOB, bob_block, sizeof bob_block, &bob_limits);
    party[ALICE].on_event = alice_on_event;
    party[REGISTRAR].on_event = registrar_on_event;
    party[BOB].on_event = bob_on_event;
    story_must(registrar_valid());
}

static void print_sizes(void)
{
    char line[160];
    struct ps_writer w = ps_writer(line, sizeof line);
    ps_put(&w, PS_S("alice: a block of "));
    ps_put_number(&w, sizeof alice_block);
    ps_put(&w, PS_S(" bytes, of which her limits need "));
    ps_put_number(&w, ps_stack_size(&alice_limits));
    ps_put(&w, PS_S("; deepest stack of the whole image: "));
    ps_put_number(&w, board_deepest_stack());
    ps_put(&w, PS_S(" bytes"));
    story_print_line(&w);
}

int main(void)
{
    open_parties();
    story_begin();
    alice_start(&party[ALICE], &registrar_user);
    party_pull(ALICE);
    while (story_next() != STORY_END) {
        if (board_clock() > 60000)
            story_fail("a minute has passed");
        if (story_next() == QUIET && party_all_quiet())
            story_happened(QUIET, true);
        else if (!party_step())
            board_sleep();
    }
    print_sizes();
    board_print("Everything happened as it should.\n");
    return 0;
}
