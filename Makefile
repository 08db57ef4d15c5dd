# What a fresh machine needs: Python 3.11 or newer with venv and pip, and make. With Node and npm,
# `make test` asks Node's libraries too.
#   make run     start the server on the default port (ARGS="--port 3000" for more)
#   make test    everything that the gate runs
#   make bench   the benchmarks
#   make fmt     format the code and fix what can be fixed
#   make image   build the container image (ENGINE=docker, podman or buildah; BASE=… for another base)
#   make image-test  run it: health, user, read-only root, a message each way, SIGTERM
# PYTHON=/path/to/python picks the interpreter for a new .venv.

SHELL := /bin/sh
BIN := .venv/bin
NODE := tests/node
PYTHON ?=

.PHONY: run test bench fmt image image-test
.DEFAULT_GOAL := run

run: .venv/.run-installed
	@$(BIN)/twilio-mockserver $(ARGS)

test: .venv/.test-installed $(NODE)/node_modules/.installed
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/pytest -n auto $(ARGS)

bench: .venv/.test-installed
	@$(BIN)/python -m benchmarks $(ARGS)
	@$(BIN)/python benchmarks/plugin_cost.py

fmt: .venv/.test-installed
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# The stamps change only when pyproject.toml does, so nothing is installed twice.
.venv/.run-installed: pyproject.toml .venv/.made
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

.venv/.test-installed: pyproject.toml .venv/.made
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@ .venv/.run-installed

# Without Node, npm or a network the tests that need them say so; the next run tries again.
$(NODE)/node_modules/.installed: $(NODE)/package.json
	@if ! command -v node >/dev/null || ! command -v npm >/dev/null; then \
	    echo 'node or npm was not found' >$(NODE)/npm.log; \
	elif npm install --prefix $(NODE) --no-audit --no-fund --no-package-lock --ignore-scripts \
	    --prefer-offline --fetch-retries=1 --loglevel=error >$(NODE)/npm.log 2>&1; then \
	    touch $@; \
	fi

.venv/.made:
	@for python in $(or $(PYTHON),python3.11 python3 python3.12 python3.13 python3.14 python); do \
	    if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        "$$python" -m venv .venv && touch $@; exit $$?; \
	    fi; \
	done; \
	echo 'Python 3.11 or newer is needed and was not found; name one: make PYTHON=/path/to/python' >&2; \
	exit 1

# Containers. `make test` has nothing to do with them.
ENGINE ?= $(shell for engine in docker podman buildah; do \
    $$engine info >/dev/null 2>&1 && { echo $$engine; break; }; done)
IMAGE ?= twilio-mockserver
BUILD_OPTIONS ?=

image:
	@test -n '$(ENGINE)' || { echo 'docker, podman or buildah must be there, and work' >&2; exit 1; }
	$(ENGINE) build $(if $(BASE),--build-arg BASE=$(BASE)) $(BUILD_OPTIONS) --tag $(IMAGE) .

image-test:
	@python3 container/image_test.py --engine '$(ENGINE)' --image '$(IMAGE)' $(ARGS)
