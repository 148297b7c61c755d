# Benchmarks: each tests/bench/bench_*.c is a program that prints its numbers; other files there are
# shared by them. `make bench` runs all, `make bench ONLY=name` one.
CC     ?= cc
B      ?= build
CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes
SRC    := $(sort $(wildcard tests/bench/bench_*.c))
SHARED := $(filter-out $(SRC),$(sort $(wildcard tests/bench/*.c)))
BIN    := $(SRC:%.c=$(B)/%)

# OpenSSL is only measured beside ours, and only where it is
OPENSSL := $(shell printf '\043include <openssl/evp.h>\n' | $(CC) -E - >/dev/null 2>&1 && echo yes)
$(B)/tests/bench/bench_digest: EXTRA = $(if $(OPENSSL),-DPS_BENCH_OPENSSL -lcrypto)

.PHONY: bench
bench: $(BIN)
	@for b in $(if $(ONLY),$(B)/tests/bench/bench_$(ONLY),$(BIN)); do echo "== $${b##*/}"; $$b || exit 1; done

$(B)/tests/bench/%: tests/bench/%.c $(SHARED) $(B)/libplainsip.a
	@mkdir -p $(@D)
	$(CC) -std=c11 $(WARNINGS) -I. $(CFLAGS) -o $@ $^ $(LDFLAGS) $(EXTRA) -lm
