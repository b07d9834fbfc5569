# Every target sets up what it needs by itself. A fresh machine needs Python 3.11 or later and make.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
QUICK := src tests/unit

# One thread for linear algebra: tests run side by side, and sums keep their order.
test check verify: export OPENBLAS_NUM_THREADS := 1

.PHONY: help setup demo test check verify bench docs lock

help:
	@echo "make demo    simulate a handover, identify it, write the report, fill a workplace"
	@echo "make test    everything that must pass before a merge"
	@echo "make check   the quick part of it: style, types, import rules, unit tests"
	@echo "make verify  names, teeth and every line of evidence on invented people with known truth;"
	@echo "             a thousand kills and long fuzzing of the workplace"
	@echo "make bench   speed, beside what other programs need"
	@echo "make docs    reference pages"
	@echo "make setup   the virtual environment alone ($(VENV))"
	@echo "make lock    pin the newest versions that fit pyproject.toml (needs uv)"

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@set -e; \
	found="$$(for p in $(PYTHON) python3.14 python3.13 python3.12 python3.11; do \
	    if "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then command -v "$$p"; break; fi; done)"; \
	if [ -z "$$found" ]; then echo "Python 3.11 or later is needed: make PYTHON=/where/it/is" >&2; exit 1; fi; \
	if uv --version >/dev/null 2>&1; then \
	    [ -x $(BIN)/python ] || uv venv --quiet --python "$$found" $(VENV); \
	    VIRTUAL_ENV=$(VENV) uv pip install --quiet --compile-bytecode -r requirements.lock; \
	    VIRTUAL_ENV=$(VENV) uv pip install --quiet --no-deps -e .; \
	else \
	    [ -x $(BIN)/pip ] || "$$found" -m venv --clear $(VENV); \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock; \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .; \
	fi
	@touch $@

demo: $(READY)
	rm -rf demo
	mkdir demo
	$(BIN)/cenotaph simulate handover demo/handover --preset k55 --seed 2018
	$(BIN)/cenotaph identify demo/handover --out demo/result
	$(BIN)/cenotaph account transfers --dossier demo/handover --result demo/result
	$(BIN)/cenotaph account publish demo/site
	$(BIN)/python tools/demo.py demo/handover demo/result demo/workplace
	@echo
	@echo "The report: $(CURDIR)/demo/result/report.html"
	@echo "The Korean programme (its record is real, the handover above is invented): $(CURDIR)/demo/site/index.html"
	@echo "The workplace with both: $(BIN)/cenotaph serve --database sqlite:///demo/workplace/record.sqlite3"
	@echo "  then open http://127.0.0.1:8000/ and sign in with a name and password of demo/workplace/people.txt:"
	@echo "  case_manager: http://127.0.0.1:8000/individuals/      whom the bones were, one card each"
	@echo "  anthropologist: http://127.0.0.1:8000/handovers/      boxes and bones, without a name"
	@echo "  planner: http://127.0.0.1:8000/talks/                 sixty years of talks, promises and transfers"

define house_rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
endef

test: $(READY)
	$(house_rules)
	$(BIN)/pytest -q -n 2

check: $(READY)
	$(house_rules)
	$(BIN)/pytest -q -n 2 -m "not slow" $(QUICK)

# All of them, whatever the first ones say.
verify: $(READY)
	@status=0; \
	$(BIN)/python verification/run.py --out build/verification || status=1; \
	$(BIN)/python verification/dental.py || status=1; \
	$(BIN)/python verification/snp.py || status=1; \
	$(BIN)/python verification/next_tests.py || status=1; \
	$(BIN)/python verification/lines.py --handovers 10 --out build/verification || status=1; \
	CENOTAPH_FUZZ=30 $(BIN)/pytest -q -n 2 tests/fuzz tests/workplace/test_custody.py || status=1; \
	CENOTAPH_KILLS=1000 $(BIN)/pytest -q tests/workplace/test_kill.py || status=1; \
	echo "Plots: $(CURDIR)/build/verification"; \
	exit $$status

bench: $(READY)
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/search.py --cluster local:2
	$(BIN)/python benchmarks/snp_search.py
	$(BIN)/python benchmarks/workplace.py

# The dossier's page is made from the registry; the other reference pages are written by hand and only tested.
docs: $(READY)
	$(BIN)/python -m cenotaph.dossier.reference > docs/reference/.dossier.md
	mv docs/reference/.dossier.md docs/reference/dossier.md
	$(BIN)/pytest -q tests/docs

# Names and versions only: a lock that recorded where each file came from would tie the project to one index.
lock:
	uv pip compile --quiet --universal --all-extras --no-annotate --no-header --no-emit-index-url \
	    --python-version 3.11 --upgrade pyproject.toml -o requirements.lock
