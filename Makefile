# plainsip: `make` builds build/libplainsip.a and build/plainsip; `make help` lists the rest.
# A build needs a C11 compiler and make. All artefacts go under $(B).

VERSION := $(shell awk '/^.define PS_VERSION_(MAJOR|MINOR|PATCH) /{ printf "%s%s", dot, $$3; dot = "." }' sip/version.h)
SOVERSION := $(firstword $(subst ., ,$(VERSION)))
B       ?= build
CC      ?= cc
AR      ?= ar
CFLAGS  ?= -O2 -g
PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
MANDIR  ?= $(PREFIX)/share/man
DOCDIR  ?= $(PREFIX)/share/doc/plainsip
DESTDIR ?=

include tests/warnings.mk
PS_CFLAGS := -std=c11 $(WARNINGS) -I. -MMD -MP

CORE_SRC := $(sort $(wildcard sip/*/*.c sdp/*.c digest/*.c))
LIB_SRC  := $(CORE_SRC) $(sort $(wildcard transport/*.c))
APP_SRC  := $(sort $(wildcard apps/*.c))
LIB_OBJ  := $(LIB_SRC:%.c=$(B)/%.o)
APP_OBJ  := $(APP_SRC:%.c=$(B)/%.o)
# what an application may include, and nothing else, is installed
HEADERS   = $(shell sh tests/tools/border.sh)

# each tests/{unit,sim}/test_*.c is a Check program; other files there are shared by its folder's tests
TEST_SRC     := $(sort $(wildcard tests/unit/test_*.c tests/sim/test_*.c))
TEST_SUPPORT := $(filter-out $(TEST_SRC),$(sort $(wildcard tests/unit/*.c tests/sim/*.c)))
TEST_BIN     := $(TEST_SRC:%.c=$(B)/%)
TEST_LIBS    := $(shell pkg-config --libs check 2>/dev/null || echo -lcheck -lsubunit -lm -lrt -lpthread)

.PHONY: all help demo demo-bare test test-programs check-installed bench bench-peers fuzz lint includes walk \
    abi man install clean amalgamation shared footprint amplification
.DELETE_ON_ERROR:
.SECONDARY:

all: $(B)/libplainsip.a $(B)/plainsip

help:
	@echo "make                 build/libplainsip.a and build/plainsip"
	@echo "make demo            a registrar and two phones on loopback; prints the ladder"
	@echo "make demo-bare       a phone without operating system: a Cortex-M4 image, run under emulation"
	@echo "make test            all tests (installs Check where it is missing)"
	@echo "make test-programs   builds the test programs, to run one by itself"
	@echo "make bench           benchmarks"
	@echo "make bench-peers     other SIP parsers beside ours, as far as they are installed"
	@echo "make fuzz            builds and runs each fuzz target for FUZZ_SECONDS (10); make fuzz-TARGET"
	@echo "make fuzz-alone      builds them with any compiler, to replay the corpus or a crash"
	@echo "make lint            formatting, complexity, clang-tidy, cppcheck"
	@echo "make includes        who includes and who calls whom, as Graphviz; make walk: one INVITE's way"
	@echo "make amalgamation    build/plainsip.c and build/plainsip.h, for vendoring"
	@echo "make shared          build/libplainsip.so"
	@echo "make amplification   bytes sent to a forged source for each byte received (45 s)"
	@echo "make footprint       bytes and stack of each part, x86-64 and Thumb-2"
	@echo "make abi             the list of exported names and layouts that CI compares with"
	@echo "make install         PREFIX=$(PREFIX) LIBDIR=$(LIBDIR) DESTDIR=$(DESTDIR):"
	@echo "                     libraries, headers, plainsip.pc, program, manual pages"
	@echo "make clean           removes $(B)"
	@echo "WERROR=1             makes a warning an error, as CI does"

$(B)/libplainsip.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/plainsip: $(APP_OBJ) $(B)/libplainsip.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(PS_CFLAGS) $(CFLAGS) -c -o $@ $<

demo: $(B)/plainsip
	$(B)/plainsip demo

demo-bare:
	+@$(MAKE) --no-print-directory -f apps/bare/bare.mk B=$(B) VERSION=$(VERSION) $@

# ---- tests ----

check-installed:
	@sh tests/install-check.sh

$(B)/tests/unit/test_%: $(B)/tests/unit/test_%.o $(TEST_SUPPORT:%.c=$(B)/%.o) $(B)/libplainsip.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TEST_LIBS) $(WRAP)
$(B)/tests/sim/test_%: $(B)/tests/sim/test_%.o $(TEST_SUPPORT:%.c=$(B)/%.o) $(B)/libplainsip.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TEST_LIBS) $(WRAP)

# this one stands between transport/ and the system: each of these calls fails in turn
FAULTS := epoll_create1 epoll_ctl epoll_wait eventfd signalfd read write getrandom socket setsockopt \
    getsockopt bind getsockname connect send recv recvmsg recvmmsg sendmmsg open close \
    clock_gettime malloc calloc realloc free
comma := ,
$(B)/tests/unit/test_transport_faults: private WRAP := $(FAULTS:%=-Wl$(comma)--wrap=%)

# this one runs a host in virtual time, on a system that refuses to send
HOST_WRAPS := clock_gettime epoll_wait sendmmsg
$(B)/tests/unit/test_host: private WRAP := $(HOST_WRAPS:%=-Wl$(comma)--wrap=%)

# and these make the stack's pools empty at each of its requests in turn
$(B)/tests/sim/test_pools $(B)/tests/sim/test_usage_faults: private WRAP := -Wl,--wrap=ps_pool_take -Wl,--wrap=ps_keep

# this one sees which secrets are wiped
$(B)/tests/sim/test_auth: private WRAP := -Wl,--wrap=ps_wipe

# what the scripts need: a scripted peer, the table of `make amplification`
TEST_TOOLS := $(B)/tests/tools/peer $(B)/tests/tools/amplification
$(B)/tests/tools/amplification: $(B)/tests/sim/amplification.o $(B)/libplainsip.a
$(TEST_TOOLS): %: %.o
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

test-programs: $(TEST_BIN) $(TEST_TOOLS)

# the unit tests run a second time against the two files of `make amalgamation`
AMALGAMATION = $(MAKE) --no-print-directory -f tests/amalgamation.mk B=$(B) CC="$(CC)" \
    CFLAGS="$(CFLAGS)" LDFLAGS="$(LDFLAGS)" VERSION=$(VERSION) FAULTS="$(FAULTS)" HOST_WRAPS="$(HOST_WRAPS)"

# the builds use every core, unless make was told how many
JOBS := $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2))
test: check-installed
	@$(MAKE) --no-print-directory $(JOBS) all test-programs
	+@$(AMALGAMATION) $(JOBS) test-programs
	@B=$(B) CC="$(CC)" sh tests/run.sh $(TEST_BIN) $$(cat $(B)/amalgamation/list)

# ---- the rest ----

bench-peers: all
	@$(MAKE) --no-print-directory -f tests/bench.mk B=$(B) CC="$(CC)" bench-peers

amalgamation shared:
	+@$(AMALGAMATION) $@

# the house, drawn
includes: $(B)/libplainsip.a
	@B=$(B) sh tests/tools/includes.sh

# one INVITE's way to its 200, counted
walk:
	@B=$(B) sh tests/tools/walk.sh

# the list of exported names and layouts that CI compares with (tests/tools/abi.sh)
abi:
	@B=$(B) sh tests/tools/abi.sh make

amplification: all $(B)/tests/tools/amplification
	@B=$(B) sh tests/tools/amplification.sh

bench lint footprint: %: all
	@$(MAKE) --no-print-directory -f tests/$*.mk B=$(B) CC="$(CC)" $*

FUZZ = $(MAKE) --no-print-directory -f fuzz/fuzz.mk B=$(B) CC="$(CC)"
fuzz: $(B)/libplainsip.a
	+@$(FUZZ) $@
fuzz-%: $(B)/libplainsip.a
	+@$(FUZZ) $@

# ---- installing ----

man: $(B)/plainsip
	@sh tests/tools/man.sh $(VERSION) $(B)/plainsip $(B)/man

INCLUDEDIR := $(PREFIX)/include/plainsip
install: all man
	+@$(AMALGAMATION) shared
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(DOCDIR) \
	    $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man3
	for h in $(HEADERS); do install -d $(DESTDIR)$(INCLUDEDIR)/$${h%/*} && \
	    install -m 644 $$h $(DESTDIR)$(INCLUDEDIR)/$$h || exit 1; done
	CC="$(CC)" CPPFLAGS="$(CPPFLAGS)" CFLAGS="$(CFLAGS)" sh tests/tools/installed_limits.sh >$(B)/limits.h
	install -m 644 $(B)/limits.h $(DESTDIR)$(INCLUDEDIR)/sip/limits.h
	install -m 644 $(B)/libplainsip.a $(DESTDIR)$(LIBDIR)/
	install -m 755 $(B)/libplainsip.so.$(VERSION) $(DESTDIR)$(LIBDIR)/
	ln -sf libplainsip.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libplainsip.so.$(SOVERSION)
	ln -sf libplainsip.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libplainsip.so
	install -m 755 $(B)/plainsip $(DESTDIR)$(PREFIX)/bin/
	install -m 644 LICENSE README.md CHANGELOG.md $(DESTDIR)$(DOCDIR)/
	install -m 644 $(B)/man/plainsip.1 $(DESTDIR)$(MANDIR)/man1/
	install -m 644 $(B)/man/plainsip.3 $(DESTDIR)$(MANDIR)/man3/
	printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR:$(PREFIX)/%=$${prefix}/%)' \
	    'includedir=$${prefix}/include' '' \
	    'Name: plainsip' 'Description: a SIP stack in C11 without dependencies' \
	    'Version: $(VERSION)' 'Libs: -L$${libdir} -lplainsip' \
	    'Cflags: -I$${includedir}/plainsip' > $(DESTDIR)$(LIBDIR)/pkgconfig/plainsip.pc

clean:
	rm -rf $(B)

-include $(LIB_OBJ:.o=.d) $(APP_OBJ:.o=.d) $(TEST_TOOLS:=.d) $(TEST_SRC:%.c=$(B)/%.d) $(TEST_SUPPORT:%.c=$(B)/%.d)
