# Benchmarks: each tests/bench/bench_*.c is a program, each bench_*.sh a script, that prints its
# numbers; other files there are theirs. `make bench` runs all, `make bench ONLY=name` one.
CC     ?= cc
B      ?= build
CFLAGS ?= -O2 -g
include tests/warnings.mk
SRC    := $(sort $(wildcard tests/bench/bench_*.c))
SHARED := $(filter-out $(SRC) tests/bench/copier.c tests/bench/peers.c tests/bench/peers_sdp.c,$(sort $(wildcard tests/bench/*.c)))
SCRIPTS := $(sort $(wildcard tests/bench/bench_*.sh))
BIN    := $(SRC:%.c=$(B)/%)

# OpenSSL is only measured beside ours, and only where it is
OPENSSL := $(shell printf '\043include <openssl/evp.h>\n' | $(CC) -E - >/dev/null 2>&1 && echo yes)
$(B)/tests/bench/bench_digest: EXTRA = $(if $(OPENSSL),-DPS_BENCH_OPENSSL -lcrypto)

.PHONY: bench bench-peers
bench: $(BIN) $(SCRIPTS)
	@for b in $(if $(ONLY),$(filter %_$(ONLY) %_$(ONLY).sh,$(BIN) $(SCRIPTS)),$(BIN) $(SCRIPTS)); do \
	    echo "== $${b##*/}"; \
	    case $$b in *.sh) B=$(B) CC="$(CC)" sh $$b ;; *) $$b ;; esac || exit 1; done

$(B)/tests/bench/%: tests/bench/%.c $(SHARED) $(B)/libplainsip.a
	@mkdir -p $(@D)
	$(CC) -std=c11 $(WARNINGS) -I. $(CFLAGS) -o $@ $^ $(LDFLAGS) $(EXTRA) -lm

# other parsers beside ours, as far as they are installed
has = $(shell printf '\043include <$(1)>\n' | $(CC) $(2) -E - >/dev/null 2>&1 && echo $(3))
SOFIA := -I/usr/include/sofia-sip-1.12
PEERS := $(call has,osipparser2/osip_parser.h,-include sys/time.h,-DPEER_OSIP -losipparser2) \
         $(call has,sofia-sip/sip.h,$(SOFIA),$(SOFIA) -DPEER_SOFIA -lsofia-sip-ua) \
         $(call has,re/re.h,-I/usr/include/re,-I/usr/include/re -DHAVE_INTTYPES_H -DHAVE_STDBOOL_H -DHAVE_INET6 -DPEER_RE -lre)
bench-peers: $(B)/tests/bench/peers
	@$(B)/tests/bench/peers
PEERS_SDP := $(if $(findstring PEER_OSIP,$(PEERS)),$(B)/tests/bench/peers_osip.o) \
             $(if $(findstring PEER_SOFIA,$(PEERS)),$(B)/tests/bench/peers_sofia.o)
$(B)/tests/bench/peers_osip.o: tests/bench/peers_sdp.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -w $(CFLAGS) -DSDP_OSIP -c -o $@ $<
$(B)/tests/bench/peers_sofia.o: tests/bench/peers_sdp.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -w $(SOFIA) $(CFLAGS) -DSDP_SOFIA -c -o $@ $<
$(B)/tests/bench/peers: tests/bench/peers.c tests/bench/harness.c tests/bench/traces.c $(PEERS_SDP) $(B)/libplainsip.a
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -w -I. $(CFLAGS) -o $@ $^ $(LDFLAGS) $(PEERS)
