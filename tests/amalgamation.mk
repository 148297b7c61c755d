# Two files for vendoring: $(B)/plainsip.c and $(B)/plainsip.h (tests/tools/amalgamate.sh), and the
# unit tests built a second time against them: each includes plainsip.h, as shipped, before its own
# includes (which its guards then make empty) and is linked with the one object; a test that reads a
# private header with one in which private functions are visible.
B       ?= build
CC      ?= cc
CFLAGS  ?= -O2 -g
VERSION ?= 0.0.0
include tests/warnings.mk
# the transport is there where the core is whole
TRANSPORT := $(if $(wildcard transport/*.c),-DPS_WITH_TRANSPORT)

D    := $(B)/amalgamation
SRC  := $(wildcard sip/*.[ch] sip/*/*.[ch] sdp/*.[ch] digest/*.[ch] transport/*.[ch])
TOOL := $(wildcard tests/tools/*.awk) tests/tools/amalgamate.sh

TEST_SRC := $(sort $(wildcard tests/unit/test_*.c))
SUPPORT  := $(filter-out $(TEST_SRC),$(sort $(wildcard tests/unit/*.c)))
empty    :=
private_headers := $(subst $(empty) $(empty),|,$(strip $(shell sh tests/tools/border.sh --private)))
PRIVATE  := $(shell grep -lE 'include "($(private_headers))"' /dev/null $(TEST_SRC))
BIN      := $(TEST_SRC:tests/unit/%.c=$(D)/unit/%)
LIBS     := $(shell pkg-config --libs check 2>/dev/null || echo -lcheck -lsubunit -lm -lrt -lpthread)

# the shared library: the same two files, exporting the names that the public headers declare
SONAME := libplainsip.so.$(firstword $(subst ., ,$(VERSION)))
SHARED := $(B)/libplainsip.so.$(VERSION)

.PHONY: amalgamation shared test-programs
.DELETE_ON_ERROR:
.SECONDARY:

amalgamation: $(D)/plainsip.o
	@echo "$(B)/plainsip.c $(B)/plainsip.h"

$(B)/plainsip.c: $(SRC) $(TOOL) LICENSE
	@sh tests/tools/amalgamate.sh $(VERSION) $(B)
$(B)/plainsip.h: $(B)/plainsip.c ;

$(D)/plainsip.o: $(B)/plainsip.c $(B)/plainsip.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=c11 $(WARNINGS) $(TRANSPORT) $(CFLAGS) -c -o $@ $<

shared: $(SHARED)
$(D)/pic.o: $(B)/plainsip.c $(B)/plainsip.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=c11 $(WARNINGS) $(TRANSPORT) $(CFLAGS) -fPIC -c -o $@ $<
$(D)/exports.map: $(D)/pic.o tests/tools/exports.sh
	@CC="$(CC)" sh tests/tools/exports.sh $(B)/plainsip.h $(D)/pic.o $(TRANSPORT) >$@
$(SHARED): $(D)/pic.o $(D)/exports.map
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(SONAME) -Wl,--version-script=$(D)/exports.map \
	    -o $@ $(D)/pic.o

# _GNU_SOURCE for all, because a test's own comes after plainsip.h; empty, as the tests define it
TEST_CC = $(CC) $(CPPFLAGS) -std=c11 -Wall -Wextra -D_GNU_SOURCE= $(TRANSPORT) -I. $(CFLAGS)

$(D)/unit/%.o: tests/unit/%.c $(B)/plainsip.h $(wildcard tests/unit/*.h)
	@mkdir -p $(@D)
	$(TEST_CC) -include $(B)/plainsip.h -c -o $@ $<
$(D)/unit/%: $(D)/unit/%.o $(SUPPORT:tests/unit/%.c=$(D)/unit/%.o) $(D)/plainsip.o
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(D)/open.o: $(B)/plainsip.c $(B)/plainsip.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=c11 $(WARNINGS) $(TRANSPORT) -DPS_INTERNAL= $(CFLAGS) -c -o $@ $<
$(PRIVATE:tests/unit/%.c=$(D)/unit/%): $(D)/unit/%: $(D)/unit/%.o $(SUPPORT:tests/unit/%.c=$(D)/unit/%.o) $(D)/open.o
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

comma := ,
$(D)/unit/test_transport_faults: private LIBS += $(FAULTS:%=-Wl$(comma)--wrap=%)
$(D)/unit/test_host: private LIBS += $(HOST_WRAPS:%=-Wl$(comma)--wrap=%)

test-programs: $(BIN)
	@echo $(BIN) >$(D)/list
