"""Moved instants on days on which clocks are changed, at midnight too."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime

from schedules import DstPolicy
from schedules.calendars import Rolled, parse_calendar, roll
from schedules.zones import zone

NEXT, PREVIOUS = "next_business_day", "previous_business_day"


def rolled(
    zone_name: str, closed: list[str], nominal: list[str], policy: str, *, after: str = "1900-01-01T00:00Z"
) -> list[Rolled]:
    instants = sorted(map(at, nominal))

    def stream(moment: datetime) -> Iterator[datetime]:
        return iter(instants[bisect_right(instants, moment) :])

    return list(
        roll(
            stream,
            after=at(after),
            zone=zone(zone_name),
            days=parse_calendar({"dates": closed}),
            policy=policy,
            dst=DstPolicy(),
        )
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def moved(to: str, nominal: str) -> Rolled:
    return Rolled(at(to), None, at(nominal))


def withheld(text: str) -> Rolled:
    return Rolled(at(text), "holiday", None)


def test_what_a_gap_puts_on_the_day_after_is_found_from_that_day() -> None:
    """Toronto, 1919: 23:30 became 00:30, so 23:45 is read as 00:45 on the day after."""
    entries = rolled(
        "America/Toronto", ["1919-03-29"], ["1919-03-29T23:45-05:00"], NEXT, after="1919-03-31T00:40-04:00"
    )

    assert entries == [moved("1919-03-31T00:45-04:00", "1919-03-29T23:45-05:00")]


def test_what_a_gap_puts_on_a_closed_day_goes_before_what_is_withheld_there() -> None:
    nominal = ["1919-03-29T23:45-05:00", "1919-03-31T00:45-04:00"]

    entries = rolled("America/Toronto", ["1919-03-29", "1919-03-31"], nominal, NEXT)

    assert entries == [
        withheld(nominal[0]),
        moved("1919-03-31T00:45-04:00", nominal[0]),
        moved("1919-04-01T00:45-04:00", nominal[1]),
    ]


def test_the_minute_of_a_day_that_clocks_take_back_belongs_to_that_day() -> None:
    """Goose Bay, 2010: 00:01 became 23:01 of the day before."""
    minute = "2010-11-07T00:00:30-03:00"

    assert rolled("America/Goose_Bay", ["2010-11-06"], [minute], PREVIOUS) == [Rolled(at(minute), None, None)]
    assert rolled("America/Goose_Bay", ["2010-11-07"], [minute], NEXT) == [
        withheld(minute),
        moved("2010-11-08T00:00:30-04:00", minute),
    ]


def test_an_hour_before_midnight_that_happens_again_after_it_belongs_to_its_day() -> None:
    again = "2010-11-06T23:30:00-04:00"

    assert rolled("America/Goose_Bay", ["2010-11-06"], [again], NEXT) == [
        withheld(again),
        moved("2010-11-07T23:30:00-04:00", again),
    ]


def test_what_a_gap_shifts_is_put_in_order() -> None:
    nominal = ["2026-03-28T02:30+01:00", "2026-03-28T03:00+01:00"]

    entries = rolled("Europe/Berlin", ["2026-03-28"], nominal, NEXT)

    assert entries[2:] == [moved("2026-03-29T03:00+02:00", nominal[1]), moved("2026-03-29T03:30+02:00", nominal[0])]


def test_what_is_still_to_come_on_a_long_day_is_found() -> None:
    entries = rolled("Europe/Berlin", ["2026-10-24"], ["2026-10-24T05:00+02:00"], NEXT, after="2026-10-25T04:30+01:00")

    assert entries == [moved("2026-10-25T05:00+01:00", "2026-10-24T05:00+02:00")]
