# `make help` lists the targets. They need Rust (see rust-toolchain.toml), Python 3.11 or newer and make. What runs the local
# stack needs Linux. `test`, `bench` and `profile` also need Valgrind.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

TOOLS := $(CURDIR)/target/tools
INSTALL := python3 local/tools/install.py
comma := ,
# Each of these folders has a python3. If one of them runs install.py, install.py first restarts itself with the base
# interpreter, because it may replace that folder.
export PATH := $(TOOLS)/aws/bin:$(TOOLS)/cargo-lambda/bin:$(TOOLS)/node/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
# All endpoints of the local stack are on this machine, so calls to them need no proxy.
export NO_PROXY := $(if $(NO_PROXY),$(NO_PROXY)$(comma))127.0.0.1,localhost
# Plain cargo instead of zig halves the time of a first build. Debian 12 has no newer glibc than Amazon Linux 2023. On
# another system or for another processor, use make build CARGO_LAMBDA_COMPILER=cargo-zigbuild.
export CARGO_LAMBDA_COMPILER ?= cargo
export CARGO_ZIGBUILD_PYTHON_PATH := $(TOOLS)/zig/bin/python

# In the development profile, Clippy compiles the packages of the workspace, with warnings denied as `cargo clippy` denies them.
# So what is tested is linted too, and the dependencies are not checked a second time. What is deployed is compiled by rustc.
export RUSTC_WORKSPACE_WRAPPER := clippy-driver
export CLIPPY_ARGS := --deny__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__
functions package peers profile fuzz: export RUSTC_WORKSPACE_WRAPPER :=

# Runs targets side by side: tools are installed while cargo compiles, and tests that wait leave the processors to others.
# Progress bars would overwrite each other.
SIDE_BY_SIDE := CARGO_TERM_PROGRESS_WHEN=never $(MAKE) --no-print-directory --jobs

