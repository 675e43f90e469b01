# SPDX-License-Identifier: GPL-2.0-or-later
# plateveil. `make help` says what there is.

.DEFAULT_GOAL := all
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash
.DELETE_ON_ERROR:

BUILD := build
# Annotated ones, where they are beside the project.
PHOTOS := ../shared/data/plates/dev
comma := ,
PREFIX ?= /usr/local
CC ?= gcc
PYTHON ?= /usr/bin/python3

CFLAGS ?= -O3 -g
WERROR := -Werror
WARN := -Wall -Wextra $(WERROR) -Wshadow -Wno-missing-field-initializers
# Nobody asks for errno, for whose sake lrintf() and sqrtf() would be calls instead of one instruction.
PV_CFLAGS = -std=c11 -D_GNU_SOURCE -fno-math-errno -Iuserspace -Ikmod $(WARN) $(CPPFLAGS) $(CFLAGS)
LIBS := -lXNNPACK -lpthreadpool -ljpeg -lv4l2 -lv4lconvert -linih -lcjson -ludev -lseccomp -lz -lm -pthread

# --- user space -------------------------------------------------------------

# What both programs, the tests and the benchmarks share.
CORE := $(patsubst %.c,%,$(wildcard $(addprefix userspace/,$(addsuffix /*.c,frame codec detect track redact rules camera)))) \
	$(addprefix userspace/veild/,pace sieve upright pipeline flow control request access)
CLI := $(patsubst %.c,%,$(wildcard userspace/cli/*.c))
VEILD := $(filter-out $(CORE),$(patsubst %.c,%,$(wildcard userspace/veild/*.c)))
WEIGHTS := userspace/detect/network.pvn
SECOND := userspace/detect/second.pvn

# objects KIND,SOURCES: a kind is a set of flags (opt, or asan for the unit tests)
objects = $(patsubst %,$(BUILD)/$1/%.o,$2)
FLAGS_opt :=
FLAGS_asan := -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

# What was built with other libraries is built anew, as on an upgraded machine the old ones are gone; and what was
# built by another compiler or other flags. (Some kinds have a CC of their own, which is not meant.)
BUILT_WITH := $(BUILD)/built-with
COMPILER := $(CC)
$(BUILT_WITH): FORCE
	@mkdir -p $(@D) && [ -w $(@D) ] || { echo "$(@D) is another user's: remove it (sudo make clean)"; exit 1; }
	@dpkg-query -W -f '$${Package} $${Version}\n' 'libxnnpack*' 'libjpeg*' 'libv4l*' libinih1 'libcjson1*' 'libudev1*' \
		'libseccomp2*' libc6 >$@.new 2>/dev/null || :
	@{ $(COMPILER) --version && echo '$(PV_CFLAGS)'; } >>$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
FORCE:

define compile_kind
$(BUILD)/$1/%.o: %.c $(BUILT_WITH)
	@mkdir -p $$(@D)
	$$(CC) $$(PV_CFLAGS) $$(FLAGS_$1) -MMD -MP -c $$< -o $$@
$(BUILD)/$1/userspace/detect/weights.o: userspace/detect/weights.S $(WEIGHTS) $(SECOND)
	@mkdir -p $$(@D)
	$$(CC) -DPV_WEIGHTS='"$(WEIGHTS)"' -DPV_SECOND='"$(SECOND)"' -c $$< -o $$@
endef
$(foreach kind,opt asan fuzz,$(eval $(call compile_kind,$(kind))))

CORE_opt = $(call objects,opt,$(CORE)) $(BUILD)/opt/userspace/detect/weights.o
CORE_asan = $(call objects,asan,$(CORE)) $(BUILD)/asan/userspace/detect/weights.o

$(BUILD)/plateveil: $(CORE_opt) $(call objects,opt,$(CLI))
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@ $(LIBS)
$(BUILD)/plateveild: $(CORE_opt) $(call objects,opt,$(VEILD))
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@ $(LIBS)

PROGRAMS := $(BUILD)/plateveil $(BUILD)/plateveild

# Man pages and completion, from the tables of commands and rules.
DOCS := $(BUILD)/docs
$(DOCS): $(CORE_opt) $(call objects,opt,$(filter-out userspace/cli/main,$(CLI)) scripts/docs/docs)
	$(CC) $(CFLAGS) $^ -o $@ $(LIBS)
MAN := $(patsubst userspace/man/%.in,$(BUILD)/man/%,$(wildcard userspace/man/*.in))
$(BUILD)/man/%: userspace/man/%.in $(DOCS)
	@mkdir -p $(@D)
	$(DOCS) man $< >$@
COMPLETION := $(addprefix $(BUILD)/completion/,plateveil _plateveil plateveil.fish)
$(COMPLETION): $(DOCS)
	@mkdir -p $(@D)
	$(DOCS) $(if $(filter %.fish,$@),fish,$(if $(filter %/_plateveil,$@),zsh,bash)) >$@
documents: $(MAN) $(COMPLETION)

# --- the module -------------------------------------------------------------

# For the running kernel where its headers are installed, else for the newest
# whose headers are. Each version is built in a directory of its own.
KVER ?= $(or $(shell [ -d /lib/modules/$$(uname -r)/build ] && uname -r),$(shell \
	basename $$(dirname $$(ls -dv /lib/modules/*/build 2>/dev/null | tail -n 1))))
