# phonebook: the only build description. GNU Make. All output goes to build/.
#
# Knobs, each settable on the command line or in the environment:
#
#   PREFIX=/usr/local  SYSCONFDIR=/etc  DESTDIR=    where `make install` puts things
#   UNITS="systemd s6 s6-rc runit openrc shepherd"  service definitions to (un)install; none by default
#   BINDIR SBINDIR LIBDIR LIBEXECDIR INCLUDEDIR MANDIR BASHDIR ZSHDIR FISHDIR DOCDIR UNITDIR
#                                                   below PREFIX, unless they say otherwise
#   CC AR OBJCOPY PKG_CONFIG CFLAGS CPPFLAGS LDFLAGS   the usual; of two flags that disagree these win
#   HARDENING=      flags that protect the programs; by default those that CC knows
#   WERROR=1        warnings are errors             V=1  show the commands
#   SANITIZE=LIST   sanitizers, as in `make asan`   BUILD=DIR  another place for the output
#   TESTS=PATTERN   only those system tests         FUZZ_SECONDS=60  per fuzz target
#   BENCH=ARGUMENTS for tests/bench/run             SHELL_IN=1  `make demo` ends with a shell inside

PREFIX     ?= /usr/local
SYSCONFDIR ?= /etc
DESTDIR    ?=
UNITS      ?=
BINDIR     ?= $(PREFIX)/bin
SBINDIR    ?= $(PREFIX)/sbin
LIBDIR     ?= $(PREFIX)/lib
LIBEXECDIR ?= $(PREFIX)/libexec
INCLUDEDIR ?= $(PREFIX)/include
MANDIR     ?= $(PREFIX)/share/man
BASHDIR    ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR     ?= $(PREFIX)/share/zsh/site-functions
# fish looks below PREFIX only where that is /usr, or $XDG_DATA_DIRS has it.
FISHDIR    ?= $(if $(filter /usr,$(PREFIX)),/usr/share/fish/vendor_completions.d,$(SYSCONFDIR)/fish/completions)
DOCDIR     ?= $(PREFIX)/share/doc/phonebook
UNITDIR    ?= $(PREFIX)/lib/systemd/system

PKG_CONFIG   ?= pkg-config
CLANG        ?= clang
CLANG_FORMAT ?= clang-format
CLANG_TIDY   ?= clang-tidy
CPPCHECK     ?= cppcheck
OBJCOPY      ?= objcopy
INSTALL      ?= install

BUILD        ?= build
CFLAGS       ?= -O2 -g
CPPFLAGS     ?=
LDFLAGS      ?=
WERROR       ?=
SANITIZE     ?=
FUZZ_SECONDS ?= 60
SHELL_IN     ?=
TESTS        ?=
BENCH        ?=
V            ?=

VERSION := 0.1.0
# Raised by a release that programs compiled for the release before cannot use, for example because a
# struct of phonebook.h has grown. There has been no release yet.
SOVERSION := 0

# ---- flags ---------------------------------------------------------------------------------------

WARNINGS ?= -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wpointer-arith -Wvla

# The flags that CC accepts for this processor, with CFLAGS and without a warning; CC is asked once, at the
# first use. FORTIFY_SOURCE needs optimization. A level that CFLAGS or CPPFLAGS set stays.
takes = $(shell $(CC) $(CFLAGS) -Werror $(1) -include features.h -S -o /dev/null -x c /dev/null \
        2>/dev/null && echo '$(1)')
fortify_level = $(call takes,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$(1))
fortify = $(if $(findstring _FORTIFY_SOURCE,$(CC) $(CPPFLAGS) $(CFLAGS)),, \
          $(or $(call fortify_level,3),$(call fortify_level,2)))
pie = $(if $(filter -fno-pie -fno-PIE -no-pie -static,$(CFLAGS) $(LDFLAGS)),,$(call takes,-fPIE))
protections = $(fortify) $(pie) $(foreach flag,-fstack-protector-strong -fstack-clash-protection \
              -fcf-protection -mbranch-protection=standard,$(call takes,$(flag)))
