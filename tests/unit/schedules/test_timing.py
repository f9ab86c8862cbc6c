"""All that decides when a task is due, taken together, is one ascending stream of occurrences."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise, takewhile
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.occurrence import Occurrence
from schedules.parse import parse_schedule
from schedules.quiet_hours import QuietHours
from schedules.timing import Timing, instants_after, spread_of
from schedules.zones import zone

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NIGHT = QuietHours.parse([{"from": "22:00", "to": "07:00"}])


class DaysOff:
    """A set of dates written down."""

    def __init__(self, *days: str) -> None:
        self._days = {date.fromisoformat(day) for day in days}

    def name_of(self, day: date) -> str | None:
        return "day off" if day in self._days else None


def timing(kind: str = "cron", expr: str = "0 9 * * *", *, place: str = "UTC", **more: Any) -> Timing:
    policy = more.pop("dst_policy", None)
    schedule = parse_schedule(kind, expr, timezone=place, dtstart="2026-01-01T00:00:00", dst_policy=policy)
    return Timing(schedule=schedule, zone=zone(place), **more)


def first(made: Timing, count: int, moment: datetime = NEW_YEAR) -> list[Occurrence]:
    return list(islice(made.after(moment), count))


def at(occurrences: Iterable[Occurrence]) -> list[str]:
    return [f"{each.at:%d %H:%M}" + (f" {each.withheld}" if each.withheld else "") for each in occurrences]


def test_a_schedule_alone_gives_its_instants_which_begin_when_they_are_due() -> None:
    made = timing()

    assert made.plain
    assert at(first(made, 2)) == ["01 09:00", "02 09:00"]
    assert all(each.start == each.at for each in first(made, 2))


@pytest.mark.parametrize(
    "more",
    [
        {"starts_at": NEW_YEAR},
        {"ends_at": NEW_YEAR},
        {"calendar": DaysOff()},
        {"jitter": HOUR},
        {"quiet_hours": NIGHT},
        {"dst_policy": "skip"},
    ],
    ids=lambda more: str(*more),
)
def test_whatever_can_withhold_or_delay_an_instant_is_not_plain(more: dict[str, Any]) -> None:
    assert not timing(**more).plain


def test_instants_outside_the_bounds_do_not_exist_and_those_upon_them_do() -> None:
    bounds = {"starts_at": NEW_YEAR + DAY + 9 * HOUR, "ends_at": NEW_YEAR + 3 * DAY + 9 * HOUR}

    assert at(timing(**bounds).after(NEW_YEAR)) == ["02 09:00", "03 09:00", "04 09:00"]


def test_an_instant_on_a_day_off_is_withheld_under_the_name_of_the_day() -> None:
    found = first(timing(calendar=DaysOff("2026-01-02")), 3)

    assert at(found) == ["01 09:00", "02 09:00 holiday", "03 09:00"]
    assert found[1].detail == "day off"


def test_an_instant_on_a_day_off_can_move_to_the_next_business_day() -> None:
    made = timing(expr="0 9 * * FRI", calendar=DaysOff("2026-01-02"), calendar_policy="next_business_day")

    found = first(made, 3)

    assert at(found) == ["02 09:00 holiday", "03 09:00", "09 09:00"]
    assert found[1].moved_from == datetime(2026, 1, 2, 9, tzinfo=UTC)


def test_a_time_that_the_clocks_leave_out_is_withheld_where_the_policy_is_to_skip_it() -> None:
    made = timing(expr="30 2 * * *", place="Europe/Berlin", dst_policy="skip")

    found = first(made, 3, datetime(2026, 3, 28, tzinfo=UTC))

    assert at(found) == ["28 01:30", "29 01:30 dst_gap", "30 00:30"]


def test_a_rule_that_ends_by_its_count_gives_as_many_as_that_when_it_skips_a_gap() -> None:
    rule = "FREQ=DAILY;BYHOUR=2;BYMINUTE=30;COUNT=89"
    made = timing("rrule", rule, place="Europe/Berlin", dst_policy="skip")

    found = at(made.after(datetime(2026, 3, 28, tzinfo=UTC)))

    assert found == ["28 01:30", "29 01:30 dst_gap", "30 00:30", "31 00:30"]


def test_gaps_are_found_beside_a_calendar_too() -> None:
    made = timing(expr="30 2 * * *", place="Europe/Berlin", dst_policy="skip", calendar=DaysOff("2026-03-28"))

    found = first(made, 3, datetime(2026, 3, 28, tzinfo=UTC))

    assert at(found) == ["28 01:30 holiday", "29 01:30 dst_gap", "30 00:30"]


def test_a_gap_after_the_last_instant_is_still_told_beside_a_calendar() -> None:
    rule = "FREQ=DAILY;BYHOUR=2;BYMINUTE=30;UNTIL=20260329T023000"
    made = timing("rrule", rule, place="Europe/Berlin", dst_policy="skip", calendar=DaysOff())

    assert at(made.after(datetime(2026, 3, 28, tzinfo=UTC))) == ["28 01:30", "29 01:30 dst_gap"]


def test_looking_for_gaps_where_there_are_none_does_not_run_ahead() -> None:
    made = timing(place="UTC", dst_policy="skip", calendar=DaysOff())

    assert at(first(made, 2)) == ["01 09:00", "02 09:00"]


def test_jitter_is_a_stable_part_of_its_window() -> None:
    found = first(timing(jitter=2 * HOUR, spread=0.25), 2)

    assert [each.start - each.at for each in found] == [HOUR / 2, HOUR / 2]
    assert at(found) == ["01 09:00", "02 09:00"]


def test_jitter_never_reaches_the_next_instant() -> None:
    found = first(timing(expr="*/10 * * * *", jitter=2 * HOUR, spread=0.999), 3)

    assert all(one.start < other.at for one, other in pairwise(found))


def test_the_last_instant_of_all_has_the_whole_window() -> None:
    [only] = timing("once", "2026-02-01T09:00", jitter=HOUR, spread=0.5).after(NEW_YEAR)

    assert only.start - only.at == HOUR / 2


def test_what_is_withheld_does_not_begin_later() -> None:
    found = first(timing(jitter=HOUR, spread=0.5, calendar=DaysOff("2026-01-01")), 1)

    assert found[0].start == found[0].at


def test_of_the_instants_in_quiet_hours_the_first_waits_for_their_end() -> None:
    found = first(timing(expr="0 */4 * * *", quiet_hours=NIGHT), 6)

    assert at(found) == ["01 04:00", "01 08:00", "01 12:00", "01 16:00", "01 20:00", "02 00:00"]
    assert [f"{each.start:%d %H:%M}" for each in found[:2]] == ["01 07:00", "01 08:00"]


def test_further_instants_of_the_same_quiet_hours_are_withheld() -> None:
    found = first(timing(expr="0 * * * *", quiet_hours=NIGHT), 9, NEW_YEAR + 21 * HOUR)

    assert at(found)[:3] == ["01 22:00", "01 23:00 blackout", "02 00:00 blackout"]
    assert found[0].start == NEW_YEAR + DAY + 7 * HOUR
    assert at(found)[-1] == "02 06:00 blackout"


def test_a_run_that_waits_already_takes_the_place_of_the_first_one() -> None:
    made = timing(expr="0 * * * *", quiet_hours=NIGHT)

    found = list(islice(made.after(NEW_YEAR + 23 * HOUR, deferred_to=NEW_YEAR + DAY + 7 * HOUR), 2))

    assert at(found) == ["02 00:00 blackout", "02 01:00 blackout"]


def test_jitter_that_reaches_into_quiet_hours_waits_for_their_end() -> None:
    found = first(timing(expr="30 21 * * *", jitter=2 * HOUR, spread=0.5, quiet_hours=NIGHT), 1)

    assert found[0].start == NEW_YEAR + DAY + 7 * HOUR


def test_the_moment_must_be_aware() -> None:
    with pytest.raises(ValueError, match="aware"):
        timing().after(datetime(2026, 1, 1))  # noqa: DTZ001


@settings(deadline=None, max_examples=25)
@given(
    expr=st.sampled_from(["0 9 * * *", "*/30 * * * *", "30 2 * * *", "0 0 * * SUN"]),
    policy=st.sampled_from(["", "skip", "both", "next_valid"]),
    calendar_policy=st.sampled_from(["exclude", "next_business_day", "previous_business_day"]),
    jitter=st.sampled_from([timedelta(), HOUR]),
    offset=st.integers(0, 10 * 1440),
)
def test_what_comes_after_a_moment_does_not_depend_on_where_one_began_to_look(
    expr: str, policy: str, calendar_policy: Any, jitter: timedelta, offset: int
) -> None:
    made = timing(
        expr=expr,
        place="Europe/Berlin",
        dst_policy=policy,
        calendar=DaysOff("2026-03-28", "2026-03-29", "2026-04-03"),
        calendar_policy=calendar_policy,
        jitter=jitter,
        spread=0.3,
    )
    start = datetime(2026, 3, 26, tzinfo=UTC)
    moment = start + timedelta(minutes=offset)
    end = start + timedelta(days=12)

    def upto_end(begin: datetime) -> list[Occurrence]:
        return list(takewhile(lambda each: each.at <= end, made.after(begin)))

    assert upto_end(moment) == [each for each in upto_end(start) if each.at > moment]


def test_instants_are_asked_for_in_handfuls_and_none_is_lost_between_them() -> None:
    schedule = parse_schedule("interval", "PT1S", timezone="UTC", dtstart="2026-01-01T00:00:00")

    found = list(islice(instants_after(schedule, NEW_YEAR), 3000))

    assert found == [NEW_YEAR + timedelta(seconds=number) for number in range(1, 3001)]


def test_a_spread_is_stable_and_even() -> None:
    spreads = [spread_of(bytes([number // 256, number % 256])) for number in range(1000)]

    assert spreads == [spread_of(bytes([number // 256, number % 256])) for number in range(1000)]
    assert all(0 <= spread < 1 for spread in spreads)
    assert all(70 < sum(tenth / 10 <= spread < (tenth + 1) / 10 for spread in spreads) < 130 for tenth in range(10))


NEW_YEARS_WEEK = DaysOff(*(f"2026-01-{day:02}" for day in range(1, 8)))


@pytest.mark.parametrize("expr", ["FREQ=MINUTELY;INTERVAL=2", "FREQ=HOURLY", "FREQ=DAILY;BYHOUR=23"])
@pytest.mark.parametrize(
    "more",
    [
        {"calendar": DaysOff("2026-01-01")},
        {"calendar": DaysOff("2026-01-01"), "calendar_policy": "next_business_day"},
        {"calendar": DaysOff("2026-01-02"), "calendar_policy": "previous_business_day", "jitter": HOUR, "spread": 0.9},
        {"quiet_hours": NIGHT},
        {"quiet_hours": NIGHT, "jitter": 5 * HOUR, "spread": 0.01},
        {"quiet_hours": NIGHT, "calendar": DaysOff("2026-01-01")},
    ],
    ids="+".join,
)
@pytest.mark.parametrize("hour", [0, 12, 23])
def test_the_next_instant_that_makes_a_run_is_the_first_of_the_stream_that_does(
    expr: str, more: dict[str, Any], hour: int
) -> None:
    made, moment = timing("rrule", expr, place="Europe/Berlin", **more), NEW_YEAR + hour * HOUR

    for deferred_to in (None, made.quiet_hours.end_after(moment, zone=made.zone)):
        stream = made.after(moment, deferred_to=deferred_to)
        assert made.next_fire(moment, deferred_to=deferred_to) == next(each.at for each in stream if not each.withheld)


def test_a_run_every_second_is_found_behind_a_week_of_days_off_at_no_cost() -> None:
    made = timing("rrule", "FREQ=SECONDLY", calendar=NEW_YEARS_WEEK)

    begun = perf_counter()

    assert made.next_fire(NEW_YEAR) == NEW_YEAR + 7 * DAY
    assert perf_counter() - begun < 0.05  # an order of magnitude above what it takes


@pytest.mark.parametrize("expr", ["FREQ=SECONDLY", "FREQ=WEEKLY;BYDAY=SU"])
def test_where_every_day_is_off_no_next_instant_is_found(expr: str) -> None:
    assert timing("rrule", expr, calendar=Everything()).next_fire(NEW_YEAR) is None


def test_where_the_days_that_it_is_for_are_all_off_the_search_is_given_up() -> None:
    assert timing("rrule", "FREQ=DAILY;BYDAY=SU", calendar=Sundays()).next_fire(NEW_YEAR) is None


def test_the_next_instant_is_looked_for_up_to_the_end_of_the_calendar() -> None:
    made = timing("rrule", "FREQ=YEARLY", calendar=Everything(), starts_at=datetime(9980, 1, 1, tzinfo=UTC))

    assert made.next_fire(NEW_YEAR) is None


class Everything:
    def name_of(self, day: date) -> str | None:
        return "day off"


class Sundays:
    def name_of(self, day: date) -> str | None:
        return "Sunday" if day.weekday() == 6 else None
