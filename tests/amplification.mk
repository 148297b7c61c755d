# `make amplification`: what a source that may be forged is sent for each byte of its request,
# against the library and the program (tests/tools/amplification.sh). Takes 45 s.
B      ?= build
CC     ?= cc
CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Werror

.PHONY: amplification
amplification: $(B)/tests/tools/amplification
	@B=$(B) sh tests/tools/amplification.sh

$(B)/tests/tools/amplification: tests/tools/amplification.c tests/sim/amplification.c \
    tests/sim/amplification.h $(B)/libplainsip.a
	@mkdir -p $(@D)
	$(CC) -std=c11 $(WARNINGS) -I. $(CFLAGS) -o $@ $(filter-out %.h,$^) $(LDFLAGS)
