# Each target does the set-up that it needs; a second call starts at once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/pytest -n 2 --dist worksteal
DEMO := demo
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
MANIFEST := target/manifest.json
MODELS := dbt_project.yml $(shell find models seeds dbt_project -type f 2>/dev/null)

.PHONY: help setup run ui test test-all lint docs lock clean

help:
	@echo "make run       set up, write the demo shop, and run the whole pipeline on it"
	@echo "make test      set up, lint, and run all tests but the long ones, as CI does"
	@echo "make test-all  with the long ones: random kills, many erasures, large files, the UI"
	@echo "make ui        the Dagster UI on localhost:3000, on the demo shop"
	@echo "make setup     only the set-up"
	@echo "make lint      ruff, mypy, sqlfluff, dbt-bouncer and import-linter"
	@echo "make docs      regenerate docs/data-dictionary.md"
	@echo "make lock      pin the requirements again"
	@echo "make clean     remove what the targets made, including the demo shop"

setup: $(READY) $(MANIFEST)

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14))' || \
		{ echo "Siyu needs Python 3.10 to 3.13; name one with make PYTHON=…"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(READY_DEV): requirements-dev.txt $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.txt
	@touch $@

$(MANIFEST): $(READY) $(MODELS)
	$(BIN)/dbt --quiet parse --profiles-dir dbt_project
	@touch $@

$(DEMO)/siyu.yaml: | $(READY)
	$(BIN)/siyu demo --out $(DEMO)

run: setup $(DEMO)/siyu.yaml
	$(BIN)/siyu run --config $(DEMO)/siyu.yaml

ui: setup $(DEMO)/siyu.yaml
	mkdir -p .dagster && cp dagster.yaml .dagster/
	SIYU_CONFIG=$${SIYU_CONFIG:-$(DEMO)/siyu.yaml} DAGSTER_HOME=$(CURDIR)/.dagster \
		$(BIN)/dagster dev -w workspace.yaml

test: setup $(READY_DEV) lint
	$(PYTEST) -m "not long" $(PYTEST_ARGS)

test-all: setup $(READY_DEV) lint
	$(PYTEST) --hypothesis-profile=long $(PYTEST_ARGS)

lint: setup $(READY_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 0 --disable-progress-bar models dbt_project
	@for tool in dbt-bouncer lint-imports; do \
		if [ -x $(BIN)/$$tool ]; then $(BIN)/$$tool || exit 1; else \
		echo "$$tool needs Python 3.11 or later; skipped"; fi; done

docs: setup
	$(BIN)/python -m pipeline.transform.dictionary > docs/data-dictionary.md

lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-strip-extras \
		--no-emit-index-url --no-header --extra dev pyproject.toml -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-strip-extras \
		--no-emit-index-url --no-header -c requirements-dev.txt pyproject.toml -o requirements.txt

clean:
	rm -rf $(VENV) $(DEMO) target logs .dagster .pytest_cache .import_linter_cache .mypy_cache .ruff_cache .hypothesis
