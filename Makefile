# Two commands do everything: `make demo` to see Varco, `make test` to check it. `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help install dev setup-test demo test t check lint types layers test-sqlite test-postgres fuzz generated-clients format bench pictures locks sbom clean

BIN := .venv/bin
PORT ?= 8000
DATA ?= demo-data
INPUTS ?= 1000000
JOBS ?= 2
T ?=
ARGS ?=
# Without compiled files each process would rewrite all asserts anew, which takes it longer than most tests.
unexport PYTHONDONTWRITEBYTECODE
FUZZED := tests/protocol tests/gate/test_parsers.py tests/gate/test_hostile.py tests/gate/test_garbage.py \
	tests/gate/test_grant_machine.py tests/gate/test_device_machine.py
PYTEST := $(BIN)/python -m pytest -n $(JOBS) -q
PIP_COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
	--no-emit-trusted-host --no-emit-find-links --build-deps-for editable

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|'

install: ## Make .venv with all that Varco needs to run
	@tools/setup.sh run

dev: ## Make .venv with all that work on Varco needs, from PyPI alone (PYTHON=…)
	@tools/setup.sh dev

setup-test: ## The same with all that every test needs, from PyPI, npm and Debian
	@tools/setup.sh test

demo: install ## Serve a whole demo world on http://localhost:8000 (PORT=…, DATA=…)
	$(BIN)/varco demo --data $(DATA) --port $(PORT)

test: setup-test ## Everything: checks, then all tests on SQLite and PostgreSQL (JOBS=… at once)
	@$(BIN)/python tools/parts.py check test-sqlite test-postgres

t: ## The tests of one path: make t T=tests/gate/test_token.py (ARGS="--engine postgres -k code")
	@$(BIN)/python -m pytest -q $(ARGS) $(or $(T),$(error T=… is missing: make t T=tests/protocol))

check: lint types layers ## What needs no test run: style, types, layers

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

layers:
	$(BIN)/lint-imports

test-sqlite: ## All tests on SQLite, and how much of the code they cover
	$(PYTEST) --coverage

test-postgres: ## All tests that touch a database, on PostgreSQL 15
	$(PYTEST) --engine postgres

fuzz: setup-test ## A deep run of the fuzzing and of the state machines (INPUTS=…)
	VARCO_TEST_FUZZ=$(INPUTS) $(PYTEST) $(FUZZED)
	VARCO_TEST_FUZZ=$(INPUTS) $(PYTEST) --engine postgres $(FUZZED)

generated-clients: setup-test ## Clients made of the API's description in Go and Java call it (needs Go 1.24, a JDK and Maven)
	$(BIN)/python -m pytest -q tests/journeys/compiled/clients.py

format: ## Bring the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup-test ## Measure the gate; the results stand in docs/performance.md
	$(BIN)/python -m bench
	$(BIN)/python -m bench.search
	$(BIN)/python -m bench.flows
	$(BIN)/python -m bench.people
	$(BIN)/python -m bench.people --engine postgres
	$(BIN)/python -m bench.registry
	$(BIN)/python -m bench.registry --engine postgres
	$(BIN)/python -m bench.recorded
	$(BIN)/python -m bench.records --records 5000000
	$(BIN)/python -m pytest -q -s tests/portal/page_times.py
	$(BIN)/python -m pytest -q -s tests/portal/page_times.py --engine postgres
	$(BIN)/python -m pytest -q -s tests/portal/ticket_times.py
	$(BIN)/python -m pytest -q -s tests/portal/ticket_times.py --engine postgres

pictures: setup-test ## Make the pictures of the README and of docs/ again
	$(BIN)/python -m tests.browser.pictures

locks: setup-test ## Compile requirements*.lock from pyproject.toml (UPGRADE=--upgrade for newer versions)
	$(PIP_COMPILE) $(UPGRADE) --output-file=requirements.lock pyproject.toml
	$(PIP_COMPILE) $(UPGRADE) --extra=dev --constraint=requirements.lock --output-file=requirements-dev.lock pyproject.toml

sbom: setup-test ## Write the bill of materials (CycloneDX) to dist/
	tools/sbom.sh

clean: ## Remove what was made here: environment, caches, the demo's data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .cache build *.egg-info demo-data \
		tests/journeys/node/node_modules
	find varco tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