# Each crate with a program is a function.
FUNCTIONS := $(patsubst functions/%/src/main.rs,%,$(wildcard functions/*/src/main.rs))

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand --tabs=20

.PHONY: tools
tools: ## Install the pinned tools into target/tools
	@$(INSTALL)

.PHONY: build
build: tools-of-builds ## Build the functions and the template for deployment
	@$(SIDE_BY_SIDE) tools-of-runs functions
	@$(BUILD_TEMPLATE)

# These two end a command before it compiles anything.
.PHONY: linux valgrind
linux:
	@[ "$$(uname -s)" = Linux ] || { echo 'The local stack needs Linux, and this is '"$$(uname -s)"': use the container of .devcontainer.' >&2; exit 1; }
valgrind:
	@command -v valgrind >/dev/null || { echo 'Valgrind counts the instructions of the functions, and is missing: install it, on Debian and Ubuntu with "apt install valgrind".' >&2; exit 1; }

.PHONY: run
run: linux tools-of-builds ## Provision dataset groups on this machine, or retire one (EVENT=file.json, MANIFEST=file.csv, KEEP=1)
	@$(SIDE_BY_SIDE) tools-of-runs functions demo
	@$(BUILD_TEMPLATE)
	@target/debug/local-stack provision $(if $(KEEP),--keep) $(if $(MANIFEST),--manifest '$(MANIFEST)') $(EVENT)

.PHONY: test
test: linux valgrind tools-of-builds ## Run all checks and tests, including end-to-end tests on the deployed stack
	@$(SIDE_BY_SIDE) tools functions lints
	@$(BUILD_TEMPLATE)
	@$(SIDE_BY_SIDE) --output-sync=target test-deployed test-local test-handlers test-others

.PHONY: unit
unit: ## Run the tests that take seconds: functions, requests, definition, events, schemas; no engine, no tools
	@cargo test --locked

.PHONY: check
check: lints test-binaries ## Check formatting, lints and the functions that are built, and compile all tests

.PHONY: deny
deny: ## Check licences and sources of all dependencies (CHECKS=advisories: known vulnerabilities)
	@$(INSTALL) deny
	@$(TOOLS)/deny/bin/cargo-deny --locked check --deny warnings --hide-inclusion-graph $(or $(CHECKS),bans licenses sources)

# Parts of the targets above.
.PHONY: tools-of-builds tools-of-runs functions demo lints test-binaries test-deployed test-local test-handlers test-others
tools-of-builds:
	@$(INSTALL) cargo-lambda $(if $(filter cargo-zigbuild,$(CARGO_LAMBDA_COMPILER)),zig)
tools-of-runs:
	@nice $(INSTALL) engine aws

# One call for all functions: their dependencies have the same features in each, so `sam build` compiles nothing again.
# It would compile without output, so cargo does it first.
functions:
	@cargo lambda build --release --locked $(FUNCTIONS:%=--package %)

# The functions take longest, for the SDK of DataZone and the links are work for one core. What is built beside them is
# nice, so that they are not waited for.
demo:
	@nice cargo build --workspace --locked --bin local-stack

lints:
	@cargo fmt --all --check
	@cargo test --workspace --locked --no-run
test-binaries:
	@cargo test --workspace --locked --test binaries

# Do not use --cached: it misses changes in crates that the functions share. The lock allows one build at a time, because
# all builds write to the same folders.
define BUILD_TEMPLATE
mkdir -p target/sam; exec 9>target/sam/build.lock; flock 9; \
RUSTC_WORKSPACE_WRAPPER= sam build --build-dir target/sam/build >target/sam/build.log 2>&1 || { cat target/sam/build.log; exit 1; }
endef

# These tests wait more than they compute, for the pauses of the SDK and the engine. They are nice, because the functions whose
# instructions test-others counts are fifty times slower there, and would not keep their time-outs beside them.
test-deployed:
	@nice cargo test --locked --package features --package e2e-tests -- --test-threads 12
test-local:
	@nice cargo test --locked --package features --package local-stack --package chaos --package acceptance
test-handlers:
	@nice cargo test --locked --package features --package workflow-tests
test-others:
	@cargo test --locked --workspace --exclude e2e-tests --exclude local-stack --exclude chaos --exclude acceptance --exclude workflow-tests

.PHONY: accept
accept: ## Check a deployed stack with your credentials (STACK=, REGION=, DOMAIN=, GROUP=, PROJECT=, YES=1, CLEAN=1, ONLY=)
	@$(INSTALL) aws
	@cargo build --quiet --workspace --locked --bin accept
	@target/debug/accept $(if $(STACK),--stack '$(STACK)') $(if $(REGION),--region '$(REGION)') \
	  $(if $(DOMAIN),--domain '$(DOMAIN)') $(if $(GROUP),--group '$(GROUP)') $(if $(PROJECT),--project '$(PROJECT)') \
	  $(if $(YES),--yes) $(if $(CLEAN),--clean) $(if $(ONLY),--only '$(ONLY)')

.PHONY: fuzz
fuzz: export RUSTC_BOOTSTRAP := 1
fuzz: ## Test with invalid input and malformed responses, then run the fuzzer (FUZZ_SECONDS=45)
	@$(INSTALL) models fuzz
	@env -u RUSTC_BOOTSTRAP PROPTEST_CASES=25000 cargo test --workspace --locked --test requests -- --nocapture
	@env -u RUSTC_BOOTSTRAP GRID=all cargo test --workspace --locked --test handlers grid -- --nocapture
	@mkdir -p target/fuzz/corpus target/fuzz/artifacts target/fuzz/events
	@for event in events/dataset-group-*requested*.json; do \
	  python3 -c 'import json, sys; json.dump(json.load(sys.stdin)["detail"], sys.stdout)' \
	    <$$event >target/fuzz/$$event; \
	done
	@$(TOOLS)/fuzz/bin/cargo-fuzz run --sanitizer none --fuzz-dir tests/bad-input/fuzz --target-dir target/fuzz request \
	  target/fuzz/corpus tests/bad-input/fuzz/seeds/request target/fuzz/events -- -max_total_time=$(or $(FUZZ_SECONDS),45) \
	  -dict=tests/bad-input/fuzz/request.dict -max_len=65536 -artifact_prefix=target/fuzz/artifacts/ -print_final_stats=1

.PHONY: chaos
chaos: linux build ## Run a chaos test on the deployed stack and check the results (SEED=, EXECUTIONS=500, FAULTS=0)
	@cargo build --quiet --workspace --locked --bin chaos --bin local-stack
	@target/debug/chaos --executions $(or $(EXECUTIONS),500) $(if $(SEED),--seed $(SEED)) \
	  $(if $(filter 0,$(FAULTS)),--without-faults)

.PHONY: bench
bench: linux valgrind build peers ## Benchmark the workflow against comparable programs (docs/benchmarks.md)
	@cargo build --profile driver --locked --package local-stack --package benches
	@target/driver/benches

.PHONY: profile
profile: ## Profile a function by executed instructions (FUNCTION=poll-status)
	@$(INSTALL) cargo-lambda node
	@cd functions/$(FUNCTION); export CARGO_TARGET_DIR=$(CURDIR)/target/profile; \
	  CARGO_PROFILE_RELEASE_STRIP=none CARGO_PROFILE_RELEASE_DEBUG=line-tables-only \
	  cargo lambda build --release --locked --bin $(FUNCTION) --lambda-dir $(CURDIR)/target/profile/lambda
	@cargo build --quiet --workspace --locked --bin benches
	@target/debug/benches profile $(FUNCTION)

# The programs that the benchmarks compare with the functions.
.PHONY: peers
peers:
	@$(INSTALL) cargo-lambda node bench bench-node
	@cd benches/peers; export CARGO_TARGET_DIR=$(CURDIR)/target/peers; \
	  cargo lambda build --locked --profile ours --bin hello --lambda-dir $(CURDIR)/target/peers/lambda; \
	  cargo lambda build --locked --release --bin naive --lambda-dir $(CURDIR)/target/peers/lambda
	@mkdir -p target/peers/python target/peers/node
	@cp benches/peers/python/app.py target/peers/python/; cp benches/peers/node/bootstrap.js target/peers/node/
	@NODE_PATH=$(TOOLS)/bench-node/node_modules $(TOOLS)/bench-node/node_modules/.bin/esbuild \
	  benches/peers/node/index.js --bundle --minify --platform=node --target=node20 \
	  --outfile=target/peers/node/index.js --log-level=warning

.PHONY: diagram
diagram: ## Draw the state machine into README.md
	@cargo build --quiet --workspace --locked --bin diagram
	@target/debug/diagram

.PHONY: schemas
schemas: ## Generate events/schemas from the Rust types
	@cargo build --quiet --workspace --locked --bin schemas
	@target/debug/schemas

.PHONY: models
models: ## Write the excerpts of the service models that the simulators load
	@$(INSTALL) models
	@$(TOOLS)/models/bin/python local/simulators/models/excerpt.py

ARCHITECTURE ?= x86_64
.PHONY: package
package: export CARGO_LAMBDA_COMPILER := cargo-zigbuild
# The functions hold no path of the machine that builds them, so that each machine builds the same ones.
package: export RUSTFLAGS := --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)/registry/src=crates
package: tools-of-builds ## Build for Amazon Linux with zig, and zip the functions in target/lambda (ARCHITECTURE=arm64)
	@$(INSTALL) aws
	@sam build --parameter-overrides Architecture=$(ARCHITECTURE)
	@python3 local/release/zip_functions.py $(ARCHITECTURE) $(FUNCTIONS)

MAKE_ARCHIVE := $(TOOLS)/aws/bin/python local/release/archive.py

.PHONY: release
release: package ## Make the archive of a release in target/release-archive (ARCHITECTURE=arm64)
	@$(INSTALL) sbom
	@rm -rf target/release-archive
	@$(MAKE_ARCHIVE) $(ARCHITECTURE)

.PHONY: test-release
test-release: linux ## Test the archive that `make release` has made (ARCHITECTURE=arm64)
	@$(INSTALL) engine aws
	@nice cargo build --workspace --locked --bin local-stack
	@RELEASE_ARCHIVE=$$(ls target/release-archive/*-$(ARCHITECTURE).tar.gz) \
	  cargo test --locked --package features --package e2e-tests --test release

# With the functions that are built for this machine.
.PHONY: cdk
cdk: build ## Check examples/cdk: compile, synthesize and test it
	@$(INSTALL) sbom cdk
	@rm -rf target/cdk
	@$(MAKE_ARCHIVE) $(ARCHITECTURE) --template target/sam/build/template.yaml --into target/cdk
	@cp examples/cdk/*.json examples/cdk/*.ts target/cdk/; ln -sfn ../tools/cdk/node_modules target/cdk/node_modules
	@cd target/cdk; export PATH=$$PWD/node_modules/.bin:$$PATH AWS_EC2_METADATA_DISABLED=true CDK_DISABLE_CLI_TELEMETRY=true; \
	  tsc; cdk synth --quiet --context archive=$$(ls -d $$PWD/*-$(ARCHITECTURE)); node --test app.test.ts

.PHONY: deploy
deploy: package ## Build as `package` does, and deploy to your AWS account (ARCHITECTURE=arm64)
	@sam deploy --guided --parameter-overrides Architecture=$(ARCHITECTURE)
