#!/bin/sh
# Renew the lock files from pyproject.toml; needs pip-compile of pip-tools 7, on Linux.
set -eu
cd "$(dirname "$0")/.."
OPTIONS='--quiet --upgrade --generate-hashes --no-header --no-annotate --strip-extras --allow-unsafe
    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options'
# shellcheck disable=SC2086  # a list of options
pip-compile $OPTIONS --extra comms --output-file container/requirements.lock pyproject.toml
# shellcheck disable=SC2086
echo hatchling | pip-compile $OPTIONS --output-file container/build.lock -
