#!/bin/sh
# Every test: first those that share servers, side by side; then those that start whole platforms, two at a time.
# Arguments go to the first part's pytest, and then the rest is left out: deploy/test.sh -k claim
set -eu
cd "$(dirname "$0")/.."
python=.venv/bin/python

if [ $# -gt 0 ]; then exec $python -m pytest "$@"; fi

$python -m coverage erase
$python -m pytest -q -n "${TEST_PROCESSES:-2}" --dist worksteal -m "not acceptance and not faults" --cov --cov-report=
$python -m coverage report --fail-under=95
# Here a branch that no test takes is a lost or a doubled run.
$python -m coverage report --fail-under=100 --include="tasks_app/queue.py,tasks_app/moves.py,tasks_app/queue_sql.py,tasks_app/admission.py,tasks_app/admission_sql.py,tasks_app/states.py,tasks_app/execution/retry.py"
# They wait more than they work. Only their own files are read: all take ten seconds.
platforms=$(grep -rlE --include="test_*.py" "mark\.(acceptance|faults_short)" tests/acceptance tests/faults tests/integration tests/concurrency tests/unit)
# shellcheck disable=SC2086
$python -m pytest -q -p no:randomly -n "${TEST_PLATFORMS:-2}" --dist worksteal -m "acceptance or faults_short" $platforms
