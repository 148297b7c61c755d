# `make demo-bare`: the two files of `make amalgamation` and those of this folder as an image for a
# Cortex-M4 board, run under emulation. Skipped with a word where a compiler for it or qemu is missing.
# sleep=off: while the processor waits for its timer, the board's time jumps instead of passing.
B ?= build
D := $(B)/bare
BARE := $(patsubst apps/bare/%.c,$(D)/%.o,$(sort $(wildcard apps/bare/*.c)))
CROSS ?= arm-none-eabi-
QEMU  ?= qemu-system-arm
CORE  := -mcpu=cortex-m4 -mthumb
include tests/warnings.mk
BARE_CFLAGS := -std=c11 $(WARNINGS) -Os \
    -ffreestanding -ffunction-sections -fdata-sections -I. -I$(B) \
    -DPS_CONFIG_FILE='"apps/bare/bare_limits.h"'
MACHINE := -M mps2-an386 -nographic -monitor none -serial none -icount shift=5,sleep=off \
    -chardev stdio,id=out,signal=off -semihosting-config enable=on,target=native,chardev=out

.PHONY: demo-bare run joined
.DELETE_ON_ERROR:

demo-bare:
	@for tool in $(CROSS)gcc $(QEMU); do command -v $$tool >/dev/null 2>&1 || \
	    { echo "skipped: demo-bare: no $$tool"; exit 0; }; done; \
	echo '#include <string.h>' | $(CROSS)gcc $(CORE) -E - >/dev/null 2>&1 || \
	    { echo "skipped: demo-bare: no libc for $(CROSS)gcc (libnewlib-arm-none-eabi)"; exit 0; }; \
	$(MAKE) --no-print-directory -f apps/bare/bare.mk B=$(B) run

run: $(D)/bare.elf
	@$(CROSS)size $<
	@timeout 120 $(QEMU) $(MACHINE) -kernel $< </dev/null

joined:
	@$(MAKE) -s --no-print-directory -f tests/amalgamation.mk B=$(B) VERSION=$(VERSION) $(B)/plainsip.c
$(B)/plainsip.c: joined ;

$(D)/plainsip.o: $(B)/plainsip.c apps/bare/bare_limits.h apps/bare/bare.mk
	@mkdir -p $(@D)
	$(CROSS)gcc $(CORE) $(BARE_CFLAGS) -c -o $@ $<
$(BARE): $(D)/%.o: apps/bare/%.c $(wildcard apps/bare/*.h) $(B)/plainsip.c apps/bare/bare.mk
	@mkdir -p $(@D)
	$(CROSS)gcc $(CORE) $(BARE_CFLAGS) -c -o $@ $<
$(D)/bare.elf: $(BARE) $(D)/plainsip.o apps/bare/bare.ld
	$(CROSS)gcc $(CORE) --specs=nano.specs -nostartfiles -Wl,--gc-sections -Wl,--fatal-warnings \
	    -T apps/bare/bare.ld -o $@ $(BARE) $(D)/plainsip.o
