# Two commands: `make run` (everything set up, the web community on sample data) and `make test` (the whole suite).
SHELL := /bin/sh
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STUDYHALL_HOME ?= .home
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input

.PHONY: run demo test check format bench lock clean

run: $(VENV)/.installed
	@STUDYHALL_HOME="$(STUDYHALL_HOME)" exec $(BIN)/studyhall demo

test: $(VENV)/.dev-installed
	@sh scripts/chromium.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(VENV)/.dev-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev-installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The quick variant of every benchmark: does it run, is it sane. benchmarks/README.md has the full ones.
bench: $(VENV)/.dev-installed
	@for name in ingest embed answer batch start memory; do \
		$(BIN)/python -m benchmarks.$$name --quick || exit 1; echo; \
	done

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Studyhall needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.11 " + "$(MAKECMDGOALS)")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

# The lock is installed without looking at dependencies, so nothing unpinned can slip in; torch stands alone (see README).
$(VENV)/.installed: $(VENV)/.created requirements/lock.txt requirements/torch.txt pyproject.toml
	@echo "Installing Studyhall (the first time takes a few minutes) ..."
	$(PIP) install --require-hashes --no-deps -r requirements/lock.txt
	$(PIP) install -r requirements/torch.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev-installed: $(VENV)/.installed requirements/dev.txt
	@echo "Installing what the tests need ..."
	$(PIP) install --require-hashes --no-deps -r requirements/dev.txt
	@touch $@

# Needs uv (https://docs.astral.sh/uv/); only maintainers who change dependencies run this.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-package torch \
		pyproject.toml requirements/build.in -o requirements/lock.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-package torch \
		--group dev pyproject.toml requirements/build.in -c requirements/lock.txt -o requirements/dev.txt

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
