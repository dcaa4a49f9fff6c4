# Everything that a person or CI runs. `make` alone lists the targets.
# Needs Node 20 and make; `npm ci` brings the compilers, Anvil and the libraries.

# Arguments of `make bench`, `make devnet` and `make report`; see `npm run loadgen -- help`.
BENCH_ARGS ?= --traders 1000 --orders 5000 --modes netting,keeper,direct --seed 1
DEVNET_ARGS ?=
REPORT_ARGS ?=

# The native binary: the npm wrapper exits 0 even when forge fails. Looked up when it is used, after the install.
FORGE = $(shell node tools/native.mjs forge)
LOADGEN = npm run --silent loadgen --
INSTALLED = node_modules/.package-lock.json
COMPILED = out/.compiled
CONTRACTS = $(shell find contracts -name '*.sol' -not -path 'contracts/test/*')

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help install build test test-sol test-ts lint fmt abi gas bench devnet report ci clean

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

install: $(INSTALLED) ## npm ci, unless it is done

$(INSTALLED): package-lock.json
	npm ci
	@touch $@

build: $(COMPILED) ## compile the contracts (when they changed) and the load generator
	npm run --silent build:ts

# The load generator carries the contracts' code, so that a change of a contract is what the next run measures.
$(COMPILED): $(INSTALLED) foundry.toml tools/generate-abi.mjs $(CONTRACTS)
	$(FORGE) build --skip 'contracts/test/**'
	npm run --silent abi
	@touch $@

test: build ## all tests, Solidity and TypeScript; ends with `N passed, N failed`
	@npm run --silent test

test-sol: $(INSTALLED) ## the Solidity tests
	@npm run --silent test -- --sol

test-ts: build ## the TypeScript tests, the end-to-end ones included
	@npm run --silent test -- --ts

lint: $(INSTALLED) ## formatting, lint rules, types, import directions, traps of the runtime
	@npm run --silent lint

fmt: $(INSTALLED) ## format everything
	@npm run --silent fmt

abi: $(INSTALLED) ## compile the contracts and write loadgen/src/chain/abi.generated.ts again
	@rm -f $(COMPILED)
	@$(MAKE) --no-print-directory $(COMPILED)

gas: $(INSTALLED) ## gas of every contract function, from the unit tests
	$(FORGE) test --gas-report --no-match-path 'contracts/test/invariant/**'

bench: ## all set-up, then netting, keeper and direct compared on one workload (BENCH_ARGS)
	@start=$$(date +%s) && \
	$(MAKE) --no-print-directory build && \
	ready=$$(date +%s) && \
	echo "set-up: $$((ready - start)) s" && \
	$(LOADGEN) compare $(BENCH_ARGS) && \
	echo "set-up: $$((ready - start)) s, run: $$(($$(date +%s) - ready)) s"

devnet: build ## serve the embedded node until Ctrl-C (DEVNET_ARGS)
	$(LOADGEN) devnet $(DEVNET_ARGS)

report: build ## draw a stored run again (REPORT_ARGS)
	$(LOADGEN) report $(REPORT_ARGS)

ci: ## what CI runs
	@CI=true .ci/run

clean: ## remove what was built; node_modules and reports stay
	rm -rf out cache loadgen/dist