ifeq ($(SANITIZE),)
HARDENING ?= $(eval HARDENING := $$(protections))$(HARDENING)
else
HARDENING ?= -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
endif

# For a C library other than glibc: musl.
libc_flags = $(eval libc_flags := $$(if $$(call takes,-include gnu/libc-version.h),, \
             -include compat/musl.h -idirafter compat))$(libc_flags)
defines = -D_GNU_SOURCE -DPHONEBOOK_VERSION='"$(VERSION)"' -DSYSCONFDIR='"$(SYSCONFDIR)"'
# No strict aliasing: TAILQ_LAST of sys/queue.h reads an element of a list as a head.
compile = $(CC) -std=gnu11 -fno-strict-aliasing $(defines) $(libc_flags) $(WARNINGS) \
          $(if $(filter 1,$(WERROR)),-Werror) $(HARDENING) $(room_flags) $(CPPFLAGS) $(CFLAGS) $(last_flags)
link_any = $(CC) $(HARDENING) $(CFLAGS) -Wl,-z,relro,-z,now -Wl,--as-needed
link    = $(link_any) $(if $(filter -fPIE,$(HARDENING)),-pie) $(LDFLAGS)

# pkg-config is asked once, at the first use: `make demo` and `make check` may have to install it first.
ask = $(shell $(PKG_CONFIG) $(1))$(if $(filter-out 0,$(.SHELLSTATUS)),$(error \
      $(PKG_CONFIG) $(1) failed; `make packages`, as root, installs what is missing on Debian))
DAEMON_PACKAGES := libuv libmnl inih libseccomp
DAEMON_CFLAGS = $(eval DAEMON_CFLAGS := $$(call ask,--cflags $(DAEMON_PACKAGES)))$(DAEMON_CFLAGS)
DAEMON_LIBS   = $(eval DAEMON_LIBS := $$(call ask,--libs $(DAEMON_PACKAGES)))$(DAEMON_LIBS)
KEEPER_LIBS   = $(eval KEEPER_LIBS := $$(call ask,--libs libseccomp))$(KEEPER_LIBS)
# Tests compare data.cdb with the output of tinycdb.
TEST_LIBS     = $(eval TEST_LIBS := $$(DAEMON_LIBS) $$(call ask,--libs libcdb))$(TEST_LIBS)
CMOCKA_LIBS   = $(eval CMOCKA_LIBS := $$(call ask,--libs cmocka))$(CMOCKA_LIBS)

ifeq ($(V),1)
Q :=
say :=
else
Q := @
say = @printf '  %-5s %s\n' $(1) $(patsubst $(BUILD)/%,%,$@);
MAKEFLAGS += --no-print-directory
endif

# ---- sources -------------------------------------------------------------------------------------

# In publish-client/, command*.c and main.c are the command; the rest is the library,
# with the parts of common/ that it needs.
COMMAND_SOURCES := $(wildcard publish-client/command*.c publish-client/main.c)

