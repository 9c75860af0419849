#!/usr/bin/env bash
# Locks what pyproject.toml asks for, with hashes, for every supported Python. Run by `make lock`.
set -euo pipefail
compile() { "$UV" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
    --no-emit-index-url --no-emit-find-links "$@" >/dev/null; }

# The largest set is resolved first; the smaller ones take its versions.
compile --upgrade pyproject.toml --group build --group dev --output-file requirements/check.lock
compile pyproject.toml --group test --constraints requirements/check.lock --output-file requirements/test.lock
compile pyproject.toml --constraints requirements/check.lock --output-file requirements/run.lock
compile --group build --constraints requirements/check.lock --output-file requirements/build.lock
# Programs that the oracles compare with; they take the versions of what is shared.
compile --group oracles --constraints requirements/check.lock --output-file requirements/oracles.lock
# Only for `make fuzz`, and nothing else is held to what it needs.
compile --group fuzz --output-file requirements/fuzz.lock
