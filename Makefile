# The commands of the project; `make demo` and `make test` are all that a fresh machine needs.
.DEFAULT_GOAL := help
# uv from the PATH if it works, else our own in .tools, which `setup` fills by pip.
UV := $(shell if uv --version >/dev/null 2>&1; then echo uv; else echo .tools/bin/uv; fi)
PYTHON := $(shell for p in python3 python3.11 python3.12 python3.13 python3.14; do \
	if $$p -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$p; break; fi; done)
RUN := $(UV) run --no-sync
# Whatever environment is active where make is called is not ours; compiled modules halve every start.
unexport VIRTUAL_ENV
unexport PYTHONDONTWRITEBYTECODE
unexport PYTHONPATH
unexport PYTHONHOME
export UV_COMPILE_BYTECODE ?= 1
# Behind a company's proxy only the machine knows the certificates.
export UV_SYSTEM_CERTS ?= 1

.PHONY: help setup uv demo browser test test-one wheel check fmt lint types imports docs site pictures docs-write

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

uv:
	@if ! $(UV) --version >/dev/null 2>&1; then \
		if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer with pip is needed: install it, then run make again." >&2; exit 1; fi; \
		echo "Installing uv in .tools"; $(PYTHON) -m pip install --quiet --root-user-action ignore --target .tools uv; fi

setup: uv ## Install uv if it is missing, then everything the lock file names
	@$(UV) sync --locked --all-extras --quiet

demo: uv ## Connect, sync, change, sync again, report: the main job on an emulated company
	@echo "Installing what the demo needs"
	@$(UV) sync --locked --no-dev --inexact --quiet
	@$(RUN) pennybridge demo

browser: ## Install Chromium from Debian if there is no browser for the tests
	@scripts/install_chromium.sh

test: setup browser ## All tests
	@$(RUN) pytest -n auto

test-one: setup ## One test: make test-one T=tests/sync/test_bookmarks.py
	@$(RUN) pytest -n0 -p no:randomly $(T)

wheel: uv ## Build the wheel, install it in an empty environment, use it
	@$(PYTHON) scripts/smoke_wheel.py

check: setup lint types imports docs site test ## All that CI runs, cheapest first

fmt: setup ## Format and mend what can be mended
	@$(RUN) ruff format && $(RUN) ruff check --fix

lint: setup ## Style
	@$(RUN) ruff check && $(RUN) ruff format --check

types: setup ## Types
	@$(RUN) mypy

imports: setup ## Imports point downwards
	@$(RUN) lint-imports

docs: setup ## Fail if the reference differs from the code
	@$(RUN) python scripts/reference_docs.py --check

site: setup ## Build the site of the documentation into site/, strictly
	@$(RUN) sphinx-build -q -W --keep-going -b html docs site

pictures: setup browser ## Take the README's pictures anew
	@$(RUN) python scripts/pictures.py

docs-write: setup ## Write the reference anew from the code
	@$(RUN) python scripts/reference_docs.py
