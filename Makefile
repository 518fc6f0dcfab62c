# make run · make test · make check · make bench · make accept
# Everything is made as needed: environment, dependencies, pages. Nothing outside this folder is touched, but for system
# packages that `make test` asks for (Chromium), when it is run as root on a Debian system.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
MADE   := .make
WEB    := backend/chalknet/server/web
PAGES  := $(shell find frontend -path frontend/node_modules -prune -o -path frontend/types/node_modules -prune -o -type f -print 2>/dev/null)

.PHONY: run test check bench accept pages looks docs clean unit browser

run: $(MADE)/python $(MADE)/pages
	@exec $(BIN)/chalknet serve

# --- what is made as needed ---------------------------------------------------------------------------------------------

$(MADE)/venv:
	@$(PYTHON) -c 'import sys; sys.exit("Chalknet needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --upgrade pip
	@mkdir -p $(MADE) && touch $@

# torch first and exactly: a looser request takes gigabytes of CUDA on a machine without a GPU.
$(MADE)/torch: $(MADE)/venv
	@echo "Installing PyTorch …"
	$(BIN)/pip install --quiet --disable-pip-version-check $$(sed -n 's/^  "\(torch==[^"]*\)",/\1/p' pyproject.toml)
	@touch $@

$(MADE)/python: $(MADE)/torch pyproject.toml
	@echo "Installing Chalknet …"
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(MADE)/dev: $(MADE)/python
	@echo "Installing what the tests need …"
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

$(MADE)/node: frontend/package-lock.json
	@command -v npm >/dev/null || { echo "Chalknet's pages are built with Node.js 20 or newer: please install it."; exit 1; }
	@mkdir -p $(MADE)
	@echo "Installing what the pages need …"
	npm --prefix frontend ci --no-audit --no-fund --loglevel=error
	@touch $@

$(MADE)/types: frontend/types/package-lock.json
	@mkdir -p $(MADE)
	npm --prefix frontend/types ci --no-audit --no-fund --loglevel=error
	@touch $@

$(MADE)/pages: $(MADE)/node $(PAGES)
	@echo "Building the pages …"
	npm --prefix frontend run --silent build
	@touch $@

pages: $(MADE)/pages

# Chromium is the browser of the journeys. Installed from Debian's packages where that is possible; said aloud where not.
$(MADE)/chromium:
	@mkdir -p $(MADE)
	@if command -v chromium chromium-browser google-chrome >/dev/null; then touch $@; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  echo "Installing Chromium …"; apt-get update -qq && apt-get install -yqq chromium >/dev/null && touch $@; \
	fi; \
	if [ ! -e $@ ]; then echo "── No Chromium, and it cannot be installed here: BROWSER TESTS WILL BE SKIPPED ──"; fi

# --- tests --------------------------------------------------------------------------------------------------------------

check: $(MADE)/dev $(MADE)/node
	$(BIN)/ruff check backend tests
	$(BIN)/ruff format --check --quiet backend tests
	$(BIN)/mypy
	npm --prefix frontend run --silent check

# As many tests at once as there are cores, and one thread each. Journeys stay together by file: each process has its own
# server and browser.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/pytest -q --numprocesses logical --maxprocesses 4

unit: $(MADE)/dev $(MADE)/types
	$(PYTEST) -m "not browser"

browser: $(MADE)/dev $(MADE)/pages $(MADE)/chromium
	$(PYTEST) -m browser --dist loadfile

test: check $(MADE)/pages $(MADE)/types $(MADE)/chromium
	npm --prefix frontend test --silent
	$(PYTEST) -m "not browser"
	$(PYTEST) -m browser --dist loadfile

# Ratios to a reference measured in the same run.
bench: $(MADE)/dev $(MADE)/pages
	$(BIN)/python -m tests.bench

# Every figure that was promised, asked and got; takes minutes and wants an idle machine.
accept: $(MADE)/dev $(MADE)/pages $(MADE)/chromium
	$(BIN)/python -m tests.accept

# The pages in pictures: three sizes, both themes; README's pictures too.
looks: $(MADE)/dev $(MADE)/pages $(MADE)/chromium
	$(BIN)/python -m tests.looks

# The reference of all layers, from the layers.
docs: $(MADE)/python
	$(BIN)/chalknet layers --markdown > docs/layers.md

clean:
	rm -rf $(VENV) $(MADE) $(WEB) frontend/node_modules frontend/types/node_modules
