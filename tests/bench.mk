# Benchmarks: each tests/bench/bench_*.c is a program, each bench_*.sh a script, that prints its
# numbers; other files there are theirs. `make bench` runs all, `make bench ONLY=name` one.
CC     ?= cc
B      ?= build
CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes
SRC    := $(sort $(wildcard tests/bench/bench_*.c))
SHARED := $(filter-out $(SRC) tests/bench/copier.c,$(sort $(wildcard tests/bench/*.c)))
SCRIPTS := $(sort $(wildcard tests/bench/bench_*.sh))
BIN    := $(SRC:%.c=$(B)/%)

# OpenSSL is only measured beside ours, and only where it is
OPENSSL := $(shell printf '\043include <openssl/evp.h>\n' | $(CC) -E - >/dev/null 2>&1 && echo yes)
$(B)/tests/bench/bench_digest: EXTRA = $(if $(OPENSSL),-DPS_BENCH_OPENSSL -lcrypto)

.PHONY: bench
bench: $(BIN) $(SCRIPTS)
	@for b in $(if $(ONLY),$(filter %_$(ONLY) %_$(ONLY).sh,$(BIN) $(SCRIPTS)),$(BIN) $(SCRIPTS)); do \
	    echo "== $${b##*/}"; \
	    case $$b in *.sh) B=$(B) CC="$(CC)" sh $$b ;; *) $$b ;; esac || exit 1; done

$(B)/tests/bench/%: tests/bench/%.c $(SHARED) $(B)/libplainsip.a
	@mkdir -p $(@D)
	$(CC) -std=c11 $(WARNINGS) -I. $(CFLAGS) -o $@ $^ $(LDFLAGS) $(EXTRA) -lm
