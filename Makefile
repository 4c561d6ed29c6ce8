# The commands of this project; `make help` lists them. Nothing is needed beforehand but Python 3.11+ and make.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
OPA := .tools/bin/opa
REGAL := .tools/bin/regal
# Otherwise it asks on the internet for its newest version.
export REGAL_DISABLE_VERSION_CHECK := 1
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Every dependency is in the lock, with its hash; nothing else is resolved, fetched or compiled.
INSTALL_LOCKED := $(PIP) install --no-deps --require-hashes --only-binary :all:
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links
# Percentage of the policies' lines that their tests must reach.
POLICY_COVERAGE := 100
# For one test of the policies: all cases are one, and a busy machine takes its time.
POLICY_TIMEOUT := 120s
say = @echo "==>"

.PHONY: help demo test check bench venv tools proto lock format clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.package ## show five organisations helping the same people
	@$(BIN)/linkage-node demo

test: check ## everything that must pass: the checks, the policies' tests, the node's tests
	$(say) "Testing the policies, with coverage (opa test)"
	@$(OPA) test --fail-on-empty --timeout $(POLICY_TIMEOUT) policies
	@$(OPA) test --coverage --timeout $(POLICY_TIMEOUT) --threshold $(POLICY_COVERAGE) policies >.tools/policy-coverage.json
	$(say) "Testing the node (pytest)"
	@postgres=$$(tools/postgres); \
	PATH="$(CURDIR)/.tools/bin:$(CURDIR)/$(BIN):$${postgres:+$$postgres:}$$PATH" $(BIN)/python -m pytest -q $(PYTEST_ARGS)

check: $(VENV)/.dev $(OPA) $(REGAL) ## static checks: code, types, protocol, generated code, policies
	$(say) "Checking the code (ruff)"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Some files are not formatted; run: make format"; exit 1; }
	$(say) "Checking the types (mypy, strict)"
	@$(BIN)/mypy --no-error-summary linkage_node tools $(wildcard tests)
	$(say) "Checking the protocol and the code generated from it (buf, protoc)"
	@$(BIN)/buf lint proto
	@$(BIN)/python tools/generate_proto.py --check
	$(say) "Checking the policies (opa fmt, opa check)"
	@$(OPA) fmt --fail --list policies || { echo "Some policies are not formatted; run: make format"; exit 1; }
	@$(OPA) check --strict policies
	$(say) "Linting the policies (regal)"
	@$(REGAL) lint policies

bench: $(VENV)/.package ## measure how fast this machine matches
	@$(BIN)/linkage-node bench

venv: $(VENV)/.dev ## set up .venv with everything a developer needs

tools: $(OPA) $(REGAL) ## build or find the tools that tests need: OPA, Regal, PostgreSQL
	$(say) "PostgreSQL is in $$(tools/postgres)"

proto: $(VENV)/.dev ## generate Python from proto/
	@$(BIN)/python tools/generate_proto.py

format: $(VENV)/.dev $(OPA) ## format code and policies
	@$(BIN)/ruff check --quiet --select I --fix .
	@$(BIN)/ruff format --quiet .
	@$(OPA) fmt --write policies

lock: $(VENV)/.dev ## pin the newest versions that pyproject.toml allows
	@$(LOCK) --upgrade --group dev --output-file requirements.lock
	@$(LOCK) --upgrade --group build --constraints requirements.lock --output-file requirements-runtime.lock
	@! grep -nE '(https?|file):' requirements.lock requirements-runtime.lock

clean: ## remove everything that make made
	@rm -rf $(VENV) .tools build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

# What follows makes each thing once; a stamp is older than its lock file when there is something new to install.

$(VENV)/.created: tools/make-venv
	$(say) "Making a virtual environment in $(VENV)"
	@tools/make-venv $(VENV)
	@touch $@

$(VENV)/.runtime: requirements-runtime.lock $(VENV)/.created
	$(say) "Installing what a node needs to run (pinned, hashes checked)"
	@$(INSTALL_LOCKED) --requirement requirements-runtime.lock
	@touch $@

$(VENV)/.package: pyproject.toml $(VENV)/.runtime
	$(say) "Installing the node itself, from this folder"
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements.lock $(VENV)/.runtime | $(VENV)/.package
	$(say) "Installing the developers' tools (pinned, hashes checked)"
	@$(INSTALL_LOCKED) --requirement requirements.lock
	@touch $@

$(OPA): tools/go.mod tools/go.sum tools/build-go-tool | $(VENV)/.dev
	$(say) "Building OPA from source, once (a minute or two)"
	@tools/build-go-tool tools $@
	@touch --no-dereference $@

# In a module of its own: Regal is written for an older OPA, and does not compile with the one above.
$(REGAL): tools/regal/go.mod tools/regal/go.sum tools/build-go-tool | $(VENV)/.dev
	$(say) "Building Regal from source, once (a minute or two)"
	@tools/build-go-tool tools/regal $@
	@touch --no-dereference $@
