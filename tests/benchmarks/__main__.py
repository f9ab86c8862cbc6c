"""`make bench`: every benchmark, each printing its ratio to a peer or a raw limit measured in the same run.

    python -m tests.benchmarks               # all of them
    python -m tests.benchmarks drain io      # some: bench_drain.py, bench_io.py

What is known by its path or as a pytest option goes to pytest as it is.
"""

import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
_APART = "recurrence_properties"  # a comparison that takes an hour, with a target of its own: `make properties`


def _benchmarks() -> dict[str, str]:
    return {path.stem.removeprefix("bench_"): str(path) for path in sorted(HERE.glob("bench_*.py"))}


def _wanted(words: list[str]) -> list[str]:
    """What pytest is given. Raises `SystemExit` for a name that no benchmark has."""
    known = _benchmarks()
    names = [word for word in words if not word.startswith("-") and not Path(word.partition("::")[0]).exists()]
    for name in names:
        if name not in known:
            raise SystemExit(f"There is no benchmark {name!r}: name some of {', '.join(known)}.")
    chosen = [known.get(word, word) for word in words]
    if any(not word.startswith("-") for word in words):
        return chosen
    return [*(path for name, path in known.items() if name != _APART), *chosen]


if __name__ == "__main__":
    os.environ["ORDINAUT_TEST_DURABLE"] = "1"  # a benchmark on servers that forget would be a tale
    sys.exit(pytest.main([*_wanted(sys.argv[1:]), "-q", "-s", "-p", "no:randomly", "--timeout=600"]))
