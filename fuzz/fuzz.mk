# Fuzzing (fuzz/README.md): each fuzz/fuzz_NAME.c is a target.
#   make fuzz                 all of them, FUZZ_SECONDS each, FUZZ_JOBS at a time
#   make fuzz-NAME            one, for FUZZ_SECONDS (an hour where it is not given)
#   make fuzz-alone           stand-alone programs (any compiler), which replay the corpus
#   make fuzz-generate        the generator of mutated messages
# Keeps what a run finds new in $(B)/fuzz/corpus/NAME; a crash in $(B)/fuzz/crash-NAME-*.
B            ?= build
CC           ?= cc
FUZZ_CC      ?= clang
FUZZ_JOBS    ?= 2
FUZZ_OPTIONS ?=

OUT      := $(B)/fuzz
TARGETS  := $(patsubst fuzz/fuzz_%.c,%,$(sort $(wildcard fuzz/fuzz_*.c)))
SRC      := $(sort $(wildcard sip/*/*.c sdp/*.c digest/*.c)) transport/stun.c transport/dns.c
OBJ      := $(SRC:%.c=$(OUT)/obj/%.o)
HEADERS  := $(wildcard fuzz/*.h sip/*.h sip/*/*.h sdp/*.h digest/*.h transport/*.h)
include tests/warnings.mk
SANITIZE := -O1 -g -fno-omit-frame-pointer -DPS_DEBUG -fsanitize=address,undefined \
    -fno-sanitize-recover=all
FUZZ_CFLAGS := -std=c11 $(WARNINGS) -I. $(SANITIZE)
CAN_FUZZ := $(shell printf 'int LLVMFuzzerTestOneInput(void);int LLVMFuzzerTestOneInput(void){return 0;}' | \
    $(FUZZ_CC) -x c -fsanitize=fuzzer,address -o /dev/null - 2>/dev/null && echo yes)

.PHONY: fuzz fuzz-build fuzz-alone fuzz-report $(TARGETS:%=fuzz-%) $(TARGETS:%=run-%)
.SECONDARY:

ifeq ($(CAN_FUZZ),yes)
fuzz: FUZZ_SECONDS ?= 10
fuzz: fuzz-build
	@$(MAKE) --no-print-directory -k -j$(FUZZ_JOBS) -f fuzz/fuzz.mk B=$(B) FUZZ_SECONDS=$(FUZZ_SECONDS) \
	    $(TARGETS:%=run-%); status=$$?; sh fuzz/report.sh $(OUT) $(TARGETS); exit $$status
else
fuzz: fuzz-alone
	@echo "$(FUZZ_CC) has no fuzzer: the corpus was replayed, nothing new was tried"
endif

fuzz-build: $(TARGETS:%=$(OUT)/%)

$(TARGETS:%=fuzz-%): fuzz-%: $(OUT)/%
	@$(MAKE) --no-print-directory -f fuzz/fuzz.mk B=$(B) FUZZ_SECONDS=$(or $(FUZZ_SECONDS),3600) run-$*
	@sh fuzz/report.sh $(OUT) $*

# the folder that is named first gets what is new
$(TARGETS:%=run-%): run-%: $(OUT)/%
	@mkdir -p $(OUT)/corpus/$* fuzz/corpus/$*
	@$(OUT)/$* -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 -max_len=8192 \
	    -dict=fuzz/sip.dict -artifact_prefix=$(OUT)/crash-$*- -print_final_stats=1 $(FUZZ_OPTIONS) \
	    $(OUT)/corpus/$* fuzz/corpus/$* >$(OUT)/$*.log 2>&1 || \
	    { echo "fuzz-$*: FAILED"; tail -n 40 $(OUT)/$*.log; exit 1; }

$(OUT)/obj/%.o: %.c $(HEADERS)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link -c -o $@ $<

$(OUT)/libplainsip.a: $(OBJ)
	@rm -f $@
	ar rcs $@ $^

# the mutator that knows SIP is linked into these: where it pays (README.md)
GRAMMAR  := stack
$(GRAMMAR:%=$(OUT)/%): $(OUT)/obj/fuzz/mutator.o $(OUT)/obj/fuzz/mutate.o
$(OUT)/stack $(OUT)/pair $(OUT)/plain/stack: $(OUT)/obj/fuzz/driver.o $(OUT)/obj/fuzz/watch.o
# driver.c makes the pools and the store empty at a script's word
STARVED  := stack pair
$(foreach t,$(STARVED),$(OUT)/$(t) $(OUT)/plain/$(t) $(OUT)/alone/$(t)): private \
    WRAP := -Wl,--wrap=ps_pool_take -Wl,--wrap=ps_keep

$(TARGETS:%=$(OUT)/%): $(OUT)/%: $(OUT)/obj/fuzz/fuzz_%.o $(OUT)/libplainsip.a
	$(FUZZ_CC) $(SANITIZE) -fsanitize=fuzzer $(WRAP) -o $@ $(filter %.o,$^) $(OUT)/libplainsip.a

# the same without that mutator, to compare with
$(OUT)/plain/%: $(OUT)/obj/fuzz/fuzz_%.o $(OUT)/libplainsip.a
	@mkdir -p $(@D)
	$(FUZZ_CC) $(SANITIZE) -fsanitize=fuzzer $(WRAP) -o $@ $(filter %.o,$^) $(OUT)/libplainsip.a

# ---- without libFuzzer ----

fuzz-alone: $(TARGETS:%=$(OUT)/alone/%)
	@for t in $(TARGETS); do echo "fuzz-$$t:"; $(OUT)/alone/$$t fuzz/corpus/$$t || exit 1; done

$(OUT)/alone/stack $(OUT)/alone/pair: fuzz/driver.c fuzz/watch.c
$(OUT)/alone/%: fuzz/fuzz_%.c fuzz/main.c $(HEADERS) $(B)/libplainsip.a
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -I. -O1 -g $(WRAP) -o $@ $(filter %.c,$^) $(filter %.a,$^)

.PHONY: fuzz-generate
fuzz-generate: $(OUT)/generate
$(OUT)/generate: fuzz/generate.c fuzz/mutate.c fuzz/mutate.h
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_POSIX_C_SOURCE=200809L $(WARNINGS) -O2 -g -o $@ fuzz/generate.c fuzz/mutate.c
