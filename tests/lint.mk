# `make lint`: the format (.clang-format), the shape (tests/tools/shape.sh: columns, lines, complexity,
# nesting), clang-tidy (.clang-tidy) and cppcheck over the sources; a finding fails. A file that
# passed clang-tidy is not read again until it, or a header, changes.
B ?= build
SRC  := $(sort $(wildcard sip/*/*.c sdp/*.c digest/*.c transport/*.c apps/*.c))
HDR  := $(wildcard sip/*.h sip/*/*.h sdp/*.h digest/*.h transport/*.h apps/*.h)
ALL  := $(wildcard sip/*.h sip/*/*.[ch] sdp/*.[ch] digest/*.[ch] transport/*.[ch] apps/*.[ch] \
    apps/*/*.[ch] tests/*/*.[ch] fuzz/*.[ch])
# each version formats otherwise: this one is in .ci/packages
FORMAT := $(firstword $(shell command -v clang-format-14 clang-format))
DONE := $(SRC:%.c=$(B)/lint/%.ok)

.PHONY: lint format shape clang-tidy cppcheck
lint:
	@$(MAKE) --no-print-directory -k -j"$$(nproc)" -f tests/lint.mk B=$(B) \
	    format shape clang-tidy cppcheck

format:
	@case "$$($(FORMAT) --version 2>&1)" in *'version 14.'*) ;; \
	    *) echo "lint: clang-format 14 is missing (Debian: clang-format-14)"; exit 1 ;; esac
	@printf 'int  f( void );\n' | $(FORMAT) --dry-run -Werror --assume-filename=sip/x.c 2>/dev/null && \
	    { echo "lint: clang-format notices nothing"; exit 1; } || true
	@$(FORMAT) --dry-run -Werror $(ALL)

shape:
	@B=$(B) sh tests/tools/shape.sh

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
