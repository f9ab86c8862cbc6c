"""A log line is one line, whole, and never endless."""

import json
import logging
import sys
from typing import Any

import pytest

from ordinaut_site import logs


def event(**more: Any) -> dict[str, Any]:
    return {"timestamp": "2026-01-31T09:00:00Z", "level": "info", "event": "request_finished"} | more


def test_a_line_for_people_says_when_how_grave_and_what() -> None:
    line = logs.as_text(None, "", event(code=200, request="GET /health"))

    assert line == "2026-01-31T09:00:00Z info     request_finished code=200 request=GET /health"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("GET /approvals/abc:def?x=1", "GET /approvals/***?x=1"),
        ("POST /hooks/abc", "POST /hooks/***"),
        ("POST /below/hooks/a/b", "POST /below/hooks/***"),
        ("GET /api/v1/hooks/6f7c?limit=1", "GET /api/v1/hooks/6f7c?limit=1"),
        ("GET /", "GET /"),
        (None, None),
    ],
)
def test_of_an_address_that_is_a_secret_the_token_is_not_told(asked: str | None, told: str | None) -> None:
    assert logs.without_secret_parts(logging.getLogger(), "info", event(request=asked)) == event(request=told)


@pytest.mark.parametrize("hostile", ["a\nb", "a\r\nb", "a\x1b[31mb", "a\x00b", "a\u2028b", "a\x9bb", "a\ud800b"])
def test_control_characters_are_shown_and_not_sent(hostile: str) -> None:
    line = logs.as_text(None, "", event(event=hostile, user=hostile, **{hostile: 1}))

    assert line.isprintable()
    assert "\\" in line


def test_a_traceback_keeps_its_lines_and_nothing_else_that_controls() -> None:
    line = logs.as_text(None, "", event(exception="Traceback\n  ValueError: \x1b[2J"))

    assert line.splitlines()[1:] == ["Traceback", "  ValueError: \\x1b[2J"]


@pytest.mark.parametrize("write", [logs.as_text, logs.as_json])
def test_half_a_surrogate_pair_anywhere_in_a_record_is_written_as_its_escape(write: Any) -> None:
    half = "a\udc80b"

    line = write(None, "", event(event=half, exception=f"Traceback\n  ValueError: {half}", **{half: half}))

    assert line.encode().count(rb"a\udc80b") == 4


def test_json_lines_hold_the_same_as_json() -> None:
    assert json.loads(logs.as_json(None, "", event(code=200, moment=2 + 3j))) == event(code=200, moment="(2+3j)")


@pytest.mark.parametrize("filling", ["x", "\x00", "ü", '"'])
def test_an_endless_line_is_cut(filling: str) -> None:
    text = logs.as_text(None, "", event(body=filling * 100_000))
    line = logs.as_json(None, "", event(body=filling * 100_000, other=["y" * 50_000]))

    assert len(text) == logs.LONGEST_LINE
    assert len(line) <= logs.LONGEST_LINE
    assert json.loads(line)["event"] == "request_finished"
    assert json.loads(line)["cut"] > 100_000


@pytest.mark.parametrize("as_json", [True, False])
def test_a_process_writes_the_standard_librarys_records_the_same_way(as_json: bool) -> None:
    """In a process of its own: the configuration is global."""
    import subprocess

    program = (
        "import logging; from ordinaut_site import logs;"
        f"logs.configure({{'level': 'INFO', 'as_json': {as_json}}});"
        "logging.getLogger('celery.beat').info('tick %s', 5);"
        "logging.getLogger('uvicorn.access').info('hidden');"
        "logging.getLogger('django.request').error('hidden');"
        "import structlog; structlog.contextvars.bind_contextvars(request_id='r1');"
        "structlog.get_logger('x').info('done %s', 7, code=2)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    first, second = done.stderr.splitlines()
    if as_json:
        assert {"event": "tick 5", "logger": "celery.beat", "level": "info"}.items() <= json.loads(first).items()
        assert {"event": "done 7", "code": 2, "request_id": "r1"}.items() <= json.loads(second).items()
    else:
        assert first.endswith("info     tick 5 logger=celery.beat")
        assert "info     done 7 code=2 request_id=r1" in second


def test_what_becomes_of_users_periodic_tasks_is_told() -> None:
    import subprocess

    program = (
        "import logging; from ordinaut_site import logs;"
        "logs.configure({'level': 'INFO', 'as_json': False});"
        "logging.getLogger('celery.worker.strategy').info('Task report received');"
        "logging.getLogger('celery.app.trace').info('Task report succeeded')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert [line.partition("info     ")[2] for line in done.stderr.splitlines()] == [
        "Task report received logger=celery.worker.strategy",
        "Task report succeeded logger=celery.app.trace",
    ]


def test_celery_writes_like_every_other_process() -> None:
    import subprocess

    program = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'ordinaut_site.settings';"
        "from celery import signals; from ordinaut_site import logs, celery_app;"
        "signals.setup_logging.connect(logs.configure_celery, weak=False);"
        "celery_app.log.setup('DEBUG');"
        "import logging; logging.getLogger('celery.worker').info('ready')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stderr.splitlines()[-1].endswith("info     ready logger=celery.worker")
