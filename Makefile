# The one door, for people and for CI. `make scan` and `make test` set everything up themselves, with pip alone.
#
#   make scan                  scan the story package      make scan PACKAGE=upgrade.zip ARGS='-f json'
#   make test                  unit, property, rule-case and end-to-end tests; ARGS go to pytest
#   make oracles               compare with the real systems; installs Debian packages, so Debian and root only
#   make check                 lint, format, types, import contracts, generated docs are current
#   make smoke                 build the wheel and run it in a clean virtual environment
#   make fuzz                  every reader and the walk; ARGS='--minutes 120 --jobs 2'; needs CPython on Linux x86-64
#   make quiet                 real packages: how loud is it
#   make bench                 against bsdtar and shellcheck: how fast is it; ARGS=--large adds a zip of 4 GiB: 2 minutes, 4.3 GB of disk;
#                              and how often estimates of schema changes hold, on a PostgreSQL 15 that make oracles installs
#   make docs / make lock      write the generated docs; resolve the locked requirements anew
#   make clean                 remove what make made

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

# The first Python that runs and is new enough; name another with `make PYTHON=/path/to/python test`.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in python3.11 python3 python3.12 python3.13 python3.14; do \
    "$$name" -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && { echo "$$name"; break; }; done; true)

VENV := .venv
RUN := $(VENV)/bin/python
# Builds happen without isolation: what builds is locked too.
PIP := -m pip --quiet --disable-pip-version-check --no-input install --no-build-isolation
LOCKED := --require-hashes --no-deps --use-pep517 --requirement

PACKAGE ?=
ARGS ?=
# pytest ends with 5 when it ran no test at all, which is never a pass.
RAN_NONE := || { code=$$?; test $$code -ne 5 || echo 'no test was run' >&2; exit $$code; }
STORY := build/story/billing-platform-7.4.0.zip

.PHONY: help scan test fuzz oracles quiet bench check docs lock smoke clean

help:
	@sed -n 's/^#   //p' Makefile

# --- set-up; each stamp is older than its lock only when the lock has changed ---

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo 'no Python 3.11 or newer found; install one, or name it: make PYTHON=/path/to/python' >&2; exit 2; }
	@"$(PYTHON)" -c '$(NEW_ENOUGH)' || { echo '$(PYTHON) does not run, or is older than Python 3.11' >&2; exit 2; }
	@echo 'setting up $(VENV) with $(PYTHON)' >&2
	@"$(PYTHON)" -m venv $(VENV)

$(VENV)/.test: requirements/build.lock requirements/test.lock | $(VENV)/bin/python
	@echo 'installing locked requirements' >&2
	@$(RUN) $(PIP) $(LOCKED) requirements/build.lock
	@$(RUN) $(PIP) $(LOCKED) requirements/test.lock
	@touch $@

$(VENV)/.check: requirements/check.lock | $(VENV)/.test
	@echo 'installing locked requirements of the checks' >&2
	@$(RUN) $(PIP) $(LOCKED) requirements/check.lock
	@touch $@

$(VENV)/.oracles: requirements/oracles.lock | $(VENV)/.test
	@echo 'installing locked requirements of the oracles' >&2
	@$(RUN) $(PIP) $(LOCKED) requirements/oracles.lock
	@touch $@

# On a Python that the fuzzer has no build for, the lock asks for nothing, and `make fuzz` says so.
$(VENV)/.fuzz: requirements/fuzz.lock | $(VENV)/.test
	@$(RUN) $(PIP) $(LOCKED) requirements/fuzz.lock
	@touch $@

$(VENV)/.pkgscan: pyproject.toml $(VENV)/.test
	@$(RUN) $(PIP) --no-deps --editable .
	@touch $@

$(STORY): $(VENV)/.pkgscan $(shell find fixtures/packages -type f | sed 's/ /\\ /g')
	@mkdir -p $(@D)
	@$(RUN) fixtures/packages/pack.py $(@D) --version 7.4.0 >/dev/null

# --- what users do ---

ifeq ($(PACKAGE),)
# The story package may fail its gate; that is no failure of make.
scan: $(STORY)
	@$(VENV)/bin/pkgscan scan $(STORY) $(ARGS) || { code=$$?; test $$code = 1 || exit $$code; \
	    echo; echo "exit code 1: the gate would stop this package" >&2; }
else
scan: $(VENV)/.pkgscan
	@$(VENV)/bin/pkgscan scan "$(PACKAGE)" $(ARGS)
endif

# --- what developers and CI do ---

test: $(VENV)/.pkgscan
	@$(RUN) -m pytest -q -m "not oracle" $(ARGS) $(RAN_NONE)

fuzz: $(VENV)/.pkgscan $(VENV)/.fuzz
	@$(RUN) tests/fuzz/fuzz.py $(ARGS)

oracles: $(VENV)/.pkgscan $(VENV)/.oracles
	@tests/oracles/install.sh
	@$(RUN) -m pytest -q tests/oracles $(ARGS) $(RAN_NONE)
	@$(RUN) -m pytest -q -m oracle tests/unit $(RAN_NONE)

quiet: $(VENV)/.pkgscan
	@$(RUN) tests/quiet/quiet.py $(ARGS)

bench: $(VENV)/.pkgscan $(VENV)/.oracles
	@$(RUN) tests/benchmarks/bench.py $(ARGS)
	@$(RUN) tests/benchmarks/intervals.py

check: $(VENV)/.pkgscan $(VENV)/.check
	@$(RUN) -m ruff check --quiet
	@$(RUN) -m ruff format --check --quiet
	@$(RUN) -m mypy --no-error-summary
	@$(VENV)/bin/lint-imports --no-logo
	@$(RUN) docs/generate.py --check
	@$(RUN) docs/story.py --check

docs: $(VENV)/.pkgscan
	@$(RUN) docs/generate.py
	@$(RUN) docs/story.py

lock: $(VENV)/.check
	@UV="$(VENV)/bin/uv" requirements/compile.sh

smoke: $(STORY)
	@$(RUN) tests/smoke.py $(STORY)

clean:
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
