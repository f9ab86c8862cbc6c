"""Shapes of older documents."""

from typing import Any

import pytest

from tasks_app.api.legacy import modern_credentials, modern_task

NEW = {"title": "t", "schedule_kind": "cron", "schedule_expr": "0 8 * * *", "payload": {"pipeline": []}}


@pytest.mark.parametrize("body", [NEW, {}, [], "text", None, {"status": "active"}])
def test_todays_shape_stays_as_it_is(body: Any) -> None:
    assert modern_task(body) == body
    assert modern_credentials(body) == body


def test_schedule_and_pipeline_become_an_rrule_and_a_payload() -> None:
    old = {"title": "t", "schedule": "FREQ=DAILY", "pipeline": [1], "params": {"a": 1}}

    assert modern_task(old) == {
        "title": "t",
        "schedule_kind": "rrule",
        "schedule_expr": "FREQ=DAILY",
        "payload": {"params": {"a": 1}, "pipeline": [1]},
    }
    assert "schedule" in old, "the caller's body is left alone"


def test_both_shapes_at_once_are_left_for_the_rules_to_refuse() -> None:
    both = NEW | {"schedule": "FREQ=DAILY", "pipeline": []}

    assert modern_task(both) == both
    assert modern_credentials({"credentials": "a", "agent_secret": "b"}) == {"credentials": "a", "agent_secret": "b"}


def test_older_names_of_values_are_taken() -> None:
    assert modern_task({"backoff_strategy": "exponential"}) == {"backoff_strategy": "exponential_jitter"}
    assert modern_credentials({"agent_id": "i", "credentials": "s"}) == {"agent_id": "i", "agent_secret": "s"}
