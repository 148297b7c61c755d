# `make lint`: clang-tidy (.clang-tidy) and cppcheck over the sources; a finding fails. A file that
# passed is not read again until it, or a header, changes.
B ?= build
SRC  := $(sort $(wildcard sip/*/*.c sdp/*.c digest/*.c transport/*.c apps/*.c))
HDR  := $(wildcard sip/*.h sip/*/*.h sdp/*.h digest/*.h transport/*.h apps/*.h)
DONE := $(SRC:%.c=$(B)/lint/%.ok)

.PHONY: lint clang-tidy cppcheck
lint:
	@$(MAKE) --no-print-directory -k -j"$$(nproc)" -f tests/lint.mk B=$(B) clang-tidy cppcheck

clang-tidy: $(DONE)
$(B)/lint/%.ok: %.c $(HDR) .clang-tidy
	@mkdir -p $(@D)
	@clang-tidy --quiet --warnings-as-errors='*' $< -- -std=c11 -I. >$(@:.ok=.log) 2>&1 || \
	    { grep -v 'warnings generated' $(@:.ok=.log); exit 1; }
	@touch $@

cppcheck: $(SRC) $(HDR)
	@mkdir -p $(B)/lint/cppcheck
	@cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 -I. -j 2 \
	    --cppcheck-build-dir=$(B)/lint/cppcheck --enable=warning,performance,portability \
	    --suppressions-list=tests/tools/cppcheck.suppressions $(SRC)
