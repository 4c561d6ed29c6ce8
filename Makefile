# The commands of this project; `make help` lists them. Nothing is needed beforehand but Python 3.11+ and make.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Every dependency is in the lock, with its hash, and nothing else is resolved or fetched.
INSTALL_LOCKED := $(PIP) install --no-deps --require-hashes --only-binary :all:
say = @printf '\033[1m==>\033[0m %s\n'

.PHONY: help venv runtime

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: $(VENV)/.dev ## set up .venv with everything a developer needs
runtime: $(VENV)/.package

$(VENV)/.created: tools/make-venv
	$(say) "Making a virtual environment in .venv"
	@tools/make-venv $(VENV)
	@touch $@

$(VENV)/.runtime: requirements-runtime.lock $(VENV)/.created
	$(say) "Installing what a node needs to run (pinned, hashes checked)"
	@$(INSTALL_LOCKED) -r requirements-runtime.lock
	@touch $@

$(VENV)/.package: pyproject.toml $(VENV)/.runtime
	$(say) "Installing linkage_node itself, from this folder"
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements.lock $(VENV)/.package
	$(say) "Installing the developers' tools (pinned, hashes checked)"
	@$(INSTALL_LOCKED) -r requirements.lock
	@touch $@
