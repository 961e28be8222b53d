# What a newcomer types: make demo, make check. Both install into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo check test lint format constraints docs pictures man dist audit services test-services bench clean

help:
	@echo 'make demo           a compose from schedule to report, on servers that come with the project'
	@echo 'make check          the quick tests that need nothing but Python'
	@echo 'make test           all tests that need nothing but Python; make test T=path for some'
	@echo 'make lint           style and types'
	@echo 'make audit          known vulnerabilities of what is installed, and secrets in tracked files'
	@echo 'make bench          time, requests, CPU and memory of typical runs; make bench B="messages walks" for some'
	@echo 'make docs           these documents as pages, in build/docs; warnings are errors'
	@echo 'make pictures       the pictures in them, anew (needs Chromium)'
	@echo 'make dist           wheel and sdist, with manual pages and shell completion'
	@echo 'make services       install openQA, PostgreSQL, RabbitMQ, MediaWiki and promtool (root, Debian)'
	@echo 'make test-services  the tests against those'
	@echo 'make constraints    refresh constraints.txt, the versions with hashes that CI installs'
	@echo 'make clean          remove the environment, caches and build files'

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: setup.cfg pyproject.toml | $(BIN)/python
	$(PIP) install --editable '.[sandbox]'
	touch $@

$(VENV)/.installed-for-development: setup.cfg pyproject.toml | $(BIN)/python
ifdef LOCKED
	$(PIP) install --require-hashes -r constraints.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	$(PIP) check
else
	$(PIP) install --editable '.[tests,lint]'
endif
	touch $@ $(VENV)/.installed

# The newest versions that setup.cfg allows, of all extras, without the address of an index. The
# last lines would be the project itself, which one of its extras names.
constraints: | $(BIN)/python
	$(PYTHON) -m venv $(VENV)/lock
	$(VENV)/lock/bin/python -m pip --quiet install 'pip-tools >= 7.4, < 8'
	$(VENV)/lock/bin/pip-compile --quiet --upgrade --all-extras --build-deps-for editable \
	    --generate-hashes --allow-unsafe --strip-extras --unsafe-package fedora-openqa \
	    --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	    --no-emit-trusted-host --output-file constraints.txt setup.cfg
	sed -i '/^# The following packages are considered/,$$d' constraints.txt

demo: $(VENV)/.installed
	@$(BIN)/fedora-openqa sandbox --demo

check: $(VENV)/.installed-for-development
	$(BIN)/python -m pytest -m 'not service and not slow' --hypothesis-profile=quick $(T)

test: $(VENV)/.installed-for-development
	$(BIN)/python -m pytest -m 'not service' $(T)

lint: $(VENV)/.installed-for-development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.installed-for-development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.installed-for-development
	$(BIN)/sphinx-build -q -W --keep-going -b html docs build/docs
	@echo 'build/docs/index.html'

pictures: $(VENV)/.installed
	$(BIN)/python docs/pictures.py docs/images

man: $(VENV)/.installed-for-development
	$(BIN)/python docs/man.py build/share

dist: man
	$(BIN)/python -m build --outdir dist .

audit: $(VENV)/.installed-for-development
	$(PIP) install --editable '.[audit]'
	$(BIN)/python .ci/audit

services:
	tests/services/install

# A missing service fails its tests here; they are not skipped. The contract tests also use a real
# ResultsDB, WaiverDB or Greenwave where FEDORA_OPENQA_RESULTSDB_URL, FEDORA_OPENQA_WAIVERDB_URL
# (with FEDORA_OPENQA_WAIVERDB_TOKEN) or FEDORA_OPENQA_GREENWAVE_URL is set. That Greenwave must
# have the policies of tests/data/gating/contract.yaml.
test-services: $(VENV)/.installed-for-development
	FEDORA_OPENQA_REQUIRE_SERVICES=1 $(BIN)/python -m pytest -m service

bench: $(VENV)/.installed-for-development
	$(BIN)/python -m bench $(B)

clean:
	rm -rf $(VENV) *.egg-info build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
