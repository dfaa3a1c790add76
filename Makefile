# `make run` starts the demo, `make test` checks everything; both do all the set-up themselves.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help

.PHONY: help run demo-reset test long crash soak check bench setup translations first-migration

help:
	@echo 'make run          the marketplace with demo data, on http://127.0.0.1:8000 (PORT and INSTANCE_PATH choose others)'
	@echo 'make demo-reset   remove the demo database and files, so that the next run starts afresh'
	@echo 'make test         every check and every test'
	@echo 'make crash        kill web, worker and the database’s connections 200 times, and look at the books'
	@echo 'make check        only the static checks'
	@echo 'make long         the tests that make test leaves out: each journey in its other language'
	@echo 'make soak         thousands of deals with Stripe in its worst mood, until three books agree'
	@echo 'make bench        measurements, one JSON object a line'
	@echo 'make translations bring the catalogues up to date with the sources'

setup:
	@$(PYTHON) tools/set_up.py

# exec: Ctrl-C and signals reach the demo itself, and nothing stands between.
run: setup
	@exec $(BIN)/python -m marketplace.run

demo-reset: setup
	@exec $(BIN)/python -m marketplace.run --reset

check: setup
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint templates --quiet --lint

test: check
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal $(PYTEST)

crash: setup
	@CRASHES=$${CRASHES:-200} CRASH_SEED=$${CRASH_SEED:-0} $(BIN)/python -m pytest tests/crash/test_random_kills.py -q -s

long: setup
	@$(BIN)/python -m pytest -m long --numprocesses auto --maxprocesses 4 --dist worksteal $(PYTEST)

soak: setup
	@THREE_BOOKS=$${THREE_BOOKS:-200} $(BIN)/python -m pytest tests/money -q -s

bench: setup
	@$(BIN)/python -m bench $(BENCH)

translations: setup
	@$(BIN)/pybabel --quiet extract --mapping babel.cfg --keywords=_l --sort-by-file --add-location=file --no-wrap --output .cache/messages.pot .
	@$(BIN)/pybabel --quiet update --no-fuzzy-matching --no-wrap --ignore-obsolete --ignore-pot-creation-date --input-file .cache/messages.pot --output-dir translations

# Before the first release the tables' one migration is made anew from the models.
first-migration: setup
	@$(BIN)/python tools/first_migration.py
