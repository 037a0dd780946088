# Two commands set up all they need: `make demo` and `make test`. The others run in the active
# virtual environment, or in .venv-test where none is active.

BASE_PYTHON ?= $(shell python3.11 -c '' 2>/dev/null && echo python3.11 || echo python3)
ifdef VIRTUAL_ENV
PYTHON ?= python
else
PYTHON ?= $(if $(wildcard .venv-test/bin/python),.venv-test/bin/python,python3)
endif
JOBS ?= 2
PYTEST_ARGS ?=

# One thread for each of pytest's processes.
test test-fast unit: export OMP_NUM_THREADS ?= 1
unit: export PROPERTY_EXAMPLES ?= 125

.DEFAULT_GOAL := help
.PHONY: help demo test unit test-fast bench sweep fuzz corpus-classes clean-env lint fmt clean clean-all bench-stages growth mutants package-faults

help: ## list these targets
	@grep -hE '^[a-z-]+: .*## ' Makefile | sed -E 's/^([a-z-]+): .*## /\1\t/' \
	    | awk -F '\t' '{printf "  make %-14s %s\n", $$1, $$2}'

demo: ## set up .venv-demo (under a minute), export Mask R-CNN, check it without mmdet
	@$(BASE_PYTHON) scripts/setup_env.py demo
	@.venv-demo/bin/python scripts/demo.py

test: ## set up .venv-test (compiles mmcv once, eight minutes), then lint and all tests
	@$(BASE_PYTHON) scripts/setup_env.py test
	@$(MAKE) --no-print-directory lint PYTHON=.venv-test/bin/python
	.venv-test/bin/python -m pytest -n $(JOBS) --dist loadgroup $(PYTEST_ARGS)

unit: ## the tests that start no process and need no real library, with fewer generated examples: two minutes
	$(PYTHON) -m pytest -n $(JOBS) -m unit $(PYTEST_ARGS)

test-fast: ## all tests that need no real library and are not slow, in the current environment: 15 minutes
	$(PYTHON) -m pytest -m 'not corpus and not slow' $(PYTEST_ARGS)

sweep: ## export and check all configs of LIB (mmseg, "mmdet mmpose", …), or SWEEP_ARGS='--per-folder 1 --seed 7'
	$(PYTHON) scripts/sweep.py $(or $(LIB),$(error say which libraries: make sweep LIB=mmseg)) --jobs $(JOBS) $(SWEEP_ARGS)

fuzz: ## flatten N generated hierarchies and run them beside the originals: make fuzz N=20000
	$(PYTHON) scripts/fuzz.py -n $(or $(N),2000)

corpus-classes: ## flatten every class of the real libraries and of the standard library, and compare
	$(PYTHON) scripts/corpus_classes.py

mutants: ## put faults into this program and see whether its tests notice (hours, in pieces); MUTANTS_ARGS='--stage link'
	$(PYTHON) scripts/mutate_program.py $(MUTANTS_ARGS)

package-faults: ## put faults into the packages of CONFIGS and see whether verify notices: CONFIGS='mmdet::… mmseg::…'
	$(PYTHON) scripts/mutate_package.py $(or $(CONFIGS),$(error say which configs)) $(FAULTS_ARGS)

bench: ## time exporting against plain building, into docs/performance.md (on a quiet machine)
	$(PYTHON) scripts/bench.py $(BENCH_ARGS) --json docs/performance.json --into docs/performance.md

clean-env: ## train four packages where none of the libraries is installed (downloads torch, several GB, once)
	$(PYTHON) scripts/clean_env.py

bench-stages: ## time the hot stages against a fixed loop, in a minute
	$(PYTHON) scripts/bench_stages.py

growth: ## export projects of 10 to 10,000 classes and chains of 2 to 500; more than linear is an error
	$(PYTHON) scripts/bench_growth.py --json docs/growth.json --svg docs/growth.svg

lint: ## ruff, mypy --strict, and what may import what; changing nothing
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy --strict introspect_export scripts
	$(PYTHON) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

fmt: ## ruff's fixes and formatting, in place
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

clean: ## remove what runs left behind: caches, builds, the demo's export
	rm -rf build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis demo_pack
	find introspect_export scripts tests -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

clean-all: clean ## clean, and remove the virtual environments too
	rm -rf .venv-demo .venv-test .venv-clean
