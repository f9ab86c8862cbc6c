"""What is planted in a process does there what it says: else a row would hold because nothing was wrong."""

import os
import subprocess
import sys
import time
from pathlib import Path

from ordinaut_site.env import BASE_DIR
from tests.faults.homes import plain_environment
from tests.faults.platform import PLANTED


def said_by(program: str, **environment: str) -> str:
    path = os.pathsep.join([str(PLANTED), str(BASE_DIR)])
    given = plain_environment() | {"PYTHONPATH": path} | environment
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(command, env=given, check=True, capture_output=True, text=True).stdout.strip()


def test_a_clock_that_is_wrong_is_wrong_for_all_that_ask_it() -> None:
    program = """
import time
from datetime import UTC, datetime
from uuid_utils.compat import uuid7
import psycopg
assert isinstance(datetime.now(UTC), datetime) and type(datetime(2026, 1, 1).astimezone(UTC)) is type(datetime.now())
print(time.time(), time.time_ns() / 1e9, datetime.now(UTC).timestamp(), datetime.now().timestamp(), (uuid7().int >> 80) / 1e3)
"""

    told = [float(word) - time.time() for word in said_by(program, FAULTS_CLOCK="-3600").split()]

    assert len(told) == 5
    assert all(-3660 < each <= -3600 for each in told), told


def test_a_clock_that_drifts_gains_with_time() -> None:
    program = "import time; a, b = time.time(), time.monotonic(); time.sleep(0.1); print((time.time() - a) / (time.monotonic() - b))"

    assert 2.9 < float(said_by(program, FAULTS_CLOCK="x3")) < 3.1


def test_statements_are_executed_in_their_modules_and_calls_are_timed(tmp_path: Path) -> None:
    statements = """
    json.decoder: FLAGS = 77
    json.encoder: import timings; encode_basestring = timings.timed(encode_basestring)
    """
    program = "import json.decoder, json.encoder; json.encoder.encode_basestring('x'); print(json.decoder.FLAGS)"

    assert said_by(program, FAULTS_AFTER_IMPORT=statements, FAULTS_TIMES=f"{tmp_path}/times") == "77"
    assert len((tmp_path / "times").read_text().splitlines()) == 1
