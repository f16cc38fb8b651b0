# Needs only Python (3.10 or newer) with venv, and make. Everything is installed into .venv when first needed.
PYTHON  ?= python3
PROFILE ?= quick
CORPORA ?=

VENV := .venv
BIN := $(VENV)/bin
BOOK := $(VENV)/.book
ALL := $(VENV)/.all

.PHONY: help install book pdf test test-browser test-slow bench lint format sync readme picture lock audit clean

help:  ## What can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# The lock file is made by `make lock`. The package itself is installed as a link to this folder, so that a change of
# its code needs no new set-up; of the others, seqeval alone comes as source, which pip builds by itself.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 --constraint requirements.lock

$(BOOK): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(INSTALL) editables hatchling seqeval
	$(INSTALL) --no-build-isolation --editable '.[book,mbert]'
	touch $@

# What tests, browsers and clusters need too.
$(ALL): $(BOOK)
	$(INSTALL) --no-build-isolation --editable '.[book,mbert,parquet,ray,slurm,dev]'
	touch $@

install: $(BOOK)  ## The package in .venv, with its taggers and what the book needs

book: $(BOOK)  ## Execute the pages and build the website; PROFILE=quick CORPORA=FOLDER
	$(BIN)/polyner book --profile $(PROFILE) $(if $(CORPORA),--corpora "$(CORPORA)")

pdf: book $(ALL)  ## Print the website into one PDF (needs Chromium)
	$(BIN)/python -m polyner.book.pdf

test: $(ALL)  ## All tests but the slow ones and those in a browser
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile

# SITE=FOLDER tests a website that is built already; otherwise one is built with the profile smoke.
test-browser: $(ALL)  ## Every page of the website in a browser (needs Chromium)
	OMP_NUM_THREADS=1 POLYNER_NEEDS_BROWSER=1 $(if $(SITE),POLYNER_TEST_SITE="$(abspath $(SITE))") \
		$(BIN)/python -m pytest -m browser -n 2 --dist loadfile

test-slow: $(ALL)  ## The tests that take minutes
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m slow

bench: $(BOOK)  ## How fast it is, against plain implementations; minutes
	$(BIN)/python -m benchmarks

lint: $(ALL)  ## Check the style
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

format: $(ALL)  ## Mend the style
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

sync: $(BOOK)  ## Bring the notebooks up to their sources, book/*.py
	$(BIN)/python -c "from polyner.book.notebooks import find_book, sync_pairs; sync_pairs(find_book())"

readme: $(BOOK)  ## Write the recorded Table 1 into README.md
	$(BIN)/polyner table1 --into README.md

picture: $(ALL)  ## Take README's picture of the built website (needs Chromium)
	$(BIN)/python -m polyner.book.picture pictures/site.png

# CUDA's own packages are left out: the torch wheel names those it needs, and the CPU wheel needs none.
lock:  ## Renew requirements.lock (needs uv)
	echo 'torch==2.13.0' | uv pip compile pyproject.toml --all-extras --universal --python-version 3.10 \
		--constraints - --no-annotate --no-header --quiet | grep -vE '^(cuda-|nvidia-|triton)' > requirements.lock.new
	mv requirements.lock.new requirements.lock

audit:  ## Look the locked packages up in the database of known vulnerabilities (needs uv and a network)
	uvx pip-audit --requirement requirements.lock --no-deps --disable-pip

clean:  ## Remove what was built; runs and the environment stay
	rm -rf book/_build