KDIR ?= /lib/modules/$(KVER)/build
KMOD = $(BUILD)/kmod-$(KVER)/plateveil.ko
KMOD_SOURCES := Kbuild $(wildcard kmod/*.[ch] kmod/uapi/*.h)

# The kernel's makefiles know no spaces in names.
module:
	$(if $(word 2,$(CURDIR)),$(error the module cannot be built in a folder with a space in its name: move $(CURDIR)))
	@$(MAKE) $(KMOD) KVER=$(KVER)
$(BUILD)/kmod-%/plateveil.ko: $(KMOD_SOURCES)
	@mkdir -p $(@D)
	rm -f $(@D)/kmod/*.[ch] $(@D)/kmod/uapi/*.h
	cp -pr Kbuild kmod $(@D)/
	$(MAKE) -C $(KDIR) M=$(CURDIR)/$(@D) W=1 modules
$(BUILD)/odd-%/odd.ko: tests/vm/odd/odd.c
	@mkdir -p $(@D)
	cp -pu tests/vm/odd/* $(@D)/
	$(MAKE) -C $(KDIR) M=$(CURDIR)/$(@D) modules

# --- tools of the tests and the demo -----------------------------------------

WEBCAM := $(BUILD)/webcam
$(WEBCAM): $(call objects,opt,$(patsubst %.c,%,$(wildcard tests/webcam/*.c)))
	$(CC) $(CFLAGS) $^ -o $@ -lturbojpeg -lm
VIEWER := $(BUILD)/viewer
$(VIEWER): $(BUILD)/opt/tests/vm/viewer.o
	$(CC) $(CFLAGS) $^ -o $@ -lturbojpeg -lm
$(BUILD)/veil: $(BUILD)/opt/tests/vm/veil.o
	$(CC) $(CFLAGS) $^ -o $@
$(BUILD)/storm: $(BUILD)/opt/tests/vm/storm.o
	$(CC) $(CFLAGS) $^ -o $@
# A program that wants out of the veiler's sandbox.
$(BUILD)/breakout: $(call objects,opt,tests/vm/breakout $(addprefix userspace/veild/,sandbox filter link))
	$(CC) $(CFLAGS) $^ -o $@ -lseccomp
# plateveild with veilers that want out.
$(BUILD)/plateveild-hostile: $(CORE_opt) $(call objects,opt,$(VEILD) tests/vm/hostile)
	$(CC) $(CFLAGS) -Wl,--wrap=pv_feed_seal,--wrap=pv_veiler_run $^ -o $@ $(LIBS)
MODULE_TESTS := $(BUILD)/module-tests
$(MODULE_TESTS): $(call objects,opt,$(patsubst %.c,%,$(wildcard tests/vm/module/*.c)))
	$(CC) $(CFLAGS) $^ -o $@ -lturbojpeg
$(BUILD)/deliver: $(BUILD)/opt/tests/bench/deliver.o
	$(CC) $(CFLAGS) $^ -o $@
$(BUILD)/latency: $(BUILD)/opt/tests/bench/latency.o
	$(CC) $(CFLAGS) $^ -o $@ -lturbojpeg
$(BUILD)/fuzz-ioctl: $(call objects,opt,$(addprefix tests/fuzz/,ioctl random control gates node))
	$(CC) $(CFLAGS) $^ -o $@ -pthread
# The same for 32 bits, static so that it runs in any root.
$(BUILD)/module-tests32: $(filter-out %/jpeg.c %/card.c,$(wildcard tests/vm/module/*.c)) $(wildcard tests/vm/module/*.h) \
		kmod/uapi/plateveil.h
	@mkdir -p $(@D)
	i686-linux-gnu-gcc $(PV_CFLAGS) -D_FILE_OFFSET_BITS=64 -static $(filter %.c,$^) -o $@
# libFuzzer: tests/fuzz/fuzz-NAME.c, all of user space that it needs, and seeds in tests/fuzz/seeds/NAME.
FUZZERS := $(patsubst tests/fuzz/fuzz-%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz-*.c))
FLAGS_fuzz := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
$(BUILD)/fuzz/userspace/%.o $(BUILD)/fuzz/tests/%.o: CC := clang
$(BUILD)/fuzz/%: $(call objects,fuzz,$(CORE)) $(BUILD)/fuzz/userspace/detect/weights.o \
		$(BUILD)/fuzz/tests/fuzz/fuzz-%.o
	clang -fsanitize=fuzzer,address,undefined $^ -o $@ $(LIBS)
SCENE := $(BUILD)/scene
$(SCENE): $(wildcard scripts/scene/*.[ch])
	@mkdir -p $(@D)
	$(CC) $(PV_CFLAGS) $(shell pkg-config --cflags cairo) $(filter %.c,$^) -o $@ \
		$(shell pkg-config --libs cairo) -lturbojpeg -lm
PATTERN := $(BUILD)/pattern
$(PATTERN): $(BUILD)/opt/tests/vm/pattern.o
	$(CC) $(CFLAGS) $^ -o $@ -lturbojpeg
JUDGE := $(BUILD)/judge
$(JUDGE): $(BUILD)/opt/scripts/demo/judge.o
	$(CC) $(CFLAGS) $^ -o $@ -lturbojpeg -lm
UNIT := $(BUILD)/unit
$(UNIT): $(CORE_asan) $(call objects,asan,$(patsubst %.c,%,$(wildcard tests/unit/*.c)) \
		userspace/veild/link userspace/veild/offer)
	$(CC) $(FLAGS_asan) -Wl,--wrap=pv_detector_follow,--wrap=pv_tracker_before,--wrap=realloc $^ -o $@ $(LIBS) -lturbojpeg $(shell pkg-config --libs check)
ACCURACY := $(BUILD)/accuracy
$(ACCURACY): $(CORE_opt) $(call objects,opt,$(patsubst %.c,%,$(wildcard tests/accuracy/*.c)))
	$(CC) $(CFLAGS) $^ -o $@ $(LIBS)
LEAKS := $(BUILD)/leaks
$(LEAKS): $(CORE_opt) $(call objects,opt,$(patsubst %.c,%,$(wildcard tests/leaks/*.c)) tests/accuracy/photos)
	$(CC) $(CFLAGS) $^ -o $@ $(LIBS)
BENCH := $(BUILD)/bench
$(BENCH): $(CORE_opt) $(call objects,opt,$(addprefix tests/bench/,pipeline frames ffmpeg))
	$(CC) $(CFLAGS) $^ -o $@ $(LIBS) -lavcodec -lavutil
# The real veiler, but for what it meets.
BENCH_RULES := $(BUILD)/bench-rules
$(BENCH_RULES): $(CORE_opt) $(call objects,opt,$(filter-out %/plateveild,$(VEILD)) tests/bench/rules tests/bench/frames)
	$(CC) $(CFLAGS) $(addprefix -Wl$(comma)--wrap=pv_,sandbox_isolate sandbox_enter feed_open feed_state \
		feed_bind feed_unbind feed_seal camera_open camera_start camera_gives_jpeg camera_next \
		camera_done) $^ -o $@ $(LIBS)
PRIVACY := $(BUILD)/privacy
$(PRIVACY): tests/privacy/privacy.c $(CORE_opt)
	@mkdir -p $(@D)
	$(CC) $(PV_CFLAGS) $(shell pkg-config --cflags cairo) $^ -o $@ $(LIBS) $(shell pkg-config --libs cairo)

BENCH_DETECT := $(BUILD)/bench-detect
$(BENCH_DETECT): $(CORE_opt) $(call objects,opt,tests/bench/detect tests/bench/frames)
	$(CC) $(CFLAGS) $^ -o $@ $(LIBS)
# Frames to time things on.
STREET := $(BUILD)/bench-1080p
$(STREET): $(SCENE)
	$(SCENE) --size 1920x1080 --frames 24 $@.new
	rm -rf $@ && mv $@.new $@

# And as a webcam sends them, of about 250 KB.
WEBCAM_FRAMES := $(BUILD)/bench-webcam
$(WEBCAM_FRAMES): $(SCENE)
	$(SCENE) --size 1920x1080 --frames 240 --only 40 --quality 78 $@.new
	rm -rf $@ && mv $@.new $@

# --- what people call -------------------------------------------------------

.PHONY: all documents fuzz module demo test test-install quick matrix arm64 kasan kcsan storm vm accuracy leaks \
	privacy bench bench-detect bench-kernel bench-latency apps \
	train train-second train-preview lint install uninstall deb programs clean help

programs: $(PROGRAMS) documents

all: ## the programs and the module
	@scripts/deps build
	@$(MAKE) $(PROGRAMS) documents module

demo: ## a veiled webcam in a VM, start to finish; CLIP=FILE shows that video instead
	@[ -z "$(CLIP)" ] || [ -r "$(CLIP)" ] || { echo "demo: $(CLIP) cannot be read"; exit 2; }
	@scripts/deps build vm demo
	@mkdir -p $(BUILD)
	@$(MAKE) $(PROGRAMS) $(WEBCAM) $(SCENE) $(JUDGE) >$(BUILD)/log || { tail -n 30 $(BUILD)/log; exit 1; }
	@kernel=$$(scripts/vm/kernel) && $(MAKE) module KVER=$$kernel
	@scripts/demo/demo $(if $(CLIP),"$(CLIP)")

test: ## everything: unit tests, then the tests in the VM, then the packages
	@scripts/deps build vm test deb matrix arm64
	@tests/run unit cli accuracy arm64 vm install

test-install: ## the packages: built, put into a clean root that boots with them, upgraded, purged; RELEASES=trixie
	@scripts/deps build vm test deb matrix
	@RELEASES="$(RELEASES)" tests/run install

quick: ## what needs no VM
	@scripts/deps build test
	@tests/run unit cli accuracy

matrix: ## the tests in the VM on every kernel that is supported, each with its own tools
	@scripts/deps build vm test deb matrix
	@tests/run matrix

arm64: ## the module's tests and a veiled camera on an emulated arm64
	@scripts/deps build vm test arm64
	@ARM64=all tests/run arm64

kasan: ## the VM's tests on a kernel that checks itself, and a fuzzer: SECONDS=120
	@scripts/deps build vm test kasan
	@FUZZ=$(or $(SECONDS),120) tests/run kasan

kcsan: ## the same on one that looks for data races
	@scripts/deps build vm test kasan
	@FUZZ=$(or $(SECONDS),120) tests/run kcsan

fuzz: ## libFuzzer on rules, requests and pictures: SECONDS=60 each
	@scripts/deps build fuzz
	@$(MAKE) $(FUZZERS)
	@for f in $(notdir $(FUZZERS)); do \
		mkdir -p $(BUILD)/corpus/$$f && echo "== $$f" && \
		(cd $(BUILD)/corpus && ../../$(BUILD)/fuzz/$$f -max_total_time=$(or $(SECONDS),60) -max_len=65536 \
			-print_final_stats=1 -verbosity=0 $$f ../../tests/fuzz/seeds/$$f) || exit 1; \
	done

storm: ## strangers against the gate while cameras come and go, on every kernel: TRIES=100000 REPLUGS=100
	@scripts/deps build vm test matrix
	@TRIES=$(or $(TRIES),100000) REPLUGS=$(or $(REPLUGS),100) SUITES="module storm" tests/run matrix

vm: ## a shell in the guest, module and webcam at hand
	@scripts/deps build vm
	@$(MAKE) $(PROGRAMS) $(WEBCAM) $(VIEWER)
	@kernel=$$(scripts/vm/kernel) && $(MAKE) module KVER=$$kernel
	@scripts/vm/run -i

accuracy: ## how well plates are found: DATA=FOLDER with images/ and labels.csv
	@scripts/deps build
	@$(MAKE) $(ACCURACY)
	@$(ACCURACY) -f -c scripts/train/corrections.csv "$(or $(DATA),$(PHOTOS))"

leaks: ## how often a plate is to be seen in a veiled clip: DATA=FOLDER, CLIPS=8 of each kind, OUT=FOLDER for what leaks
	@scripts/deps build
	@$(MAKE) $(LEAKS)
	@$(LEAKS) -c scripts/train/corrections.csv -n $(or $(CLIPS),8) $(if $(OUT),-l -o "$(OUT)") \
		"$(or $(DATA),$(PHOTOS))"

privacy: ## what an attacker reads off veiled plates: nothing
	@scripts/deps build test privacy
	@$(MAKE) $(UNIT) $(PRIVACY)
	@for suite in redact mask coefs metadata; do CK_RUN_SUITE=$$suite $(UNIT) || exit 1; done
	@mkdir -p $(BUILD)/privacy.out && $(PRIVACY) $(BUILD)/privacy.out

bench: ## the helper's pipeline on this machine: frames a second, latency, the codec beside ffmpeg's
	@scripts/deps build demo bench
	@$(MAKE) $(BENCH) $(BENCH_RULES) $(WEBCAM_FRAMES)
	@$(BENCH) $(WEBCAM_FRAMES)
	@$(BENCH_RULES) $(WEBCAM_FRAMES)

bench-detect: ## milliseconds of the search, beside OpenCV running the same network
	@scripts/deps build demo train
	@$(MAKE) $(BENCH_DETECT) $(STREET)
	@$(BENCH_DETECT) $(STREET)
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) tests/bench/opencv.py $(BENCH_DETECT) scripts/train/network.pt

bench-kernel: ## delivery to viewers against memcpy and v4l2loopback, in the VM: SECONDS=3 a run
	@scripts/deps build vm test
	@tests/bench/kernel $(SECONDS)

bench-latency: ## how old a frame is when an application has it, in the VM: SECONDS=20 to watch, FPS=5
	@scripts/deps build vm test
	@$(MAKE) $(PROGRAMS) $(WEBCAM) $(BUILD)/latency
	@kernel=$$(scripts/vm/kernel) && $(MAKE) module KVER=$$kernel
	@scripts/vm/run -m 3072 -o $(BUILD)/latency-out tests/bench/latency-guest $(or $(SECONDS),20) $(or $(FPS),5)

apps: ## ffmpeg, GStreamer and Chromium look at a view, in the VM; takes minutes
	@scripts/deps build vm apps
	@tests/run apps

INSTALL = DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" BUILD="$(BUILD)" UNITDIR="$(UNITDIR)" \
	scripts/install/install

# From photos to weights. Fewer calls of the system for memory make it a fifth faster.
TRAIN_ENV := MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=4000000000 MALLOC_TOP_PAD_=67108864

photos_in = @[ -r "$2/labels.csv" ] || { echo "$1: '$2' is no folder of annotated photos (images/ and labels.csv):" \
	"see make help"; exit 2; }

train: ## train the network: DATA=FOLDER [DEV=FOLDER] [STEPS=16000] [DEVICE=cpu] [START=FILE.pt]
	$(call photos_in,train,$(DATA))
	@scripts/deps train
	$(TRAIN_ENV) $(PYTHON) scripts/train/train.py --data "$(DATA)" $(if $(DEV),--dev "$(DEV)") \
		$(if $(START),--start "$(START)") --out $(BUILD)/train \
		--steps $(or $(STEPS),16000) --device $(or $(DEVICE),cpu)
	cp $(BUILD)/train/network.pvn $(WEIGHTS)
	cp $(BUILD)/train/network.pt scripts/train/

# Its candidates are the first stage's, at widths from which it is to know plates.
TRAINED := $(BUILD)/second
train-second: ## train the second look: DATA=FOLDER DEV=FOLDER [STEPS=8000] [START=FILE.pt]
	$(call photos_in,train-second,$(DATA))
	$(call photos_in,train-second,$(DEV))
	@scripts/deps build train
	@$(MAKE) $(ACCURACY)
	@mkdir -p $(TRAINED)
	for w in 400 640 960 1280; do $(ACCURACY) -l -w $$w "$(DATA)" >$(TRAINED)/found-$$w.csv || exit 1; done
	$(ACCURACY) -l "$(DEV)" >$(TRAINED)/found-dev.csv
	$(TRAIN_ENV) $(PYTHON) scripts/train/second.py --data "$(DATA)" --dev "$(DEV)" --out $(TRAINED) \
		--found $(TRAINED)/found-{400,640,960,1280}.csv --found-dev $(TRAINED)/found-dev.csv \
		$(if $(START),--weights "$(START)",--start scripts/train/network.pt) \
		--steps $(or $(STEPS),8000)
	cp $(TRAINED)/second.pvn $(SECOND)
	cp $(TRAINED)/second.pt scripts/train/

train-preview: ## what training sees: DATA=FOLDER; look at build/preview/
	$(call photos_in,train-preview,$(or $(DATA),$(PHOTOS)))
	@scripts/deps train
	@$(PYTHON) scripts/train/preview.py "$(or $(DATA),$(PHOTOS))" $(BUILD)/preview

lint: ## checkpatch, sparse, clang-tidy
	@scripts/deps build lint
	@scripts/lint

install: ## into PREFIX (/usr/local), the module by DKMS; DESTDIR=FOLDER: into a folder
	@scripts/deps build install
	@$(MAKE) programs documents
	@$(INSTALL)

uninstall: ## take all of it away, but for the rules in /etc/plateveil
	@$(INSTALL) -u

deb: ## packages plateveil and plateveil-dkms, in build/deb
	@scripts/deps build deb
	@scripts/install/deb $(BUILD)

clean: ## all that was built; the VM's kernel stays in the cache
	rm -rf $(BUILD) demo

help: ## this
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' Makefile | while IFS='	' read -r name text; do \
		echo "$$text" | fold -s -w 58 | sed "1!s/^/$$(printf '%22s')/; 1s/^/$$(printf '  make %-15s' $$name)/"; done

-include $(shell find $(BUILD) -path $(BUILD)/deb -prune -o -name '*.d' -type f -print 2>/dev/null)
