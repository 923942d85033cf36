# `make help` lists the targets. They need Rust (see rust-toolchain.toml), Python 3.11 and make. `test`, `bench` and
# `profile` also need Valgrind.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

TOOLS := target/tools
comma := ,
# This folder also has the first python3 on the path. If it runs install.py, install.py first restarts itself with the
# base interpreter, because it may replace this folder.
export PATH := $(CURDIR)/$(TOOLS)/aws/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
# All endpoints of the local stack are on this machine, so calls to them need no proxy.
export NO_PROXY := $(if $(NO_PROXY),$(NO_PROXY)$(comma))127.0.0.1,localhost
# Plain cargo instead of zig halves the time of a first build. Debian 12 has no newer glibc than Amazon Linux 2023. On
# another system or for another processor, use make build CARGO_LAMBDA_COMPILER=cargo-zigbuild.
export CARGO_LAMBDA_COMPILER ?= cargo

# Each crate with a program is a function.
FUNCTIONS := $(patsubst functions/%/src/main.rs,%,$(wildcard functions/*/src/main.rs))

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand --tabs=20

.PHONY: tools
tools: ## Install the pinned tools into target/tools
	@python3 local/tools/install.py

# `sam build` would compile the functions too, but without output, so cargo compiles them first. Do not use --cached: it
# misses changes in crates that the functions share. The lock allows one build at a time, because all builds write to the
# same folders.
.PHONY: build
build: ## Build the functions and the template for deployment
	@python3 local/tools/install.py engine aws
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
test: tools check build ## Run all checks and tests, including end-to-end tests on the deployed stack
	@cargo test --workspace --locked

.PHONY: check
check: ## Check formatting, lints, licences and sources of the workspace, with warnings denied
	@cargo fmt --all --check
	@python3 local/tools/install.py deny
	@target/tools/deny/bin/cargo-deny --locked check --deny warnings --hide-inclusion-graph bans licenses sources
	@cargo clippy --workspace --all-targets --locked -- --deny warnings

.PHONY: fuzz
fuzz: export RUSTC_BOOTSTRAP := 1
fuzz: ## Test with invalid input and malformed responses, then run the fuzzer (FUZZ_SECONDS=45)
	@python3 local/tools/install.py models fuzz
	@env -u RUSTC_BOOTSTRAP PROPTEST_CASES=25000 cargo test --locked --package bad-input --test requests -- --nocapture
	@env -u RUSTC_BOOTSTRAP ANSWERS=all cargo test --locked --package workflow-tests --test handlers answers -- --nocapture
	@mkdir -p target/fuzz/corpus target/fuzz/artifacts target/fuzz/events
	@for event in events/dataset-group-requested*.json; do \
	  python3 -c 'import json, sys; json.dump(json.load(sys.stdin)["detail"], sys.stdout)' \
	    <$$event >target/fuzz/$$event; \
	done
	@target/tools/fuzz/bin/cargo-fuzz run --sanitizer none --fuzz-dir tests/bad-input/fuzz --target-dir target/fuzz request \
	  target/fuzz/corpus tests/bad-input/fuzz/seeds/request target/fuzz/events -- -max_total_time=$(or $(FUZZ_SECONDS),45) \
	  -dict=tests/bad-input/fuzz/request.dict -max_len=65536 -artifact_prefix=target/fuzz/artifacts/ -print_final_stats=1

.PHONY: chaos
chaos: tools build ## Run a chaos test on the deployed stack and check the results (SEED=, EXECUTIONS=500)
	@cargo run --quiet --locked --package chaos -- --executions $(or $(EXECUTIONS),500) $(if $(SEED),--seed $(SEED))

.PHONY: bench
bench: build peers ## Benchmark the workflow against comparable programs (docs/benchmarks.md)
	@cargo build --profile driver --locked --package local-stack --package benches
	@target/driver/benches

.PHONY: profile
profile: tools ## Profile a function by executed instructions (FUNCTION=poll-status)
	@cd functions/$(FUNCTION); export CARGO_TARGET_DIR=$(CURDIR)/target/profile; \
	  CARGO_PROFILE_RELEASE_STRIP=none CARGO_PROFILE_RELEASE_DEBUG=line-tables-only \
	  cargo lambda build --release --locked --bin $(FUNCTION) --lambda-dir $(CURDIR)/target/profile/lambda
	@cargo run --quiet --locked --package benches -- profile $(FUNCTION)

# The programs that the benchmarks compare with the functions.
.PHONY: peers
peers:
	@python3 local/tools/install.py aws bench bench-node
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
