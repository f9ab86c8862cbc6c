"""Single instants that were put off, in the stream that everything reads."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

import schedules
from schedules.before import last_before
from schedules.calendars import parse_calendar
from schedules.notes import notes_of
from schedules.quiet_hours import QuietHours
from schedules.snoozes import Snooze
from schedules.timing import Timing

DAY = date(2026, 3, 2)
HOUR = timedelta(hours=1)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 2, hour, minute, tzinfo=UTC)


def hourly(*snoozes: tuple[datetime, datetime], **fields: object) -> Timing:
    schedule = schedules.parse_schedule("cron", "0 * * * *", timezone="UTC", dtstart="2026-01-01T00:00:00")
    timing = Timing(schedule=schedule, zone=ZoneInfo("UTC"), snoozes=tuple(Snooze(*each, "later") for each in snoozes))
    return replace(timing, **fields)  # type: ignore[arg-type]


def told(timing: Timing, start: datetime, count: int) -> list[str]:
    found = islice(timing.after(start), count)
    return [" ".join(filter(None, [f"{each.at:%H:%M}", each.withheld])) for each in found]


def test_a_snoozed_instant_is_withheld_where_it_was_and_runs_where_it_was_put() -> None:
    timing = hourly((at(9), at(10, 30)))

    assert told(timing, at(8), 4) == ["09:00 snoozed", "10:00", "10:30", "11:00"]
    gone, _, here, _ = islice(timing.after(at(8)), 4)
    assert (gone.snoozed_to, gone.detail, gone.start) == (at(10, 30), "later", at(9))
    assert (here.snoozed_from, here.start) == (at(9), at(10, 30))


def test_a_stream_that_begins_in_between_has_what_is_still_to_come() -> None:
    assert told(hourly((at(9), at(10, 30))), at(9), 2) == ["10:00", "10:30"]
    assert told(hourly((at(9), at(10, 30))), at(10, 30), 1) == ["11:00"]


@pytest.mark.parametrize(
    ("snoozes", "expected"),
    [
        ([(at(9), at(10))], ["09:00 snoozed", "10:00", "11:00"]),
        ([(at(9), at(10, 30)), (at(10), at(10, 30))], ["09:00 snoozed", "10:00 snoozed", "10:30"]),
        ([(at(9), at(10)), (at(10), at(11, 30))], ["09:00 snoozed", "10:00", "11:00", "11:30"]),
        ([(at(9), at(9, 10)), (at(10), at(10, 10))], ["09:00 snoozed", "09:10", "10:00 snoozed", "10:10"]),
    ],
)
def test_two_that_meet_are_one(snoozes: list[tuple[datetime, datetime]], expected: list[str]) -> None:
    assert told(hourly(*snoozes), at(8), len(expected)) == expected


def test_what_is_put_past_the_end_of_the_series_is_its_last_instant() -> None:
    timing = hourly((at(9), at(15)), (at(8), at(16)), ends_at=at(9))

    assert told(timing, at(7), 9) == ["08:00 snoozed", "09:00 snoozed", "15:00", "16:00"]
    assert timing.next_fire(at(9)) == at(15)
    assert timing.next_fire(at(16)) is None


def test_a_day_off_holds_nobody_up_who_was_put_there() -> None:
    days = parse_calendar({"dates": ["2026-03-03", "2026-03-02"]})
    timing = hourly((at(9), at(10)), (at(1) - 2 * HOUR, at(12)), calendar=days)

    assert told(timing, at(8), 4) == ["09:00 holiday", "10:00", "11:00 holiday", "12:00"]
    assert timing.next_fire(at(10)) == at(12)
    assert timing.next_fire(at(10, 30)) == at(12)
    assert timing.next_fire(at(12)) == at(0) + timedelta(days=2)


def test_quiet_hours_hold_for_it_too() -> None:
    quiet = QuietHours.parse([{"from": "10:15", "to": "12:30"}])
    timing = hourly((at(9), at(10, 30)), quiet_hours=quiet)

    found = list(islice(timing.after(at(9)), 4))
    assert [(each.at, each.start) for each in found if not each.withheld] == [
        (at(10), at(10)),
        (at(10, 30), at(12, 30)),
    ]


def test_jitter_holds_for_the_others_alone() -> None:
    timing = hourly((at(9), at(10, 30)), jitter=HOUR / 2, spread=0.5)

    starts = [each.start for each in islice(timing.after(at(9)), 3)]

    assert starts == [at(10, 15), at(10, 30), at(11, 15)]


def test_notes_tell_from_where_and_to_where() -> None:
    timing = hourly((at(9), at(10, 30)), (at(11), at(12)))

    notes = [[note.text for note in notes_of(each, timing=timing)] for each in islice(timing.after(at(8)), 5)]

    assert notes == [
        ["Snoozed to 2026-03-02 10:30: later"],
        [],
        ["Snoozed here from 2026-03-02 09:00."],
        ["Snoozed to 2026-03-02 12:00: later"],
        ["Snoozed here from 2026-03-02 11:00."],
    ]


def test_nothing_is_said_of_a_gap_out_of_which_it_was_not_moved() -> None:
    schedule = schedules.parse_schedule("cron", "0 12 * * *", timezone="Europe/Berlin", dtstart="2026-01-01T00:00:00")
    noon, after_gap = datetime(2026, 3, 28, 11, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    timing = Timing(schedule=schedule, zone=ZoneInfo("Europe/Berlin"), snoozes=(Snooze(noon, after_gap),))

    [found] = islice(timing.after(noon), 1)

    assert [note.text for note in notes_of(found, timing=timing)] == ["Snoozed here from 2026-03-28 12:00."]


def test_the_one_before_is_found() -> None:
    assert last_before(at(10, 45), timing=hourly((at(9), at(10, 30)))) == at(10, 30)
