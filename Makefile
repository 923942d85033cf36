# `make help` lists the targets. Nothing but Rust (see rust-toolchain.toml), Python 3.11, make and, for `test` and
# `bench`, Valgrind need be installed.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

TOOLS := target/tools
comma := ,
# Also the first python3. It may run install.py, which starts again with the base interpreter before it replaces this.
export PATH := $(CURDIR)/$(TOOLS)/aws/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
# Everything that is deployed here is on this machine.
export NO_PROXY := $(if $(NO_PROXY),$(NO_PROXY)$(comma))127.0.0.1,localhost
# Plain cargo instead of zig halves a cold build. Debian 12 asks for no newer glibc than Amazon Linux 2023 has; on
# another system or for another processor: make build CARGO_LAMBDA_COMPILER=cargo-zigbuild.
export CARGO_LAMBDA_COMPILER ?= cargo

# A function is a crate with a program.
FUNCTIONS := $(patsubst functions/%/src/main.rs,%,$(wildcard functions/*/src/main.rs))

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand --tabs=20

.PHONY: tools
tools: ## Install the pinned tools into target/tools
	@python3 tests/local-stack/tools/install.py

# `sam build` would compile the functions too, but in silence, so cargo does it before. Never with --cached: it misses
# edits in a crate that the functions share. One build at a time, for they write to the same places.
.PHONY: build
build: ## Build the functions and the template for deployment
	@python3 tests/local-stack/tools/install.py engine aws
	@mkdir -p target/sam; exec 9>target/sam/build.lock; flock 9; \
	for function in $(FUNCTIONS); do \
	  (cd functions/$$function && cargo lambda build --release --locked --bin $$function); \
	done; \
	sam build --build-dir target/sam/build >target/sam/build.log 2>&1 || { cat target/sam/build.log; exit 1; }

.PHONY: run
run: build ## Provision a dataset group on this machine (EVENT=file.json, KEEP=1)
	@cargo build --locked --package local-stack
	@target/debug/local-stack provision $(if $(KEEP),--keep) $(EVENT)

.PHONY: test
test: tools check build ## Run every test: unit, contract, workflow, and end to end on the deployed stack
	@cargo test --workspace --locked

.PHONY: check
check: ## Check formatting, lints, licences and sources of the workspace, with warnings denied
	@cargo fmt --all --check
	@python3 tests/local-stack/tools/install.py deny
	@target/tools/deny/bin/cargo-deny --locked check --deny warnings --hide-inclusion-graph bans licenses sources
	@cargo clippy --workspace --all-targets --locked -- --deny warnings

.PHONY: fuzz
fuzz: export RUSTC_BOOTSTRAP := 1
fuzz: ## Flood the workflow with bad input and hostile answers, then let the fuzzer loose (FUZZ_SECONDS=45)
	@python3 tests/local-stack/tools/install.py models fuzz
	@env -u RUSTC_BOOTSTRAP PROPTEST_CASES=25000 cargo test --locked --package bad-input --test requests -- --nocapture
	@env -u RUSTC_BOOTSTRAP ANSWERS=all cargo test --locked --package workflow-tests --test handlers answers -- --nocapture
	@mkdir -p target/fuzz/corpus target/fuzz/artifacts
	@target/tools/fuzz/bin/cargo-fuzz run --sanitizer none --fuzz-dir fuzz --target-dir target/fuzz request \
	  target/fuzz/corpus fuzz/seeds/request -- -max_total_time=$(or $(FUZZ_SECONDS),45) -dict=fuzz/request.dict \
	  -max_len=65536 -artifact_prefix=target/fuzz/artifacts/ -print_final_stats=1

.PHONY: chaos
chaos: tools build ## Let a storm of faults loose on the deployed stack, and judge it (SEED=, EXECUTIONS=500)
	@cargo run --quiet --locked --package chaos -- --executions $(or $(EXECUTIONS),500) $(if $(SEED),--seed $(SEED))

.PHONY: bench
bench: build peers ## Measure what the workflow costs, side by side with its peers (docs/benchmarks.md)
	@cargo build --profile driver --locked --package local-stack --package benches
	@target/driver/benches

.PHONY: profile
profile: tools ## Show where the instructions of a function go (FUNCTION=poll-status)
	@cd functions/$(FUNCTION); export CARGO_TARGET_DIR=$(CURDIR)/target/profile; \
	  CARGO_PROFILE_RELEASE_STRIP=none CARGO_PROFILE_RELEASE_DEBUG=line-tables-only \
	  cargo lambda build --release --locked --bin $(FUNCTION) --lambda-dir $(CURDIR)/target/profile/lambda
	@cargo run --quiet --locked --package benches -- profile $(FUNCTION)

# What the functions are compared with.
.PHONY: peers
peers:
	@python3 tests/local-stack/tools/install.py aws bench bench-node
	@cd benches/peers; export CARGO_TARGET_DIR=$(CURDIR)/target/peers; \
	  for peer in hello no-op; do \
	    cargo lambda build --locked --profile ours --bin $$peer --lambda-dir $(CURDIR)/target/peers/lambda; \
	  done; \
	  cargo lambda build --locked --release --bin naive --lambda-dir $(CURDIR)/target/peers/lambda
	@mkdir -p target/peers/python target/peers/node
	@cp benches/peers/python/app.py target/peers/python/; cp benches/peers/node/bootstrap.js target/peers/node/
	@NODE_PATH=target/tools/bench-node/node_modules target/tools/bench-node/node_modules/.bin/esbuild \
	  benches/peers/node/index.js --bundle --minify --platform=node --target=node20 \
	  --outfile=target/peers/node/index.js --log-level=warning

.PHONY: diagram
diagram: ## Draw the state machine into README.md
	@cargo run --quiet --package contract-tests --bin diagram

.PHONY: schemas
schemas: ## Generate events/schemas from the Rust types
	@cargo run --quiet --package contract-tests --bin schemas

.PHONY: deploy
deploy: ARCHITECTURE ?= x86_64
deploy: tools ## Build for Amazon Linux with zig, and deploy to your AWS account (ARCHITECTURE=arm64)
	@CARGO_LAMBDA_COMPILER=cargo-zigbuild sam build --parameter-overrides Architecture=$(ARCHITECTURE)
	@sam deploy --guided --parameter-overrides Architecture=$(ARCHITECTURE)
