# Accord. `make run` and `make test` each work alone on a fresh Debian 12 machine that has Swift 6.3,
# git and make: they install the Debian packages that are missing, build, and do it.

PREFIX ?= /usr/local
SWIFT ?= swift
# libcurl4 and pkg-config are for Swift's own package manager, which finds libxml2's headers by the
# latter alone; the rest is what the programs are built from.
PACKAGES := binutils libc6-dev libcurl4 libgcc-12-dev libncurses-dev libqrencode-dev \
	libsqlite3-dev libstdc++-12-dev libxml2-dev libzip-dev ncurses-base pkg-config zlib1g-dev
# Tests type tapes into a real terminal, and drive the app from another language.
TEST_PACKAGES := tmux python3
STRICT := --explicit-target-dependency-import-check error
RELEASE := .build/release
PROGRAMS := accord accord-node accord-bench

.PHONY: run test lint bench terminal-bench simulate simulator soak fuzz screens install order clean packages release help

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Nobody needs the benchmarks to see the app.
run: PROGRAMS := accord accord-node
run: release ## Open the app on a private node on this machine
	@$(RELEASE)/accord demo

# The libraries in C check signatures: optimized, the tests take a third less time.
TESTED := $(STRICT) -Xcc -O2
test: PACKAGES += $(TEST_PACKAGES)
test: packages lint ## Run every test
	$(SWIFT) build --build-tests $(TESTED)
	@Tests/Scripts/test.sh

lint: ## Check the format of the sources
	$(SWIFT) format lint -s -r Package.swift Sources Tests

bench: release ## Measure, each figure beside its floor
	@$(RELEASE)/accord-bench

terminal-bench: release ## Measure the app in a terminal beside the programs people know
	@BIN=$(RELEASE) Tests/Scripts/terminal-bench.sh

# After larger changes to the app; needs valgrind.
order: release ## List anew which functions of the app are linked side by side
	rm -rf .build/order
	$(RELEASE)/accord-bench home --projects 10000 .build/order/home > /dev/null
	Tests/Scripts/function_order.py $(RELEASE)/accord .build/order/home > .build/order/functions
	mv .build/order/functions Sources/accord/functions.order
	@rm $(RELEASE)/accord # linked with the next release

# With SEED alone it runs that seed and tells its story; COUNT, KIND (brief, small, full, clocks,
# starts), SECONDS, THREADS and BUG (a mistake made on purpose, see PlantedBug.swift) do what they
# say. Hashing is the same in every process, so that a seed is the same story each time.
SIMULATE = SWIFT_DETERMINISTIC_HASHING=1 $(RELEASE)/Simulate
simulate: simulator ## Members, a node, and all that goes wrong, in virtual time: SEED=7 make simulate
	@$(SIMULATE) $(if $(SEED),--seed $(SEED)) $(if $(COUNT),--count $(COUNT)) \
		$(if $(KIND),--kind $(KIND)) $(if $(SECONDS),--seconds $(SECONDS)) \
		$(if $(THREADS),--threads $(THREADS)) $(if $(BUG),--bug $(BUG))

simulator: packages
	$(SWIFT) build -c release --static-swift-stdlib $(STRICT) --product Simulate

soak: release simulator ## Kill node and client 200 times each; a million entries; 1,000 plays alike; seeds for 75 minutes
	@$(SIMULATE) --seed 100000 --count 100000 --seconds 3600 --threads 2
	@$(SIMULATE) --seed 1 --count 1000 --kind full --seconds 900 --threads 2
	$(RELEASE)/accord-bench rules
	@BIN=$(RELEASE) Tests/Scripts/soak.sh 200
	@BIN=$(RELEASE) Tests/Scripts/same_bytes.sh 1000 100

# Coverage-guided, each reader for FUZZ_SECONDS; the corpus stays in .build-fuzz/corpus and grows.
# ACCORD_FUZZ makes the manifest have the target whose main program is libFuzzer's.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= json entry envelope note checkpoint head key proof policy witness path bundle message plainJSON \
	signature text keys records studies
fuzz: packages ## Coverage-guided fuzzing of every reader, FUZZ_SECONDS each
	ACCORD_FUZZ=1 $(SWIFT) build --sanitize fuzzer --scratch-path .build-fuzz --product Fuzz
	@for target in $(FUZZ_TARGETS); do \
		mkdir -p .build-fuzz/corpus/$$target; \
		echo "fuzz: $$target"; \
		ACCORD_FUZZ_TARGET=$$target ACCORD_FUZZ_SEEDS=.build-fuzz/corpus/$$target \
			.build-fuzz/debug/Fuzz -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 \
			-print_final_stats=1 -verbosity=0 -artifact_prefix=.build-fuzz/$$target- \
			.build-fuzz/corpus/$$target || exit 1; \
	done

screens: packages ## Make the pictures of the documentation anew, from their tapes
	$(SWIFT) build $(TESTED)
	@for tape in docs/*.tape; do .build/debug/accord play $$tape || exit 1; done

install: release ## Install programs and themes below PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/accord/themes \
		$(DESTDIR)$(PREFIX)/share/accord/samples
	install -s -m 755 $(PROGRAMS:%=$(RELEASE)/%) $(DESTDIR)$(PREFIX)/bin
	install -m 644 themes/*.toml $(DESTDIR)$(PREFIX)/share/accord/themes
	install -m 644 Samples/records/*.json $(DESTDIR)$(PREFIX)/share/accord/samples
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)$(PREFIX)/share/doc/accord \
		$(DESTDIR)/etc/accord
	for unit in accord-kiosk accord-node accord-witness; do \
		sed 's|/usr/local|$(PREFIX)|g' packaging/$$unit.service \
			> $(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit.service || exit 1; \
	done
	install -m 644 packaging/KIOSK.md packaging/NODE.md packaging/getty-kiosk.conf \
		$(DESTDIR)$(PREFIX)/share/doc/accord
	for file in kiosk.conf node.conf witness.conf; do test -e $(DESTDIR)/etc/accord/$$file \
		|| install -m 644 packaging/$$file $(DESTDIR)/etc/accord/$$file || exit 1; done

clean: ## Remove what was built
	rm -rf .build .build-*

# Each program by itself: only so can Swift's libraries be linked in, which halves the time to start
# and lets an installed program run where no Swift is.
release: packages
	@for program in $(PROGRAMS); do \
		$(SWIFT) build -c release --static-swift-stdlib $(STRICT) --product $$program || exit 1; \
	done

packages:
	@command -v $(SWIFT) > /dev/null || { \
		echo "make: Swift 6.3 is missing: see https://www.swift.org/install"; exit 1; }
	@missing=""; for name in $(PACKAGES); do \
		dpkg-query -W -f '$${Status}' $$name 2> /dev/null | grep -q "install ok installed" \
			|| missing="$$missing $$name"; done; \
	if [ -n "$$missing" ]; then \
		root=""; [ "$$(id -u)" = 0 ] || root=sudo; \
		echo "installing Debian packages:$$missing"; \
		$$root apt-get update -qq && \
		$$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing; \
	fi
