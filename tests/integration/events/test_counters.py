"""Tries are counted by all processes together, and by each for itself while Redis does not answer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tasks_app.events import counters, stream

pytestmark = pytest.mark.usefixtures("redis_emptied")

ELSEWHERE = (
    "import django; django.setup(); from tasks_app.events import counters; print(counters.count('x', window=60).number)"
)


class Away:
    def __init__(self, error: Exception) -> None:
        self.error, self.asked = error, 0

    def eval(self, *_: object) -> object:
        self.asked += 1
        raise self.error


@pytest.fixture(autouse=True)
def _nothing_counted_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "_own", {})
    monkeypatch.setattr(counters, "_quiet_until", 0.0)


def test_tries_of_another_process_count() -> None:
    counters.count("x", window=60)

    told = subprocess.run(
        [sys.executable, "-c", ELSEWHERE],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "ordinaut_site.settings"},
    )

    assert told.stdout.strip() == "2"
    assert counters.count("x", window=60).number == 3
    assert counters.count("y", window=60).number == 1


def test_a_window_ends_a_while_after_its_first_try() -> None:
    first = counters.count("x", window=60)
    key = "ordinaut:tries:x"
    assert 59 < first.ends_in <= 60

    stream.client().pexpire(key, 500)
    assert counters.count("x", window=60).ends_in <= 0.5
    stream.client().delete(key)  # as its end does
    assert counters.count("x", window=60).number == 1


@pytest.mark.parametrize("error", [stream.redis.ConnectionError("gone"), stream.redis.ResponseError("OOM")])
def test_without_redis_a_process_counts_for_itself_and_does_not_ask_each_time(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    away = Away(error)
    with monkeypatch.context() as gone:
        gone.setattr(stream, "quick_client", lambda: away)
        numbers = [counters.count("x", window=60).number for _ in range(3)]
        assert (numbers, away.asked) == ([1, 2, 3], 1)

        gone.setattr(counters, "_quiet_until", 0.0)
        counters.count("x", window=60)
        assert away.asked == 2


def test_a_window_of_its_own_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(counters.time, "monotonic", lambda: now)
    monkeypatch.setattr(counters, "_quiet_until", 1e9)

    assert [counters.count("x", window=60).number, counters.count("x", window=60).number] == [1, 2]
    now = 1061.0

    assert counters.count("x", window=60) == counters.Tries(1, 60.0)


def test_what_a_process_remembers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(counters.time, "monotonic", lambda: now)
    monkeypatch.setattr(counters, "_quiet_until", 1e9)
    monkeypatch.setattr(counters, "_MOST_NAMES", 3)

    for name in "abcd":
        counters.count(name, window=60)
    assert set(counters._own) == {"b", "c", "d"}
    now = 1061.0
    counters.count("e", window=60)

    assert set(counters._own) == {"e"}
