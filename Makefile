# integrationd: `make` lists what there is.

SWIFT ?= swift
# The checked build has other flags; in a folder of its own it does not undo the usual one.
CHECK_BUILD := .build-check
HEADER := Sources/PluginABI/include

.PHONY: help demo test build check check-format check-c check-swift format bench examples schema clean dependencies
.DEFAULT_GOAL := help
# Several targets at once would only wait for SwiftPM's lock.
.NOTPARALLEL:

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: ## build, import a (simulated) ClickUp workspace and docs/, keep serving until Ctrl-C
	@scripts/demo

test: ## build everything and run all tests
	@scripts/install-dependencies --tests
	@umask 022 && $(SWIFT) build --build-tests && $(SWIFT) test --skip-build --disable-xctest && node --test Tests/Browser/

build: dependencies ## release build: .build/release
	@umask 022 && $(SWIFT) build -c release

check: check-format check-c check-swift ## format, warnings as errors, imports, exported symbols
	@echo "check: all well"

bench: dependencies ## measurements: Benchmarks/README.md
	@$(MAKE) --no-print-directory -C Benchmarks

format: ## let swift format mend what `make check` finds
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Plugins Tests

schema: ## make integrations.schema.json anew, after a change to a plugin's settings or to what the YAML may say
	.build/debug/integrationd schema --config integrations.yaml \
		| python3 -m json.tool --indent 1 --sort-keys --no-ensure-ascii > integrations.schema.json

examples: ## make Examples/ anew, after a change to a template
	@scripts/make-examples

clean: ## remove what was built; var/, with the imported documents, stays
	rm -rf .build $(CHECK_BUILD) .build-python

dependencies:
	@scripts/install-dependencies

check-format:
	@if $(SWIFT) format --version >/dev/null 2>&1; then \
		$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Plugins Tests; \
	else \
		echo "check: this toolchain has no swift format; the format is not checked"; \
	fi

# SwiftPM cannot make C warnings errors for our targets alone.
check-c:
	cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -I $(HEADER) \
		-I Sources/Host/Worker/include -I Sources/Host/Worker \
		-I Sources/Host/Transfer/include Sources/Host/Transfer/*.c \
		-I Sources/Host/Probe/include -I Sources/Host/Probe \
		Sources/PluginABI/*.c Sources/Host/Worker/*.c Sources/Host/WorkerMain/*.c \
		Sources/Host/Probe/*.c Sources/Host/ProbeMain/*.c
	cc -std=c11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I $(HEADER) Plugins/Folder/*.c
	c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c++ $(HEADER)/integration_plugin.h

check-swift: dependencies
	$(SWIFT) build --build-tests --scratch-path $(CHECK_BUILD) -Xswiftc -warnings-as-errors \
		--explicit-target-dependency-import-check error
	scripts/check-binaries $(CHECK_BUILD)/debug
