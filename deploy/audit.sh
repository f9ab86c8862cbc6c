#!/bin/sh
# Known vulnerabilities of the packages of the locked files that are given, or of all. Fails where there is one, and where the
# service that knows (pypi.org) could not be asked about a package: never "none" without having looked.
set -u
cd "$(dirname "$0")/.."
if [ $# -eq 0 ]; then set -- requirements/*.txt; fi
failed=0
for locked in "$@"; do
    echo "$locked" >&2
    .venv/audit/bin/pip-audit --strict --require-hashes --disable-pip --progress-spinner off -r "$locked" || failed=1
done
exit $failed
