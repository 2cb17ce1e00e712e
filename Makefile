# `make activate` and `make test` are all a newcomer needs; the rest is for those who work here.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: install activate test bench lint lock clean

install: $(STAMP)

$(STAMP): requirements/uv.txt requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt requirements/uv.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

activate: install
	@$(BIN)/python -m flows.activate

test: install
	@$(BIN)/python -m pytest -n auto --dist loadscope

bench: install
	$(BIN)/python -m tests.benchmarks
	$(BIN)/python -m pytest tests/benchmarks -p no:randomly -s

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: install
	cd requirements && for set in uv runtime dev; do ../$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 $$set.in -o $$set.txt; done

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache
