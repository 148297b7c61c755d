# `make footprint`: bytes of code, data and stack of each part, at -Os, on x86-64 and Thumb-2
# (tests/tools/footprint.sh). LIMITS=file measures with other limits than those of a small phone.
B      ?= build
LIMITS ?= tests/tools/small_phone.h

.PHONY: footprint
footprint:
	@$(MAKE) -s --no-print-directory amalgamation B=$(B) >/dev/null
	@B=$(B) sh tests/tools/footprint.sh $(LIMITS)
