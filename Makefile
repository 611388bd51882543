# `make help` lists the targets. Everything runs in .venv, which `setup` makes from requirements.lock.
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-e2e test-spark test-integrations test-torch conformance torture check bench lock docs clean
SHELL := /bin/sh
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready ## Make the environment in .venv

.venv/.ready: requirements.lock pyproject.toml scripts/setup
	@sh scripts/setup

demo: setup ## The main job, from recording three scripts to a report that checks itself (examples/tumour)
	@$(BIN)/python examples/tumour/demo.py

test: setup ## Everything that runs on pip packages alone (under 10 minutes)
	@$(PYTEST) -n 2 --dist loadgroup

test-e2e: setup ## Pages and reports in a real browser (needs Chromium)
	@sh scripts/test-e2e

test-spark: setup ## The kernel and the listener on Spark (needs Java)
	@sh scripts/test-spark

test-integrations: setup ## Each outside system, in an environment of its own
	@sh scripts/test-integrations

test-torch: setup ## Recording of trainings with PyTorch (installs it, several hundred megabytes)
	@sh scripts/test-torch

conformance: setup ## Column lineage, every case, with the table by library and kind
	@LINEPROOF_CONFORMANCE=all $(PYTEST) -q -s tests/conformance

torture: setup ## Long fault runs (needs strace)
	@$(PYTEST) -o testpaths= tests/torture

check: setup ## Formatting, lint, types, layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: setup ## Figures beside their peers, printed as ratios
	@$(BIN)/python bench/run.py

lock: ## Renew requirements.lock (needs uv)
	@command -v uv >/dev/null 2>&1 || { echo "lock: uv is needed (pip install uv)" >&2; exit 1; }
	@uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --group dev --extra all --upgrade pyproject.toml -o requirements.lock

docs: setup ## Write docs/reference from the code
	@$(BIN)/python docs/generate.py

clean: ## Remove the environment and caches
	@rm -rf .venv .venv-* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
