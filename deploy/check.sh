#!/bin/sh
# Lint, types, import contracts, complete migrations.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/lint-imports --no-logo 2>/dev/null || .venv/bin/lint-imports
.venv/bin/mypy .
# No database is needed for this, and none is started.
.venv/bin/python -W "ignore:Got an error checking a consistent:RuntimeWarning" manage.py makemigrations --check --dry-run
