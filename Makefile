# The commands of the project; `make demo` and `make test` are all that a fresh machine needs.
.DEFAULT_GOAL := help
UV := $(shell command -v uv 2>/dev/null || echo python3 -m uv)
RUN := $(UV) run --no-sync
export PYTHONWARNINGS ?=

.PHONY: help setup demo test test-one check fmt lint types imports docs

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: ## Install uv if it is missing, then everything the lock file names
	@$(UV) --version >/dev/null 2>&1 || python3 -m pip install --quiet --user uv || python3 -m pip install --quiet --user --break-system-packages uv
	@$(UV) sync --locked --all-extras --quiet

demo: setup ## Connect, sync, change, sync again, report: the main job on an emulated company
	@$(RUN) pennybridge demo

test: setup ## All tests
	@$(RUN) pytest -n auto

test-one: setup ## One test: make test-one T=tests/sync/test_bookmarks.py
	@$(RUN) pytest -n0 -p no:randomly $(T)

check: setup lint types imports docs test ## All that CI runs, cheapest first

fmt: setup ## Format and mend what can be mended
	@$(RUN) ruff format && $(RUN) ruff check --fix

lint: setup ## Style
	@$(RUN) ruff check && $(RUN) ruff format --check

types: setup ## Types
	@$(RUN) mypy

imports: setup ## Imports point downwards
	@$(RUN) lint-imports

docs: setup ## Regenerate the reference and fail if it differs
	@$(RUN) python scripts/reference_docs.py --check
