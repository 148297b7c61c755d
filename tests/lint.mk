# `make lint`: clang-tidy (.clang-tidy) and cppcheck over the sources; a finding fails.
B ?= build
SRC := $(sort $(wildcard sip/*.c sdp/*.c digest/*.c transport/*.c apps/*.c))

.PHONY: lint
lint:
	clang-tidy --quiet --warnings-as-errors='*' $(SRC) -- -std=c11 -I.
	cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 -I. \
	    --enable=warning,performance,portability \
	    --suppress=missingIncludeSystem $(SRC)
