# What a newcomer types: make demo, make test. Both install into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test lint format services test-services bench clean

help:
	@echo 'make demo           a compose from schedule to report, on servers that come with the project'
	@echo 'make test           the tests that need nothing but Python'
	@echo 'make lint           style and types'
	@echo 'make bench          what a run costs, side by side with a one-at-a-time client'
	@echo 'make services       install openQA, PostgreSQL, RabbitMQ and MediaWiki (root, Debian)'
	@echo 'make test-services  the tests against those'
	@echo 'make clean          remove what the above made here'

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: setup.cfg pyproject.toml | $(BIN)/python
	$(PIP) install --editable .
	touch $@

$(VENV)/.installed-for-development: setup.cfg pyproject.toml | $(BIN)/python
	$(PIP) install --editable '.[tests,lint]'
	touch $@ $(VENV)/.installed

demo: $(VENV)/.installed
	@$(BIN)/fedora-openqa sandbox --demo

test: $(VENV)/.installed-for-development
	$(BIN)/python -m pytest -m 'not service'

lint: $(VENV)/.installed-for-development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.installed-for-development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

services:
	tests/services/install

# A service that is missing is a failure here, not a test left out. The contracts of ResultsDB,
# WaiverDB and Greenwave are tested on real ones, too, if FEDORA_OPENQA_RESULTSDB_URL,
# FEDORA_OPENQA_WAIVERDB_URL (with FEDORA_OPENQA_WAIVERDB_TOKEN) and FEDORA_OPENQA_GREENWAVE_URL
# name them; the Greenwave needs the policies of tests/data/gating/contract.yaml.
test-services: $(VENV)/.installed-for-development
	FEDORA_OPENQA_REQUIRE_SERVICES=1 $(BIN)/python -m pytest -m service

bench: $(VENV)/.installed-for-development
	$(BIN)/python -m bench
	$(BIN)/python -m bench.messages
	$(BIN)/python -m bench.reports
	$(BIN)/python -m bench.bombs

clean:
	rm -rf $(VENV) *.egg-info build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
