#!/bin/sh
# Writes the generated part of the Python client: deploy/client.sh openapi.json folder. A warning of the generator's is a failure.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
PATH="$here/.venv/bin:$PATH"
export PATH
rm -rf "$2"
openapi-python-client generate --path "$1" --output-path "$2" --meta none --fail-on-warning --config "$here/client/generator.yml"
