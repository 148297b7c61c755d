/*
 * Starts and drives the board, MPS2 with the AN386 image, a Cortex-M4 at 25 MHz: vectors, startup,
 * the tick, semihosting. Starts main and leaves with the status that it returns. Knows no SIP and
 * calls no libc.
 */
#include "board.h"

#define BOARD_HZ 25000000u
#define SYSTICK_CONTROL (*(volatile uint32_t *)0xe000e010u)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xe000e014u)
#define SYSTICK_VALUE (*(volatile uint32_t *)0xe000e018u)
#define TICK 10u          /* ms */
#define PAINT 0xa5a5a5a5u /* fills the stack at the start; a word that has it was never used */

/* of bare.ld */
extern uint32_t bare_data[], bare_data_end[], bare_bss[], bare_bss_end[];
extern uint32_t bare_stack[], bare_stack_end[];
extern const uint32_t bare_data_from[];

void bare_reset(void);
int main(void);

static volatile uint32_t ticks; /* wraps after more than a year; the demo lasts a minute */

uint64_t board_clock(void)
{
    return (uint64_t)ticks * TICK;
}

static void on_tick(void)
{
    ticks = ticks + 1;
}

/* Asks the debugger, here the emulator, by Arm's semihosting: the operation's number goes in r0,
 * its argument in r1. */
static void semihost(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

void board_print(const char *text)
{
    semihost(0x04, text); /* SYS_WRITE0 */
}

_Noreturn void board_leave(uint32_t status)
{
    const uint32_t block[2] = {0x20026, status}; /* ADP_Stopped_ApplicationExit */
    for (;;)
        semihost(0x20, block); /* SYS_EXIT_EXTENDED */
}

void board_sleep(void)
{
    __asm__ volatile("wfi");
}

static void on_fault(void)
{
    board_print("The processor has faulted.\n");
    board_leave(2);
}

void bare_reset(void)
{
    const uint32_t *from = bare_data_from;
    uint32_t *to, *here = __builtin_frame_address(0);
    for (to = bare_data; to < bare_data_end; to++)
        *to = *from++;
    for (to = bare_bss; to < bare_bss_end; to++)
        *to = 0;
    for (to = bare_stack; to < here - 16; to++)
        *to = PAINT;
    SYSTICK_RELOAD = BOARD_HZ / 1000 * TICK - 1;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = 7; /* the processor's clock, interrupt, on */
    board_leave((uint32_t)main());
}

/* clang-format off */
/* Holds the stack's end in the first word, then the exceptions' handlers by number. */
union vector {
    uint32_t *stack;
    void (*handler)(void);
};
__attribute__((section(".vectors"), used)) static const union vector vectors[16] = {
    {.stack = bare_stack_end}, {.handler = bare_reset}, /* 0, 1 */
    {.handler = on_fault}, {.handler = on_fault},       /* NMI, HardFault */
    {.handler = on_fault}, {.handler = on_fault},       /* memory, bus */
    {.handler = on_fault}, {.handler = on_fault},       /* usage; 7 to 10 are reserved */
    {.handler = on_fault}, {.handler = on_fault},
    {.handler = on_fault}, {.handler = on_fault},       /* 11: SVCall */
    {.handler = on_fault}, {.handler = on_fault},       /* debug; reserved */
    {.handler = on_fault}, {.handler = on_tick},        /* PendSV, SysTick */
};
/* clang-format on */

uint32_t board_deepest_stack(void)
{
    const uint32_t *p = bare_stack;
    while (p < bare_stack_end && *p == PAINT)
        p++;
    return (uint32_t)((const char *)bare_stack_end - (const char *)p);
}
