"""The jitter that is proposed lowers the peaks as it says, keeps its bounds, and is always the same."""

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from schedules.timing import Timing, spread_of
from tasks_app.planning.forecast import spread as module
from tasks_app.planning.forecast.engine import Forecast
from tasks_app.planning.forecast.spread import Spread, spread
from tasks_app.planning.forecast.subject import Subject
from tests.unit.forecast.foreseeing import START, foresee, subject, task

DAY = 24 * 60


def known(number: int) -> UUID:
    """Ids as the platform gives them: their spreads differ."""
    return UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC834 % 2**128)


def hourly(number: int, expr: str = "0 * * * *", **fields: object) -> Subject:
    return subject(task(number, expr, **({"kind": "cron", "id": known(number)} | fields)))


def proposed(subjects: Sequence[Subject], *, minutes: float = DAY) -> Spread:
    return spread(foresee(*subjects, minutes=minutes), again=lambda changed: foresee(*changed, minutes=minutes))


def minutes_of(timing: Timing) -> list[int]:
    """The minutes of the first day in which it starts, by the stream itself."""
    found = []
    for each in timing.after(START - timedelta(microseconds=1)):
        if each.at >= START + timedelta(days=1):
            return found
        found.append((each.start - START) // timedelta(minutes=1))
    return found


def test_the_peak_after_is_true_under_all_that_is_proposed() -> None:
    subjects = [hourly(number) for number in range(1, 13)]

    made = proposed(subjects)

    widths = {each.subject.task.pk: each.jitter_seconds for each in made.proposals}
    timings = {
        each.task.pk: replace(
            each.timing,
            jitter=timedelta(seconds=widths.get(each.task.pk, 0)),
            spread=spread_of(each.task.pk.bytes) if each.task.pk in widths else 0,
        )
        for each in subjects
    }
    load = Counter(minute for timing in timings.values() for minute in minutes_of(timing))
    assert len(made.proposals) >= 9
    for each in made.proposals:
        assert each.peak_before == 12
        assert each.peak_after == max(load[minute] for minute in minutes_of(timings[each.subject.task.pk]))
        assert each.peak_after < 4


def test_no_more_tasks_are_moved_than_it_takes() -> None:
    made = proposed([hourly(2), hourly(4)])

    assert [(each.peak_before, each.peak_after) for each in made.proposals] == [(2, 1)]


def test_the_same_tasks_get_the_same_proposal() -> None:
    subjects = [hourly(number) for number in range(1, 8)]

    assert proposed(subjects) == proposed(subjects)
    assert [each.jitter_seconds for each in proposed(subjects[::-1]).proposals] == [
        each.jitter_seconds for each in proposed(subjects).proposals
    ]


def test_no_jitter_is_wider_than_half_of_the_densest_gap() -> None:
    every_five = [hourly(number, "*/5 * * * *") for number in range(1, 9)]

    made = proposed(every_five)

    assert made.proposals
    assert {each.jitter_seconds for each in made.proposals} == {120}


def test_where_there_is_no_room_nothing_is_proposed() -> None:
    assert proposed([hourly(number, "* * * * *") for number in range(1, 9)]) == Spread()


def test_where_there_is_no_peak_nothing_is_proposed() -> None:
    assert proposed([hourly(1), hourly(2, "30 * * * *")]) == Spread()


def test_tasks_with_jitter_and_tasks_that_run_once_are_left_alone() -> None:
    with_jitter = [hourly(number, jitter_seconds=1) for number in range(1, 5)]
    once = [hourly(number, "2026-03-02T10:00", kind="once") for number in range(5, 9)]

    made = proposed([*with_jitter, *once, hourly(9)])

    assert [each.subject.task.title for each in made.proposals] == ["task 9"]


def test_a_series_with_one_instant_has_no_gap_to_be_moved_in() -> None:
    single = [hourly(number, "FREQ=DAILY;COUNT=1", kind="rrule", dtstart="2026-03-02T10:00:00") for number in (1, 2, 3)]

    assert proposed(single) == Spread()


def test_tasks_beyond_the_bound_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PROPOSALS", 3)

    made = proposed([hourly(number) for number in range(1, 8)])

    assert (len(made.proposals), made.left_out) == (3, 4)


def test_quiet_hours_gather_again_what_jitter_spreads_so_that_nothing_is_proposed() -> None:
    quiet = [{"from": "09:00", "to": "08:55"}]

    assert proposed([hourly(number, quiet_hours=quiet) for number in range(1, 6)]) == Spread()


def losing(*rounds: int) -> Callable[[Sequence[Subject]], Forecast]:
    """Forecasts of which each has so many tasks that gain nothing by their jitter."""
    many = iter(rounds)

    def again(subjects: Sequence[Subject]) -> Forecast:
        made = foresee(*subjects, minutes=DAY)
        losers = [number for number, each in enumerate(subjects) if each.timing.jitter][: next(many)]
        crowd = array("q", [0] * 50)
        return replace(made, starts={**made.starts, **dict.fromkeys(losers, crowd)})

    return again


def test_a_task_that_gains_nothing_once_it_is_forecast_is_left_out_and_the_rest_forecast_anew() -> None:
    subjects = [hourly(number) for number in range(1, 8)]
    before = foresee(*subjects, minutes=DAY)

    made = spread(before, again=losing(1, 0))

    assert len(made.proposals) == len(proposed(subjects).proposals) - 1
    assert {each.peak_before for each in made.proposals} == {7}


def test_where_nothing_settles_nothing_is_proposed() -> None:
    before = foresee(*(hourly(number) for number in range(1, 12)), minutes=DAY)

    assert spread(before, again=losing(1, 1, 1, 1)) == Spread()
    assert spread(before, again=losing(11)) == Spread()
