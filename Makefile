# Commands of the course. Each sets up what it needs by itself, in .venv and node_modules; only
# Python (3.11 or newer), pip and make must be there. `make help` lists them.
#
#   PYTHON=python3.12      the Python that .venv is made from
#   VENV=folder            another folder for the environment
#   REPOSITORY=https://... public address of the repository: launch buttons and source links
#   BENCH=--quick          what `make bench` hands on to benchmarks.run

SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
REPOSITORY ?=
BASEURL ?=
BENCH ?=

BIN := $(VENV)/bin
export PATH := $(if $(filter /%,$(VENV)),,$(CURDIR)/)$(BIN):$(PATH)
# Tests, notebooks, book and ledger compile the same functions: each is compiled once.
export JAX_COMPILATION_CACHE_DIR ?= $(CURDIR)/.jax_cache
export JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS ?= 0.1
export JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES ?= -1
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

READY := $(VENV)/.ready
BENCH_VENV := .venv-bench
BENCH_READY := $(BENCH_VENV)/.ready
NODE_READY := node_modules/.ready
# The inner loop: the house's rules, the ground floor, and what each wing stands on.
QUICK := tests/house tests/dynamics tests/labs/test_labs_python.py tests/course/test_course_checks.py \
  tests/two_timescale/test_two_timescale_loss.py tests/two_timescale/test_two_timescale_race.py \
  tests/directional/test_directional_laws.py tests/saddles/test_saddles_reference.py
SOURCES := ttlearn tests tools
STAGES := lint scripts unit notebooks-check book-fresh
MAKEFLAGS += --no-print-directory
# GNU make 4 and newer; the one of macOS mixes the stages' lines.
SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

.DEFAULT_GOAL := help
.PHONY: help book serve lab check test notebooks exercises solutions lock vendor bundles pictures release bench chromium clean \
        $(STAGES) browser

help: ## List the commands.
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1	\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

# ---------------------------------------------------------------- what a reader needs

book: $(READY) ## Build the course book and say where to open it.
	@$(BIN)/python tools/build_book.py --repository "$(REPOSITORY)" --baseurl "$(BASEURL)"

serve: $(READY) ## Serve the built book on localhost (builds it first if there is none).
	@test -e _build/html/index.html || $(MAKE) book
	@echo "Open http://localhost:8000 (Ctrl+C ends)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html 8000

lab: $(READY) ## Open the notebooks in JupyterLab.
	@$(BIN)/jupyter lab --notebook-dir=notebooks

# ---------------------------------------------------------------- tests

test: $(READY) $(NODE_READY) chromium ## Run all tests: what CI runs.
	@echo "== the book, the notebooks and the tests of the library, two at a time"
	@$(MAKE) --keep-going --jobs=2 $(SYNC) $(STAGES)
	@$(MAKE) browser

check: $(READY) ## Run the quick subset, under two minutes.
	@$(MAKE) lint
	$(BIN)/python -m pytest -m "not slow and not browser and not book" $(QUICK)

lint: $(READY)
	@echo "== lint: format, lint, types and spelling"
	$(BIN)/ruff format --check $(SOURCES) notebooks
	$(BIN)/ruff check $(SOURCES) notebooks
	$(BIN)/mypy
	$(BIN)/python tools/spelling.py

scripts: $(NODE_READY)
	@echo "== scripts: types and tests of the labs' JavaScript"
	$(BIN)/npm run --silent check

unit: $(READY) $(NODE_READY)
	@echo "== unit: tests and docstring examples of the library"
	$(BIN)/python -m pytest -m "not browser and not book" tests ttlearn --doctest-modules

notebooks-check: $(READY)
	@echo "== notebooks-check: each notebook gives the outputs that are stored in it"
	$(BIN)/python -m pytest --nbval notebooks --nbval-current-env --nbval-cell-timeout 120 \
	  --nbval-sanitize-with tests/nbval_sanitize.cfg -p no:cacheprovider

book-fresh: $(READY)
	@echo "== book-fresh: the book from nothing, every warning an error"
	$(BIN)/python tools/build_book.py --quiet

browser: $(READY) $(NODE_READY) chromium
	@echo "== browser: every page and lab of the built book in Chromium, without a network"
	$(BIN)/python -m pytest -m "browser or book" tests

# ---------------------------------------------------------------- what a maintainer needs

notebooks: $(READY) ## Execute the notebooks and store their outputs, stripped.
	@$(BIN)/python tools/store_outputs.py notebooks

exercises: $(READY) ## Make the exercise notebooks from teaching/source.
	@$(BIN)/python -m ttlearn.course.nbgrader public
	@$(BIN)/python tools/store_outputs.py notebooks/exercises

solutions: $(READY) ## Build the teacher's book, with solutions, into _teachers_book.
	@$(BIN)/python -m ttlearn.course.nbgrader solutions

bundles: $(NODE_READY) ## Rebuild the labs' bundled JavaScript.
	@$(BIN)/npm run --silent build

pictures: book chromium ## Take the pictures of README and link previews from the book.
	@$(BIN)/python tools/make_pictures.py

vendor: $(NODE_READY) ## Refresh the book's browser files from npm and PyPI packages.
	@$(BIN)/python tools/vendor.py

release: book ## Make the offline book, wheel, sdist, checksums and notes in dist/.
	@$(BIN)/python tools/release.py

bench: $(BENCH_READY) ## Measure the speed against peers, alone on the machine.
	@$(BENCH_VENV)/bin/python -m benchmarks.run $(BENCH)

lock: $(READY) ## Pin requirements.txt afresh from pyproject.toml and requirements.in.
	@$(BIN)/python tools/lock.py

clean: ## Remove what was built; the environment stays.
	rm -rf _build _build_only dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .jax_cache

# ---------------------------------------------------------------- set-up

chromium: $(READY)
	@$(BIN)/python tools/chromium.py --install >/dev/null || $(BIN)/python tools/chromium.py

$(READY): requirements.txt pyproject.toml tools/setup_venv.py
	@command -v $(PYTHON) >/dev/null || { echo "No $(PYTHON) found; install Python 3.11 or newer."; exit 1; }
	@$(PYTHON) tools/setup_venv.py "$(VENV)"
	@touch $@

$(BENCH_READY): requirements.txt pyproject.toml tools/setup_venv.py
	@$(PYTHON) tools/setup_venv.py "$(BENCH_VENV)" bench
	@touch $@

$(NODE_READY): package-lock.json package.json | $(READY)
	@echo "Installing the JavaScript tools (node_modules)"
	@$(BIN)/npm ci --silent --no-audit --no-fund </dev/null
	@touch $@
