"""What was done to an instant is told, and nothing else is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules import Cron, DstPolicy, Interval, Once, Recurrence, Schedule
from schedules.calendars import parse_calendar
from schedules.dst import resolve
from schedules.notes import Gap, notes_of
from schedules.occurrence import Occurrence
from schedules.quiet_hours import QuietHours
from schedules.timing import Timing
from schedules.zones import zone
from tests.unit.schedules.moments import local, utc

CHISINAU = zone("Europe/Chisinau")  # 02:00 to 03:00 until 2021; since 2022 at 01:00 UTC: 03:00 to 04:00


def told(timing: Timing, after: str, count: int = 3) -> list[list[str]]:
    occurrences = timing.after(utc(after))
    return [[f"{note.code}: {note.text}" for note in notes_of(next(occurrences), timing=timing)] for _ in range(count)]


def daily(clock: str, name: str, gap: str = "rfc", fold: str = "first") -> Timing:
    hour, minute = clock.split(":")
    rule = f"FREQ=DAILY;BYHOUR={hour};BYMINUTE={minute};BYSECOND=0"
    policy = DstPolicy.parse(f"{gap}, {fold}")
    return Timing(
        schedule=Recurrence(rule, dtstart=local("2010-01-01"), timezone=name, dst_policy=policy), zone=zone(name)
    )


@pytest.mark.parametrize(
    ("gap", "note"),
    [
        (
            "rfc",
            "gap_moved: 02:30 does not exist on 2026-03-29: the clocks go from 02:00 to 03:00; moved to 03:30.",
        ),
        (
            "next_valid",
            "gap_moved: 02:30 does not exist on 2026-03-29: the clocks go from 02:00 to 03:00; moved to 03:00.",
        ),
        ("skip", "gap_skipped: 02:30 does not exist on 2026-03-29: the clocks go from 02:00 to 03:00; skipped."),
    ],
)
def test_a_time_that_does_not_exist_is_told_with_what_became_of_it(gap: str, note: str) -> None:
    assert told(daily("2:30", "Europe/Berlin", gap), "2026-03-28T00:00") == [[], [note], []]


def test_chisinau_leaves_out_another_hour_since_2022() -> None:
    assert told(daily("2:30", "Europe/Chisinau"), "2021-03-27T12:00", 1) == [
        ["gap_moved: 02:30 does not exist on 2021-03-28: the clocks go from 02:00 to 03:00; moved to 03:30."]
    ]
    assert told(daily("2:30", "Europe/Chisinau"), "2026-03-28T12:00", 1) == [[]]
    assert told(daily("3:30", "Europe/Chisinau"), "2026-03-28T12:00", 1) == [
        ["gap_moved: 03:30 does not exist on 2026-03-29: the clocks go from 03:00 to 04:00; moved to 04:30."]
    ]


def test_a_time_that_exists_beside_a_gap_is_not_noted() -> None:
    assert told(daily("3:30", "Europe/Berlin"), "2026-03-28T12:00", 1) == [[]]
    assert told(daily("3:00", "Europe/Berlin", "next_valid"), "2026-03-28T12:00", 1) == [[]]


@pytest.mark.parametrize(
    ("fold", "notes"), [("first", ["first"]), ("second", ["second"]), ("both", ["first", "second"])]
)
def test_a_time_that_happens_twice_is_told_with_which_it_is(fold: str, notes: list[str]) -> None:
    found = told(daily("2:30", "Europe/Berlin", fold=fold), "2026-10-24T12:00", len(notes))

    assert found == [[f"fold_{note}: 02:30 happens twice on 2026-10-25: this is the {note}."] for note in notes]


def test_all_times_of_a_gap_that_became_one_are_named() -> None:
    cron = Timing(schedule=Cron("10,20,30,40 2 * * *", timezone="Europe/Berlin"), zone=zone("Europe/Berlin"))

    [[note]] = told(cron, "2026-03-28T12:00", 1)

    assert note == (
        "gap_moved: 02:10, 02:20, 02:30 and more do not exist on 2026-03-29: "
        "the clocks go from 02:00 to 03:00; moved to 03:00."
    )


def test_times_that_coincide_with_others_are_not_named() -> None:
    cron = Timing(schedule=Cron("10 2,3 * * *", timezone="Europe/Berlin"), zone=zone("Europe/Berlin"))

    assert told(cron, "2026-03-28T12:00", 2) == [
        [
            (
                "gap_moved: A time from 02:00 to 03:00 does not exist on 2026-03-29: "
                "the clocks go from 02:00 to 03:00; moved to 03:00."
            )
        ],
        [],
    ]


def test_real_time_is_never_moved() -> None:
    for schedule in (
        Cron("*/30 * * * *", timezone="Europe/Berlin"),
        Interval("PT30M", anchor=utc("2026-01-01")),
        Recurrence("FREQ=MINUTELY;INTERVAL=30", dtstart=local("2026-01-01"), timezone="Europe/Berlin"),
    ):
        timing = Timing(schedule=schedule, zone=zone("Europe/Berlin"))
        assert told(timing, "2026-03-29T00:00", 8) == [[]] * 8


def test_what_happens_once_tells_of_its_local_time() -> None:
    moved = Timing(schedule=Once("2026-03-29T02:30", timezone="Europe/Berlin"), zone=zone("Europe/Berlin"))
    exact = Timing(schedule=Once("2026-03-29T01:30Z", timezone="Europe/Berlin"), zone=zone("Europe/Berlin"))

    assert told(moved, "2026-01-01T00:00", 1) == [
        ["gap_moved: 02:30 does not exist on 2026-03-29: the clocks go from 02:00 to 03:00; moved to 03:30."]
    ]
    assert told(exact, "2026-01-01T00:00", 1) == [[]]


def test_a_day_that_an_island_left_out_moves_nothing_to_the_next_one_alone() -> None:
    assert told(daily("9:00", "Pacific/Apia"), "2011-12-29T18:00", 2) == [[], []]


def test_a_day_off_is_told_with_its_name_and_where_it_was_moved() -> None:
    days = parse_calendar({"country": "MD"})
    rolled = Timing(
        schedule=daily("9:00", "Europe/Chisinau").schedule,
        zone=CHISINAU,
        calendar=days,
        calendar_policy="next_business_day",
    )
    excluded = Timing(schedule=Cron("0 9 1 5 *", timezone="Europe/Chisinau"), zone=CHISINAU, calendar=days)
    friday = Timing(
        schedule=Cron("0 9 1 5 *", timezone="Europe/Chisinau"),
        zone=CHISINAU,
        calendar=days,
        calendar_policy="next_business_day",
    )

    assert told(rolled, "2026-04-30T12:00", 2)[0][0].startswith("holiday: 2026-05-01 is a day off (")
    [[note]] = told(excluded, "2026-04-30T12:00", 1)
    assert note.endswith(").")
    [[withheld], [arrived]] = told(friday, "2026-04-30T12:00", 2)
    assert withheld.endswith("): moved to the next business day.")
    assert arrived.startswith("rolled: Moved here from Fri 2026-05-01 09:00, which is a day off (")


def test_a_moved_instant_that_meets_a_gap_on_its_new_day_tells_both() -> None:
    days = parse_calendar({"dates": ["2026-03-28"]})
    timing = Timing(
        schedule=Cron("30 2 28 3 *", timezone="Europe/Berlin", dst_policy=DstPolicy()),
        zone=zone("Europe/Berlin"),
        calendar=days,
        calendar_policy="next_business_day",
    )

    [_, [rolled, moved]] = told(timing, "2026-03-27T12:00", 2)

    assert rolled == "rolled: Moved here from Sat 2026-03-28 02:30, which is a day off (holiday)."
    assert moved == "gap_moved: 02:30 does not exist on 2026-03-29: the clocks go from 02:00 to 03:00; moved to 03:30."


def test_jitter_is_told_as_how_much_later_it_begins() -> None:
    timing = Timing(
        schedule=Cron("0 9 * * *", timezone="UTC"), zone=ZoneInfo("UTC"), jitter=timedelta(seconds=40), spread=0.425
    )

    assert told(timing, "2026-01-01T00:00", 1) == [["jitter: Begins 00:00:17 later."]]


def test_quiet_hours_tell_what_waits_and_what_has_nothing_left_to_do() -> None:
    quiet = QuietHours.parse([{"from": "22:00", "to": "07:00"}])
    jittered = Timing(
        schedule=Cron("0 23,5,12 * * *", timezone="Europe/Chisinau"),
        zone=CHISINAU,
        jitter=timedelta(seconds=10),
        spread=0.5,
        quiet_hours=quiet,
    )

    assert told(jittered, "2026-01-01T12:00") == [
        ["deferred: It lies in quiet hours: it begins at their end, 2026-01-02 07:00."],
        ["blackout: It lies in quiet hours until 2026-01-02 07:00, for whose end an earlier one waits already."],
        ["jitter: Begins 00:00:05 later."],
    ]


@pytest.mark.parametrize(("at", "inside"), [("02:00", True), ("02:59", True), ("03:00", False), ("01:59", False)])
def test_a_local_time_lies_in_a_gap_or_not(at: str, inside: bool) -> None:
    assert (Gap.around(local(f"2026-03-29T{at}"), zone=zone("Europe/Berlin")) is not None) is inside


ZONES = ["Europe/Chisinau", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia"]


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_notes_are_what_reading_each_local_time_gives(data: st.DataObject) -> None:
    """The same rule in UTC gives the local times; each is resolved on its own and compared with what is noted."""
    name = data.draw(st.sampled_from(ZONES))
    hours = ",".join(map(str, data.draw(st.sets(st.integers(0, 4), min_size=1))))
    minutes = ",".join(map(str, data.draw(st.sets(st.sampled_from([0, 10, 15, 30, 45, 59]), min_size=1))))
    policy = DstPolicy(
        data.draw(st.sampled_from(["rfc", "next_valid", "skip"])),
        data.draw(st.sampled_from(["first", "second", "both"])),
    )
    start = datetime(data.draw(st.integers(2009, 2027)), data.draw(st.sampled_from([3, 4, 9, 10, 11])), 1, tzinfo=UTC)
    made = data.draw(st.sampled_from([_rule, _cron]))
    end = start + timedelta(days=40)
    margin = timedelta(days=2)

    timing = Timing(schedule=made(hours, minutes, name, policy), zone=zone(name))
    found = {each.at: {note.code for note in notes_of(each, timing=timing)} for each in _between(timing, start, end)}

    local_times = made(hours, minutes, "UTC", DstPolicy()).between(start - margin, end + margin)
    expected = _expected(local_times, zone(name), policy)
    assert found == {at: codes for at, codes in expected.items() if start < at <= end}


def _rule(hours: str, minutes: str, name: str, policy: DstPolicy) -> Schedule:
    rule = f"FREQ=DAILY;BYHOUR={hours};BYMINUTE={minutes};BYSECOND=0"
    return Recurrence(rule, dtstart=local("2000-01-01"), timezone=name, dst_policy=policy)


def _cron(hours: str, minutes: str, name: str, policy: DstPolicy) -> Schedule:
    return Cron(f"{minutes} {hours} * * *", timezone=name, dst_policy=policy)


def _between(timing: Timing, start: datetime, end: datetime) -> Iterator[Occurrence]:
    return takewhile(lambda each: each.at <= end, timing.after(start))


def _expected(local_times: list[datetime], zone_: ZoneInfo, policy: DstPolicy) -> dict[datetime, set[str]]:
    """Per instant what its notes must be: moved only if no local time that exists gives it."""
    moved: dict[datetime, bool] = {}
    skipped: set[datetime] = set()
    for each in local_times:
        naive = each.replace(tzinfo=None)
        [shifted, *_] = resolve(naive, zone=zone_, policy=DstPolicy())
        missing = shifted.astimezone(zone_).replace(tzinfo=None) != naive
        instants = resolve(naive, zone=zone_, policy=policy)
        if missing and not instants:
            skipped.add(shifted)
        for instant in instants:
            moved[instant] = moved.get(instant, True) and missing
    expected = {instant: {"gap_moved"} if only else set() for instant, only in moved.items()}
    expected |= {instant: {"gap_skipped"} for instant in skipped - moved.keys()}
    for instant, codes in expected.items():
        reading = instant.astimezone(zone_)
        if reading.replace(fold=0).utcoffset() != reading.replace(fold=1).utcoffset():
            codes.add("fold_second" if reading.fold else "fold_first")
    return expected
