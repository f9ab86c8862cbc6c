"""What must never be done in this code base, and what every name must lead to."""

import re

import pytest

from tasks_app.events.types import EventType
from tests.architecture.sources import modules

TASKS_APP = dict(modules(within="tasks_app/"))
QUEUE = [
    "tasks_app/admission_sql.py",
    "tasks_app/ageing_sql.py",
    "tasks_app/queue_sql.py",
    "tasks_app/release_sql.py",
]


@pytest.mark.parametrize("event", EventType, ids=str)
def test_every_event_is_recorded_somewhere(event: EventType) -> None:
    elsewhere = {name: text for name, text in TASKS_APP.items() if name != "tasks_app/events/types.py"}
    written = (f"EventType.{event.name}", f"'{event.value}'", f'"{event.value}"')
    found = [name for name, text in elsewhere.items() if any(word in text for word in written)]

    by_state = event.value.startswith("run.step_") and "run.step_{state}" in TASKS_APP["tasks_app/queue.py"]
    assert found or by_state


def test_every_type_that_the_queues_statements_write_is_known() -> None:
    text = TASKS_APP["tasks_app/queue.py"] + "".join(TASKS_APP[name] for name in QUEUE)
    written = set(re.findall(r"""['"]((?:run|task|agent|occurrence)\.\w+)['"]""", text))

    assert written
    assert written - {"run.step_"} <= set(EventType)


def test_an_event_is_one_class_and_put_into_its_envelope_in_one_place() -> None:
    made = re.compile(r"^class Event\b|def envelope\b", re.MULTILINE)

    assert [name for name, text in modules() for _ in made.findall(text)] == ["tasks_app/models/event.py"] * 2


def test_the_queues_table_is_written_by_its_statements_only() -> None:
    writing = re.compile(r"(UPDATE|INSERT INTO|DELETE FROM)\s+tasks_run", re.IGNORECASE)

    assert [name for name, text in modules() if writing.search(text)] == QUEUE


def test_no_state_of_a_run_is_changed_behind_the_queues_back() -> None:
    changing = re.compile(r"(Run\.objects|runs)\b[^\n]*\.(update|bulk_update|create|bulk_create)\(|\brun\.state = ")

    assert [name for name, text in modules() if changing.search(text)] == QUEUE


def test_celery_is_given_no_time_and_no_retry() -> None:
    """Due times live in Postgres: a message held in a worker's memory is lost or doubled with it."""
    timing = re.compile(r"\b(apply_async|countdown|eta|autoretry_for|retry_backoff|acks_late)\s*=|\.apply_async\(")

    assert [name for name, text in modules(within="tasks_app/") if timing.search(text)] == []


def test_guards_compare_times_of_the_databases_clock_only() -> None:
    """`now()` is the transaction's start and Python's clocks are another machine's."""
    other_clock = re.compile(
        r"timezone\.now\(|datetime\.now\(|utcnow\(|(?<![\w.])now\(\)\s*[-+<>]|CURRENT_TIMESTAMP", re.IGNORECASE
    )
    guarded = (
        "tasks_app/admission",
        "tasks_app/queue",
        "tasks_app/maintenance/",
        "tasks_app/models/",
        "tasks_app/services/",
    )

    assert [name for name, text in TASKS_APP.items() if name.startswith(guarded) and other_clock.search(text)] == []


def test_no_signal_keeps_data_consistent() -> None:
    connecting = re.compile(r"django\.db\.models\.signals|\b(pre|post)_(save|delete)\b")

    assert [name for name, text in modules(within="tasks_app/") if connecting.search(text)] == []
