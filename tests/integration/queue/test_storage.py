"""How Postgres keeps what every run writes: small, cleared often, analysed cheaply."""

import pytest
from django.db import connection

from tests.making import make_run, make_task

pytestmark = pytest.mark.django_db


def options_of(table: str) -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE oid = %s::regclass", [table])
        [options] = cursor.fetchone()
    return {name: float(value) for name, value in (option.split("=") for option in options)}


def test_the_dead_rows_of_the_queue_are_cleared_long_before_they_are_many() -> None:
    queue, outbox = options_of("tasks_run"), options_of("tasks_outboxentry")

    assert queue["autovacuum_vacuum_scale_factor"] <= 0.01
    assert queue["autovacuum_vacuum_cost_delay"] == 0
    assert queue["fillfactor"] == 70, "room for the next version of a row beside it"
    assert outbox["autovacuum_vacuum_scale_factor"] <= 0.02


def test_analysing_what_runs_write_does_not_look_into_json_and_samples_little() -> None:
    for _ in range(20):
        make_run(make_task())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_run")
        cursor.execute(
            "SELECT attname, coalesce(array_length(histogram_bounds, 1), 0) FROM pg_stats WHERE tablename = 'tasks_run'"
        )
        buckets = dict(cursor.fetchall())
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE atttypid IN ('json'::regtype, 'jsonb'::regtype)"
            " AND attrelid = 'tasks_run'::regclass"
        )
        of_json = {name for (name,) in cursor.fetchall()}

    assert of_json
    assert not of_json & buckets.keys()
    assert 2 <= buckets["id"] <= 11


def test_a_run_without_an_instant_has_no_entry_in_the_index_of_instants() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = 'run_once_an_instant'::regclass"
        )
        assert cursor.fetchone() == ("(scheduled_for IS NOT NULL)",)
