"""A draft can be looked at as of the past: what a change of the clocks did is known then."""

from datetime import UTC, datetime

import pytest

from tasks_app.models.clock import database_now
from tasks_app.services import preview
from tests.integration.api.making import make_task
from tests.making import make_agent

pytestmark = pytest.mark.django_db
NIGHTLY = {"schedule_kind": "rrule", "schedule_expr": "FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "timezone": "Europe/Berlin"}
BEFORE = datetime(2024, 3, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "more", [{}, {"dtstart": "2020-01-01T00:00:00"}, {"dtstart": "2020-01-01T00:00:00", "max_occurrences": 1}]
)
def test_a_past_change_of_the_clocks_is_shown(more: dict[str, object]) -> None:
    shown = preview.preview(NIGHTLY | more, after=BEFORE, count=1)

    assert [each.at for each in shown.items] == [datetime(2024, 3, 31, 1, 30, tzinfo=UTC)]
    assert [note.code for note in shown.items[0].notes] == ["gap_moved"]


def test_without_it_a_draft_is_looked_at_from_now_on() -> None:
    now = database_now()

    assert all(each.at > now for each in preview.preview(NIGHTLY, count=2).items)


def test_of_a_saved_task_only_what_is_to_come_is_foreseen() -> None:
    task, now = make_task(make_agent()), database_now()

    assert all(each.at > now for each in preview.occurrences(task, after=BEFORE, count=2).items)
