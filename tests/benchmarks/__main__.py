"""`make bench`: every benchmark, each printing its ratio to a peer or a raw limit measured in the same run."""

import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

if __name__ == "__main__":
    os.environ["ORDINAUT_TEST_DURABLE"] = "1"  # a benchmark on servers that forget would be a tale
    # The comparison with a brute force takes an hour, and has a target of its own: `make properties`.
    wanted = [str(path) for path in sorted(HERE.glob("bench_*.py")) if "properties" not in path.name]
    sys.exit(pytest.main([*(sys.argv[1:] or wanted), "-q", "-s", "-p", "no:randomly", "--timeout=600"]))
