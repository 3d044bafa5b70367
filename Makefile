# The two commands of the README are `make demo` and `make test`; each sets itself up first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCKS := requirements/bootstrap.txt requirements/dev.txt layers/third_party/requirements.txt
ARGS ?=
DEPLOYMENT ?=
ARCHITECTURE ?= arm64

.DEFAULT_GOAL := help
.PHONY: help setup demo test coverage fuzz bench storm unit contract vectors e2e simulator infra fmt lint types arch \
	check package synth diff adopt deploy acceptance locks clean

help:  ## this list
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## */  \1\t/' | expand -t 14
	@echo "  <suite>     one of unit contract vectors e2e simulator packaging infra"
	@echo "Options of a command behind ARGS=, as in make deploy DEPLOYMENT=production ARGS=--help"

setup: $(READY)  ## the locked environment in .venv

# Standard output belongs to the command that follows (make demo ARGS=--json is one JSON document), so set-up speaks
# on standard error only. A half-made environment never carries the stamp and is made again.
$(READY): $(LOCKS) pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"Python 3.11 to 3.13 is needed, $(PYTHON) is {v[0]}.{v[1]}; name another one: make PYTHON=python3.12")' 1>&2
	@echo "setting up $(VENV) (once; a minute on a fast line)" 1>&2
	@rm -f $(READY)
	@$(PYTHON) -m venv --clear $(VENV) 1>&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt 1>&2
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r requirements/dev.txt 1>&2
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable . 1>&2
	@touch $(READY)

demo: $(READY)  ## both rotations and the days after, embedded (ARGS=--json, --plain)
	@$(BIN)/vsync-rotation demo $(ARGS)

test: $(READY)  ## every test, offline
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

# Apart from `test`: tracing every branch nearly doubles the time of the histories.
coverage: $(READY)  ## every test again, with branch coverage
	$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=term $(ARGS)

fuzz: $(READY)  ## hostile bytes and histories, many more than `test` has time for
	$(BIN)/python -m pytest -n 2 tests/fuzz tests/contract/whole_world --hypothesis-profile=fuzz --timeout=0 $(ARGS)

bench: $(READY)  ## what it costs; rewrites the tables of docs/performance.md
	$(BIN)/python -m tests.benchmarks $(ARGS)

storm: $(READY)  ## rotate everything at once; rewrites the tables of docs/scale.md
	$(BIN)/python -m tests.scale $(ARGS)

unit contract vectors e2e simulator packaging: $(READY)
	$(BIN)/python -m pytest tests/$@ $(ARGS)

infra: $(READY)
	$(BIN)/python -m pytest tests/infrastructure $(ARGS)

package: $(READY)  ## layer and functions as zips (ARCHITECTURE=arm64 or x86_64)
	$(BIN)/python -m cdk.packaging --architecture $(ARCHITECTURE) --into build/package/$(ARCHITECTURE) $(ARGS)

synth: $(READY)  ## templates in build/cdk, of one file or all (DEPLOYMENT=name)
	@$(BIN)/python -m cdk.app $(DEPLOYMENT)

diff: $(READY)  ## what a deployment would change (DEPLOYMENT=name)
	@$(BIN)/vsync-rotation deploy --deployment "$(DEPLOYMENT)" --dry-run $(ARGS)

adopt: $(READY)  ## show and set the tags of adopted secrets (DEPLOYMENT=name)
	@$(BIN)/vsync-rotation adopt --deployment "$(DEPLOYMENT)" $(ARGS)

diff adopt deploy: named
.PHONY: named
named:
	@test -n "$(DEPLOYMENT)" || { echo "name a file of cdk/deployments: make $(MAKECMDGOALS) DEPLOYMENT=<name>" >&2; exit 2; }

deploy: $(READY)  ## deploy one file, step by step (DEPLOYMENT=name)
	@$(BIN)/vsync-rotation deploy --deployment "$(DEPLOYMENT)" $(ARGS)

acceptance: $(READY)  ## ask a real account what documents leave open (ARGS=--help)
	$(BIN)/python -m tests.acceptance $(ARGS)

fmt: $(READY)  ## rewrite to the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(READY)  ## ruff
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY)  ## mypy strict
	$(BIN)/mypy

arch: $(READY)  ## the dependency direction
	$(BIN)/lint-imports

check: lint types arch test  ## everything CI runs but the demo

# No index address is written, so that a lock says what, and the machine says from where.
locks: $(READY)  ## compile the hash-pinned requirements again
	for name in requirements/bootstrap requirements/dev requirements/lambda_runtime layers/third_party/requirements; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header --no-annotate $$name.in -o $$name.txt || exit 1; done

clean:  ## remove what setup, the tools and builds made
	rm -rf $(VENV) build node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage*
