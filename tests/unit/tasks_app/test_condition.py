"""What a look at a condition means."""

from datetime import UTC, datetime, timedelta

import pytest

from tasks_app.planning.condition import Edge, Verdict, judge, next_look

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def judged(
    before: bool | None, seen: bool | None, *, fired_at: datetime | None = None, cooldown: timedelta = timedelta()
) -> Verdict:
    return judge(before=before, seen=seen, at=NOON, fired_at=fired_at, cooldown=cooldown)


@pytest.mark.parametrize(
    ("before", "seen", "verdict"),
    [
        (None, True, Verdict(True, Edge.RUN)),
        (False, True, Verdict(True, Edge.RUN)),
        (True, True, Verdict(True)),
        (None, False, Verdict(False)),
        (False, False, Verdict(False)),
        (True, False, Verdict(False)),
        (None, None, Verdict(None)),
        (False, None, Verdict(False)),
        (True, None, Verdict(True)),
    ],
)
def test_only_what_was_not_true_and_is_true_makes_a_run(
    before: bool | None, seen: bool | None, verdict: Verdict
) -> None:
    assert judged(before, seen) == verdict


@pytest.mark.parametrize(
    ("since", "edge"),
    [(9 * MINUTE, Edge.COOLDOWN), (10 * MINUTE, Edge.RUN), (11 * MINUTE, Edge.RUN), (0 * MINUTE, Edge.COOLDOWN)],
)
def test_an_edge_too_soon_after_the_last_run_cools_down(since: timedelta, edge: Edge) -> None:
    assert judged(False, True, fired_at=NOON - since, cooldown=10 * MINUTE) == Verdict(True, edge)


def test_without_a_cooldown_every_edge_makes_a_run() -> None:
    assert judged(False, True, fired_at=NOON).edge == Edge.RUN


def test_the_first_edge_never_cools_down() -> None:
    assert judged(None, True, cooldown=timedelta(days=366)).edge == Edge.RUN


@pytest.mark.parametrize(
    ("late", "following"),
    [
        (timedelta(), MINUTE),
        (timedelta(seconds=59), MINUTE),
        (MINUTE, 2 * MINUTE),
        (timedelta(hours=5, seconds=1), timedelta(hours=5, minutes=1)),
        (timedelta(seconds=-1), MINUTE),
    ],
)
def test_looks_keep_their_phase_and_missed_ones_are_not_made_up_for(late: timedelta, following: timedelta) -> None:
    assert next_look(NOON, now=NOON + late, every=MINUTE) == NOON + following
