#!/bin/sh
# Builds .venv from the hashed requirements named by the arguments ("base", "dev"), with "dev" the generated part of the Python client,
# and with "audit" .venv/audit; does nothing when nothing changed.
set -eu
cd "$(dirname "$0")/.."

# One at a time: `make up` and `make test` may be the first to come, together.
if command -v flock >/dev/null; then
    exec 9<deploy/install.sh
    flock 9
fi

suits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for candidate in ${PYTHON:-python3 python3.12 python3.11 python3.13 python3.14}; do
        if suits "$candidate"; then echo "$candidate"; return; fi
    done
    return 1
}

if ! [ -f .venv/built ] || ! suits .venv/bin/python; then
    python=$(find_python) || {
        echo "Ordinaut needs Python 3.11 or newer: install it, or name it with PYTHON=/path/to/python3.11." >&2
        exit 1
    }
    echo "Building .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv || {
        echo "$python cannot build a virtual environment: install its venv package (on Debian and Ubuntu: apt install python3-venv)." >&2
        exit 1
    }
    touch .venv/built
fi

# pip itself is slow at this many packages: it fetches uv by hash, and uv the rest.
for name in "$@"; do
    wanted=requirements/$name.txt
    stamp=.venv/installed-$name.txt
    if cmp -s "$wanted" "$stamp"; then continue; fi
    echo "Installing $wanted"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
    environment=.venv
    if [ "$name" = audit ]; then
        environment=.venv/audit
        .venv/bin/uv venv --quiet --clear --python .venv/bin/python $environment
    fi
    .venv/bin/uv pip install --quiet --python $environment/bin/python --require-hashes -r "$wanted"
    cp "$wanted" "$stamp"
done

client_sources() {
    cat requirements/dev.txt client/hatch_build.py client/generator.yml client/openapi.json $(find client/templates -type f | sort)
}

case " $* " in *" dev "*)
    generated=client/ordinaut_client/generated
    stamp=$generated/made_of
    # The code may be gone and its stamp not: git takes away what older commits held.
    if ! [ -f $generated/__init__.py ] || ! client_sources | cmp -s - "$stamp"; then
        echo "Generating $generated"
        .venv/bin/python client/hatch_build.py
        client_sources >"$stamp"
    fi
esac