COMMON_SOURCES  := $(wildcard common/*.c)
ZONES_SOURCES   := $(wildcard zones/*.c zones/*/*.c)
CLIENT_SOURCES  := $(filter-out $(COMMAND_SOURCES),$(wildcard publish-client/*.c))
LIBRARY_SOURCES := $(CLIENT_SOURCES) $(addprefix common/,request-options.c number.c words.c standard-fds.c)
KEEPER_SOURCES  := $(wildcard keeper/*.c)
DAEMON_SOURCES  := $(wildcard phonebookd/*.c phonebookd/*/*.c)
# Examples for event libraries are compiled by their test, as a user would compile them.
EXAMPLE_SOURCES := $(filter-out %/libuv.c %/glib.c,$(wildcard publish-client/examples/*.c))
TEST_SOURCES    := $(wildcard tests/unit/*.c tests/loop/*.c)
FUZZ_SOURCES    := $(wildcard tests/fuzz/fuzz-*.c)
# Simple code that computes anew what phonebookd keeps up to date; tests compare both.
REFERENCE_SOURCES := $(wildcard tests/reference/*.c)
BENCH_SOURCES   := $(wildcard tests/bench/*.c)
BENCH_PARTS     := $(wildcard tests/bench/parts/*.c)
PRODUCT_SOURCES := $(COMMON_SOURCES) $(ZONES_SOURCES) $(CLIENT_SOURCES) $(COMMAND_SOURCES) \
                   $(KEEPER_SOURCES) $(DAEMON_SOURCES) $(EXAMPLE_SOURCES) demo/ask.c
SOURCES := $(PRODUCT_SOURCES) \
           $(TEST_SOURCES) $(REFERENCE_SOURCES) $(FUZZ_SOURCES) tests/fuzz/replay.c $(BENCH_SOURCES) $(BENCH_PARTS)
HEADERS := $(wildcard compat/*.h compat/*/*.h include/*.h common/*.h zones/*.h zones/*/*.h publish-client/*.h keeper/*.h \
                      phonebookd/*.h phonebookd/*/*.h tests/*/*.h)
MANUALS := $(wildcard docs/*.[1-8])
ZONE_FILES := $(wildcard zones/*.zone)
DOCUMENTS := README.md $(wildcard docs/*.md docs/recipes/*.* docs/recipes/axfrdns/tcp docs/recipes/namespaces/*.*) \
             docs/recipes/namespaces/shibari/notification-fd
RECIPE_SCRIPTS := $(addprefix docs/recipes/,update-parent notify-secondaries nft-prefixes axfrdns/run \
                                           $(addprefix namespaces/,mux app guest shibari/run))

# ---- what is built -------------------------------------------------------------------------------

obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
LIB := $(BUILD)/lib

PROGRAMS  := $(BUILD)/phonebookd $(BUILD)/phonebook $(if $(KEEPER_SOURCES),$(BUILD)/phonebook-keeper)
LIBRARIES := $(BUILD)/libphonebook.a $(BUILD)/libphonebook.so $(BUILD)/libphonebook.pc
EXAMPLES  := $(EXAMPLE_SOURCES:publish-client/examples/%.c=$(BUILD)/examples/%)
UNIT_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test-*.c))
LOOP_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/loop/test-*.c))
REPLAYS    := $(patsubst %.c,$(BUILD)/%,$(FUZZ_SOURCES))
BENCHES    := $(patsubst %.c,$(BUILD)/%,$(BENCH_SOURCES))

.PHONY: all
all: $(PROGRAMS) $(LIBRARIES) $(EXAMPLES)

# With CPPFLAGS=-fsyntax-only, CC checks all sources and makes nothing.
.PHONY: product-objects
product-objects: $(call obj,$(PRODUCT_SOURCES))

$(BUILD)/obj/%.o: %.c
	$(call say,CC)mkdir -p $(@D)
	$(Q)$(compile) -MMD -MP -c -o $@ $<

define archive
	$(call say,AR)mkdir -p $(@D) && rm -f $@
	$(Q)$(AR) rcs $@ $^
endef

# One archive per directory, so that a test program contains only the objects that it needs.
$(LIB)/common.a: $(call obj,$(COMMON_SOURCES))
	$(archive)
$(LIB)/libzones.a: $(call obj,$(ZONES_SOURCES))
	$(archive)
$(LIB)/client.a: $(call obj,$(CLIENT_SOURCES))
	$(archive)
$(LIB)/command.a: $(call obj,$(filter-out publish-client/main.c,$(COMMAND_SOURCES)))
	$(archive)
$(LIB)/keeper.a: $(call obj,$(filter-out keeper/main.c,$(KEEPER_SOURCES)))
	$(archive)
$(LIB)/daemon.a: $(call obj,$(filter-out phonebookd/main.c,$(DAEMON_SOURCES)))
	$(archive)

$(LIB)/reference.a: $(call obj,$(REFERENCE_SOURCES))
	$(archive)

ROOMS := $(LIB)/daemon.a $(LIB)/keeper.a $(LIB)/client.a $(LIB)/libzones.a $(LIB)/common.a
TEST_ROOMS := $(LIB)/reference.a $(ROOMS) $(LIB)/command.a

$(call obj,$(ZONES_SOURCES) $(DAEMON_SOURCES) $(TEST_SOURCES) $(REFERENCE_SOURCES) $(FUZZ_SOURCES) $(BENCH_SOURCES)): \
    private room_flags = $(DAEMON_CFLAGS)
# Without link-time optimization: in objects that are optimized later, the archive below could not hide
# internal symbols.
$(call obj,$(LIBRARY_SOURCES)): private last_flags = -fPIC -fno-lto

$(BUILD)/phonebookd: $(BUILD)/obj/phonebookd/main.o $(ROOMS)
	$(call say,LINK)$(link) -o $@ $^ $(DAEMON_LIBS)

$(BUILD)/phonebook-keeper: $(call obj,$(KEEPER_SOURCES)) $(LIB)/common.a
	$(call say,LINK)$(link) -o $@ $^ $(KEEPER_LIBS)

# The command uses the library like any other program, through include/phonebook.h. Of zones/ it has the
# compiler.
$(BUILD)/phonebook: $(call obj,publish-client/main.c) $(LIB)/command.a $(BUILD)/libphonebook.a \
                    $(LIB)/libzones.a $(LIB)/common.a
	$(call say,LINK)$(link) -o $@ $^

$(BUILD)/examples/%: $(BUILD)/obj/publish-client/examples/%.o $(BUILD)/libphonebook.a
	$(call say,LINK)mkdir -p $(@D)
	$(Q)$(link) -o $@ $^

# Both libraries export phonebook_* only; in the archive, a partial link hides all other symbols.
$(BUILD)/libphonebook.a: $(call obj,$(LIBRARY_SOURCES))
	$(call say,AR)mkdir -p $(LIB) && rm -f $@
	$(Q)$(CC) -r -nostdlib -o $(LIB)/libphonebook.o $^
	$(Q)$(OBJCOPY) --wildcard --keep-global-symbol='phonebook_*' $(LIB)/libphonebook.o
	$(Q)$(AR) rcs $@ $(LIB)/libphonebook.o

$(BUILD)/libphonebook.so.$(SOVERSION): $(call obj,$(LIBRARY_SOURCES)) publish-client/libphonebook.map
	$(call say,LINK)$(link_any) $(LDFLAGS) -shared -Wl,-soname,$(@F) \
	    -Wl,--version-script=publish-client/libphonebook.map -o $@ $(filter %.o,$^)

$(BUILD)/libphonebook.so: $(BUILD)/libphonebook.so.$(SOVERSION)
	$(Q)ln -sf $(<F) $@

# Made each time, because PREFIX may have changed since the last run.
$(BUILD)/libphonebook.pc: publish-client/libphonebook.pc.in FORCE
	$(call say,GEN)sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@LIBDIR@|$(LIBDIR)|g' \
	    -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|g' -e 's|@VERSION@|$(VERSION)|g' $< >$@

$(BUILD)/demo/ask: $(BUILD)/obj/demo/ask.o
	$(call say,LINK)mkdir -p $(@D)
	$(Q)$(link) -o $@ $^

# ---- install -------------------------------------------------------------------------------------

CONFDIR := $(SYSCONFDIR)/phonebook

define newline


endef

# $(call put,MODE,FILES,DIRECTORY)
put = $(if $(strip $(2)),$(Q)$(INSTALL) -d '$(DESTDIR)$(3)' && \
      $(INSTALL) -m $(1) $(2) '$(DESTDIR)$(3)/')
# $(call put_document,MODE,FILE)
put_document = $(Q)$(INSTALL) -D -m $(1) $(2) '$(DESTDIR)$(DOCDIR)/$(2:docs/%=%)'
put_completion = $(Q)$(INSTALL) -D -m 644 publish-client/completion/phonebook.$(1) '$(DESTDIR)$(2)'
# bash and fish look for a file with the name of the command; this one knows all three.
COMPLETION_LINKS := $(foreach daemon,phonebookd phonebook-keeper,$(BASHDIR)/$(daemon) $(FISHDIR)/$(daemon).fish)
# Installs configuration, with the place of the documents in it. A file that exists already belongs to the
# administrator, and stays.
put_new = $(INSTALL) -d '$(DESTDIR)$(2)' && for file in $(1); do \
          new='$(DESTDIR)$(2)'/$${file\#\#*/}; \
          if [ -e "$$new" ]; then echo "kept: $$new"; else \
          sed 's|@DOCDIR@|$(DOCDIR)|g' $$file >"$$new" && chmod 644 "$$new"; fi; done

.PHONY: install uninstall
install: all
	$(call put,755,$(filter-out %/phonebook,$(PROGRAMS)),$(SBINDIR))
	$(call put,755,$(BUILD)/phonebook,$(BINDIR))
	$(call put,644,$(BUILD)/libphonebook.a,$(LIBDIR))
	$(call put,755,$(BUILD)/libphonebook.so.$(SOVERSION),$(LIBDIR))
	$(Q)ln -sf libphonebook.so.$(SOVERSION) '$(DESTDIR)$(LIBDIR)/libphonebook.so'
	$(call put,644,$(BUILD)/libphonebook.pc,$(LIBDIR)/pkgconfig)
	$(call put,644,include/phonebook.h,$(INCLUDEDIR))
	$(foreach n,1 3 5 7 8,$(call put,644,$(filter %.$(n),$(MANUALS)),$(MANDIR)/man$(n))$(newline))
	$(call put_completion,bash,$(BASHDIR)/phonebook)
	$(call put_completion,zsh,$(ZSHDIR)/_phonebook)
	$(call put_completion,fish,$(FISHDIR)/phonebook.fish)
	$(foreach link,$(COMPLETION_LINKS),$(Q)ln -sf phonebook$(suffix $(link)) '$(DESTDIR)$(link)'$(newline))
	$(foreach file,$(DOCUMENTS),$(call put_document,644,$(file))$(newline))
	$(foreach file,$(RECIPE_SCRIPTS),$(call put_document,755,$(file))$(newline))
	$(if $(DESTDIR),,$(Q)ldconfig || true)
	$(Q)$(call put_new,phonebookd/phonebookd.conf,$(CONFDIR))
	$(Q)if [ -d '$(DESTDIR)$(CONFDIR)/zones' ]; then echo 'kept: $(DESTDIR)$(CONFDIR)/zones'; else \
	    $(call put_new,$(ZONE_FILES),$(CONFDIR)/zones); fi
	$(install_units) start $(UNITS)

install_units = $(Q)DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' SYSCONFDIR='$(SYSCONFDIR)' \
	        BINDIR='$(BINDIR)' SBINDIR='$(SBINDIR)' UNITDIR='$(UNITDIR)' LIBEXECDIR='$(LIBEXECDIR)' \
	        units/install

# The configuration stays, as with a package manager's "remove". UNITS: service definitions to remove.
uninstall:
	$(install_units) --remove start $(UNITS)
	$(Q)rm -f $(foreach file,$(patsubst $(BUILD)/%,$(SBINDIR)/%,$(filter-out %/phonebook,$(PROGRAMS))) \
	    $(BINDIR)/phonebook $(LIBDIR)/libphonebook.a $(LIBDIR)/libphonebook.so \
	    $(LIBDIR)/libphonebook.so.$(SOVERSION) $(LIBDIR)/pkgconfig/libphonebook.pc \
	    $(INCLUDEDIR)/phonebook.h \
	    $(BASHDIR)/phonebook $(ZSHDIR)/_phonebook $(FISHDIR)/phonebook.fish $(COMPLETION_LINKS) \
	    $(patsubst %,$(DOCDIR)/%,$(patsubst docs/%,%,$(DOCUMENTS) $(RECIPE_SCRIPTS))) \
	    $(foreach page,$(notdir $(MANUALS)),$(MANDIR)/man$(subst .,,$(suffix $(page)))/$(page)), \
	    '$(DESTDIR)$(file)')
	$(Q)rmdir $(foreach d,/recipes/axfrdns /recipes/namespaces/shibari /recipes/namespaces /recipes /,'$(DESTDIR)$(DOCDIR)$(d)') 2>/dev/null || true

# ---- tests ---------------------------------------------------------------------------------------

# `make demo` and `make check` are the two commands for newcomers: each first installs the Debian
# packages that are missing, and then builds in a second make.
.PHONY: packages check check-unit check-loop check-system check-layers check-man asan demo
packages:
	$(Q)tests/packages build demo check neighbours bench tidy fuzz

check:
	$(Q)tests/packages build demo check neighbours
	$(Q)$(MAKE) $(jobs) programs
	$(Q)$(MAKE) check-built

check_programs = $(UNIT_TESTS) $(LOOP_TESTS) $(REPLAYS) $(system_programs)
system_programs = $(BUILD)/tests/bench/compile-fuzz $(BUILD)/tests/bench/pipeline \
                  $(BUILD)/tests/system/clock.so $(BUILD)/tests/system/intruder.so
run_tests = $(Q)tests/run --build $(BUILD) $(if $(TESTS),--tests '$(TESTS)')

# The build uses all processors, unless -j is given; then the legs of the tests run one by one.
jobs = $(if $(filter -j%,$(MAKEFLAGS)),,-j$$(nproc))

.PHONY: programs check-built
programs: all $(check_programs) $(BUILD)/demo/ask
check-built: programs
	$(run_tests)
check-unit: $(UNIT_TESTS)
	$(run_tests) unit
check-loop: $(LOOP_TESTS)
	$(run_tests) loop
check-replay: $(REPLAYS)
	$(run_tests) replay
check-system: all $(system_programs)
	$(run_tests) system
# The tests that need no namespaces; they take less than a minute.
check-quick: $(UNIT_TESTS) $(LOOP_TESTS) $(REPLAYS) all
	$(run_tests) unit loop replay
check-layers check-man: check-%:
	$(run_tests) $*
check-symbols check-state check-completion: check-%: all
	$(run_tests) $*

asan:
	$(Q)PHONEBOOK_TEST_SLOW=4 $(MAKE) BUILD=$(BUILD)/asan SANITIZE=address,undefined check

demo:
	$(Q)tests/packages build demo
	$(Q)$(MAKE) $(jobs) all $(BUILD)/demo/ask
	$(Q)$(MAKE) demo-built
.PHONY: demo-built check-quick check-replay check-symbols check-state check-completion
demo-built: all $(BUILD)/demo/ask
	$(Q)rm -rf $(BUILD)/demo/root
	$(Q)$(MAKE) install DESTDIR=$(BUILD)/demo/root PREFIX=/usr SYSCONFDIR=/etc UNITS=
	$(Q)SHELL_IN='$(SHELL_IN)' demo/run $(BUILD)/demo

# Helpers beside tests (no test-*.c) are linked into every test of their directory, those of unit/ also
# into those of loop/.
test_support = $(call obj,$(filter-out tests/$(1)/test-%,$(wildcard tests/$(1)/*.c)))
link_test = $(call say,LINK)mkdir -p $(@D) && \
            $(link) -o $@ $(filter %.o,$^) -Wl,--start-group $(TEST_ROOMS) -Wl,--end-group

$(UNIT_TESTS): $(BUILD)/%: $(BUILD)/obj/%.o $(call test_support,unit) $(TEST_ROOMS)
	$(link_test) $(CMOCKA_LIBS) $(TEST_LIBS)
$(LOOP_TESTS): $(BUILD)/%: $(BUILD)/obj/%.o $(call test_support,loop) $(call test_support,unit) $(TEST_ROOMS)
	$(link_test) $(CMOCKA_LIBS) $(TEST_LIBS)
$(REPLAYS): $(BUILD)/%: $(BUILD)/obj/%.o $(BUILD)/obj/tests/fuzz/replay.o $(TEST_ROOMS)
	$(link_test) $(CMOCKA_LIBS) $(TEST_LIBS)
$(BENCHES): $(BUILD)/%: $(BUILD)/obj/%.o $(call obj,$(BENCH_PARTS)) $(TEST_ROOMS)
	$(link_test) $(TEST_LIBS)

# Built without a sanitizer, because the programs that preload these may be built with one.
$(BUILD)/tests/system/%.so: tests/system/%.c
	$(call say,LINK)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(defines) $(WARNINGS) -O2 -fPIC -shared -o $@ $<

# Fuzzing, with clang. Inputs that it finds belong into tests/fuzz/corpus/, which `make check` replays.
.PHONY: fuzz fuzz-built bench tidy format clean FORCE
fuzz:
	$(Q)tests/packages build fuzz
	$(Q)$(MAKE) $(jobs) BUILD=$(BUILD)/fuzz CC=$(CLANG) SANITIZE=address,undefined \
	    CFLAGS='-O1 -g -fsanitize=fuzzer-no-link' fuzz-built
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/%,$(FUZZ_SOURCES))
$(FUZZERS): $(BUILD)/%: $(BUILD)/obj/tests/fuzz/%.o $(TEST_ROOMS)
	$(link_test) $(CMOCKA_LIBS) $(TEST_LIBS) -fsanitize=fuzzer
fuzz-built: $(FUZZERS)
	$(Q)for fuzzer in $(FUZZERS); do \
	    name=$${fuzzer##*/fuzz-}; found=$(BUILD)/corpus/$$name; echo "  FUZZ  $$name"; \
	    mkdir -p $$found; \
	    $$fuzzer -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=$(BUILD)/$$name- \
	        -verbosity=0 -print_final_stats=1 $$found $$(ls -d tests/fuzz/corpus/$$name 2>/dev/null) \
	        || exit; \
	done

bench:
	$(Q)tests/packages build demo check bench
	$(Q)$(MAKE) $(jobs) all $(BENCHES)
	$(Q)tests/bench/run --build $(BUILD) $(BENCH)

tidy:
	$(Q)tests/packages build check tidy
	$(Q)tests/check-dialect
	$(Q)tests/check-dialect-mutated
	$(Q)mkdir -p $(BUILD)/tidy
	$(Q)printf '%s\n' -std=gnu11 $(defines) $(DAEMON_CFLAGS) >$(BUILD)/tidy/compile_flags.txt
	$(Q)printf '%s\n' $(SOURCES) | xargs -n 4 -P "$$(nproc)" $(CLANG_TIDY) --quiet -p $(BUILD)/tidy
	$(Q)$(CPPCHECK) --quiet --enable=warning,performance,portability --inline-suppr \
	    --std=c11 $(defines) --include=/usr/include/$$($(CC) -print-multiarch)/sys/queue.h \
	    --error-exitcode=1 $(PRODUCT_SOURCES)
	$(Q)$(CLANG_FORMAT) --dry-run -Werror $(SOURCES) $(HEADERS)

format:
	$(Q)$(CLANG_FORMAT) -i $(SOURCES) $(HEADERS)

clean:
	$(Q)rm -rf $(BUILD)

FORCE:

.SECONDARY:
.DELETE_ON_ERROR:

-include $(patsubst %.c,$(BUILD)/obj/%.d,$(SOURCES))
