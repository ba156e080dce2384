# Each target works alone on a fresh machine that has Python >= 3.11, make and a package registry.
PYTHON ?= python3
VENV := .venv
BENCH := .bench
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PAGE := tests/page
PAGE_READY := $(PAGE)/node_modules/.ready
NPM := PATH=$(CURDIR)/$(BIN):$$PATH npm --prefix $(PAGE) --silent
TABLE := demo/breast_cancer.csv

# The compiled parts of NumPy start one thread a core; on small matrices that costs more than it gives.
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: demo help quick test kernels-as-python kernels-with-bounds proofs bench lint objects system-packages clean

demo: $(READY)  ## A tutorial from start to figures, then a network on a real table
	$(BIN)/pellucid lesson moons --out demo/moons
	$(BIN)/python examples/breast_cancer_table.py $(TABLE)
	$(BIN)/pellucid train $(TABLE) --target diagnosis --hidden 30 --epochs 60 --seed 0 --plot demo/loss.png

help:  ## This list
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

# The tests run on the objects that the wheel ships, so that these are compiled once.
quick test proofs: export PELLUCID_CACHE_DIR := $(CURDIR)/build/objects

quick: $(READY) $(PAGE_READY)  ## Between two edits, under a minute: ruff, and the tests that need no browser, LaTeX, compiler or patience
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(NPM) test
	$(BIN)/pytest -n auto -m "not (browser or latex or compiler or slow)"

test: lint system-packages objects  ## All that CI runs
	$(NPM) test
	$(BIN)/pytest -n auto
	$(MAKE) --jobs 2 --output-sync kernels-as-python kernels-with-bounds

kernels-as-python:
	NUMBA_DISABLE_JIT=1 $(BIN)/pytest tests/engines

kernels-with-bounds:
	NUMBA_BOUNDSCHECK=1 $(BIN)/pytest tests/engines/test_agreement.py tests/engines/test_finiteness.py

# The long proofs (fuzzed tables, hundreds of gradients) in their whole length; `make test` runs their short form.
proofs: export PELLUCID_PROOFS := whole
proofs: objects  ## The long proofs in their whole length
	grep -lr proof_size tests --include='test_*.py' | xargs $(BIN)/pytest -n auto

# Training and prediction against scikit-learn, PyTorch, JAX and ONNX Runtime, in an environment of their own.
bench:  ## Speed against scikit-learn, PyTorch, JAX and ONNX Runtime
	test -x $(BENCH)/bin/python || $(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet . scikit-learn torch==2.13.0 jax optax onnx onnxruntime
	cd benchmarks && ../$(BENCH)/bin/python training.py
	cd benchmarks && BENCH_THREADS=2 ../$(BENCH)/bin/python training.py --only images
	cd benchmarks && ../$(BENCH)/bin/python around_training.py

lint: $(READY) $(PAGE_READY)  ## ruff, mypy --strict, import-linter; of the page prettier, ESLint and TypeScript
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(NPM) run lint

# All that the wheel ships: about a minute and a half on two cores, and nothing where they are there already.
objects: $(READY)  ## The compiled kernels that the wheel ships
	$(BIN)/python -c "from pathlib import Path; from pellucid.engines.objects import build_all; build_all(Path('build/objects'))"

# Root on Debian gets packages; others get what can be had without root, and the line to type for the rest.
system-packages:  ## A browser and LaTeX, for the tests that look at what is written for them
	tools/system-packages.sh

# The virtual environment is made once, and again only when pyproject.toml changes.
$(READY): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[dev]' || \
		$(BIN)/python -m pip install --quiet --editable '.[dev]'  # as pip's settings may name an index that uv ignores
	touch $(READY)

# What checks the page's modules. Node comes from PyPI into the virtual environment; none of it is shipped.
$(PAGE_READY): $(PAGE)/package-lock.json | $(READY)
	$(NPM) ci
	touch $(PAGE_READY)

clean:  ## Remove everything that was made
	rm -rf $(PAGE)/node_modules $(VENV) $(BENCH) demo build dist .mypy_cache .ruff_cache .hypothesis .import_linter_cache
