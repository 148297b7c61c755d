/*
 * Gives the bare-metal demo its board: a clock, text out, sleep, an exit status. The rest of the
 * image reaches the hardware by these functions alone.
 */
#ifndef BARE_BOARD_H
#define BARE_BOARD_H

#include <stdint.h>

/* Returns the time since the start, which never goes back; in milliseconds. */
uint64_t board_clock(void);

/* Prints text that ends with a zero; lines end with "\n". */
void board_print(const char *text);

/* Sleeps until the next interrupt: at the latest until the clock's next tick. */
void board_sleep(void);

/* Returns how much of the stack has been in use at the deepest moment so far; in bytes. */
uint32_t board_deepest_stack(void);

/* Ends the image; `status` becomes the emulator's exit status. */
_Noreturn void board_leave(uint32_t status);

#endif
