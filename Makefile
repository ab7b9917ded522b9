# `make demo` and `make test` do everything on a machine that has Python (3.12 or newer) and make.
# Another interpreter: `make demo PYTHON=/path/to/python3.13`.

VENV := .venv
BIN := $(VENV)/bin
CORE := $(VENV)/.installed-core
DEV := $(VENV)/.installed-dev
PIP := $(BIN)/python -m pip
INSTALL := $(PIP) install --quiet --constraint constraints.txt
USABLE := import sys, ensurepip; sys.exit(sys.version_info < (3, 12))

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-browser lint types layers bench docs schema clean

help:
	@echo "make demo       install, run configs/heights.yaml, print where its report is"
	@echo "make test       install the development tools, run the tests and the examples of the documentation"
	@echo "make test-slow  run the tests that take long"
	@echo "make test-browser  open the reports in Chromium (apt install chromium chromium-driver); pictures in build/browser"
	@echo "make lint       ruff      make types   mypy      make layers   import-linter"
	@echo "make bench      time the sweep against scikit-learn"
	@echo "make docs       build the documentation into build/docs"
	@echo "make schema     write configs/pointmass.schema.json anew"
	@echo "make clean      remove what the tools leave behind (not the environment, not the reports)"

demo: $(CORE)
	@$(BIN)/pointmass run configs/heights.yaml
	@echo "The report is $(CURDIR)/reports/heights/report.html"

# Two processes, a file's tests in one of them, each with one thread for linear algebra.
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile

test: $(DEV)
	$(PYTEST) -m "not slow and not browser"

test-slow: $(DEV)
	$(PYTEST) -m "slow and not browser" --timeout 900

test-browser: $(VENV)/.installed-browser
	$(BIN)/python -m pytest -m browser tests/browser

lint: $(DEV)
	$(BIN)/ruff check src tests experiments
	$(BIN)/ruff format --check --quiet src tests experiments

types: $(DEV)
	$(BIN)/mypy

layers: $(DEV)
	$(BIN)/lint-imports

bench: $(DEV)
	$(BIN)/python experiments/benchmarks/run.py

docs: $(VENV)/.installed-docs
	$(BIN)/python -m sphinx -W --keep-going -q docs build/docs
	@echo "The documentation is $(CURDIR)/build/docs/index.html"

schema: $(CORE)
	$(BIN)/pointmass schema > configs/pointmass.schema.json

clean:
	rm -rf build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests experiments -name __pycache__ -type d -prune -exec rm -rf {} +

$(CORE): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing pointmass into $(VENV) (a few minutes the first time)"
	@$(PIP) --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@$(INSTALL) --editable .
	@touch $@

$(DEV): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing pointmass and its development tools into $(VENV) (a few minutes the first time)"
	@$(PIP) --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@$(INSTALL) --editable ".[dev]"
	@touch $(CORE) $@

$(VENV)/.installed-browser: $(DEV)
	@$(INSTALL) --editable ".[dev,browser]"
	@touch $@

$(VENV)/.installed-docs: $(CORE)
	@$(INSTALL) --editable ".[docs]"
	@touch $@

# Made only where there is none that runs; an environment made by uv lacks pip and is given it.
$(BIN)/python:
	@for python in $(PYTHON) python3.13 python3.12 python3 none; do \
	  if [ "$$python" = none ]; then \
	    echo "pointmass needs Python 3.12 or newer with ensurepip (Debian, Ubuntu: apt install python3-venv), or make PYTHON=/path/to/python3.13" >&2; \
	    exit 1; \
	  fi; \
	  if "$$python" -c '$(USABLE)' >/dev/null 2>&1; then break; fi; \
	done; \
	"$$python" -m venv --clear $(VENV)
