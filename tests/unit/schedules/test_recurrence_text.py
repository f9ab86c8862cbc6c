"""What the lines of a recurrence may say."""

import pickle
from datetime import datetime

import pytest

from schedules import InvalidRecurrence, Recurrence
from tests.unit.schedules.moments import local, readings, shown, utc

NINE = local("2026-01-01T09:00")


def recurrence(text: str, *, dtstart: datetime | None = NINE, timezone: str = "Europe/Chisinau") -> Recurrence:
    return Recurrence(text, dtstart=dtstart, timezone=timezone)


@pytest.mark.parametrize("text", ["FREQ=DAILY", "RRULE:FREQ=DAILY", "rrule:freq=daily", " RRULE:FREQ=\r\n DAILY\r\n"])
def test_prefix_case_and_folding_do_not_matter(text: str) -> None:
    assert readings(recurrence(text), "2026-01-02T00:00", 1) == ["2026-01-02 09:00"]


def test_dtstart_in_the_text_goes_before_the_one_given() -> None:
    schedule = recurrence("DTSTART:20260105T101112\nRRULE:FREQ=DAILY;COUNT=1")

    assert schedule.after(utc("2020-01-01")) == [utc("2026-01-05T08:11:12")]


def test_dtstart_with_a_zone_moves_the_recurrence_there() -> None:
    schedule = recurrence("DTSTART;TZID=America/New_York:20260105T090000\nRRULE:FREQ=DAILY", dtstart=None)

    assert shown(schedule.after(utc("2026-01-05"))) == ["2026-01-05T09:00-05:00"]


def test_dtstart_in_utc_is_evaluated_in_utc() -> None:
    assert shown(recurrence("DTSTART:20260705T090000Z\nRRULE:FREQ=DAILY").after(utc("2026-07-05"))) == [
        "2026-07-05T09:00+00:00"
    ]


def test_exdate_goes_before_rdate_and_both_match_by_instant() -> None:
    schedule = recurrence(
        "RRULE:FREQ=DAILY;COUNT=3\nRDATE:20260102T090000,20260110T090000,20260111T090000\n"
        "EXDATE:20260103T070000Z\nEXDATE;TZID=Europe/London:20260111T070000"
    )

    assert readings(schedule, "2020-01-01", 9) == ["2026-01-01 09:00", "2026-01-02 09:00", "2026-01-10 09:00"]


def test_dates_can_be_given_beside_the_text() -> None:
    schedule = Recurrence(
        "FREQ=DAILY;COUNT=2",
        dtstart=NINE,
        timezone="Europe/Chisinau",
        rdates=[local("2026-02-01T10:00")],
        exdates=[utc("2026-01-01T07:00")],
    )

    assert readings(schedule, "2020-01-01", 9) == ["2026-01-02 09:00", "2026-02-01 10:00"]


def test_several_rules_are_united() -> None:
    schedule = recurrence("RRULE:FREQ=DAILY;COUNT=2\nRRULE:FREQ=DAILY;INTERVAL=2;COUNT=2")

    assert readings(schedule, "2020-01-01", 9) == ["2026-01-01 09:00", "2026-01-02 09:00", "2026-01-03 09:00"]


def test_extra_dates_alone_are_a_recurrence() -> None:
    assert readings(recurrence("RDATE;VALUE=DATE:20260301"), "2020-01-01", 9) == ["2026-03-01 00:00"]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "RRULE"),
        ("DTSTART:20260101", "RRULE"),
        ("FREQ=DAILY\nCOUNT=2", "COUNT=2"),
        ("FREQ=DAILY;COUNT=\x0b2", "RRULE"),
        ("FREQ=DAILY\u2028", "RRULE"),
        ("EXRULE:FREQ=DAILY", "EXRULE"),
        ("RRULE;X=1:FREQ=DAILY", "RRULE"),
        ("DTSTART:20260101T000000\nDTSTART:20260102T000000\nRRULE:FREQ=DAILY", "DTSTART"),
        ("DTSTART:20260101,20260102\nRRULE:FREQ=DAILY", "DTSTART"),
        ("DTSTART:1 January 2026\nRRULE:FREQ=DAILY", "DTSTART"),
        ("DTSTART;TZID=Mars/Olympus:20260101T000000\nRRULE:FREQ=DAILY", "DTSTART"),
        ("DTSTART;TZID=UTC;TZID=UTC:20260101T000000\nRRULE:FREQ=DAILY", "DTSTART"),
        ("DTSTART;TZID=Europe/Paris:20260101T000000Z\nRRULE:FREQ=DAILY", "DTSTART"),
        ("DTSTART;VALUE=DATE:20260101T000000\nRRULE:FREQ=DAILY", "DTSTART"),
        ("DTSTART:00010101T000000\nRRULE:FREQ=DAILY", "DTSTART"),
        ("RDATE;VALUE=PERIOD:20260101T000000Z/PT1H", "RDATE"),
        ("FREQ=HOURLY;BYMINUTE=0,30;BYSETPOS=1;COUNT=501", "COUNT"),
        ("\n".join(["RRULE:FREQ=DAILY"] * 9), "RRULE"),
        ("FREQ=DAILY;" + "X" * 1000, "RRULE"),
    ],
)
def test_a_text_that_is_not_strictly_icalendar_is_refused(text: str, part: str) -> None:
    with pytest.raises(InvalidRecurrence) as refused:
        recurrence(text)

    assert refused.value.rule_part == part


def test_a_start_is_needed_and_must_be_local() -> None:
    with pytest.raises(InvalidRecurrence, match="needs a start") as missing:
        recurrence("FREQ=DAILY", dtstart=None)
    with pytest.raises(InvalidRecurrence, match="without an offset") as aware:
        recurrence("FREQ=DAILY", dtstart=utc("2026-01-01"))

    assert (missing.value.part, aware.value.part) == ("dtstart", "dtstart")


def test_a_bogus_zone_is_refused() -> None:
    with pytest.raises(InvalidRecurrence, match="not an IANA time zone") as refused:
        recurrence("FREQ=DAILY", timezone="Europe/Atlantis")

    assert refused.value.part == "timezone"


def test_recurrences_are_equal_by_meaning_and_survive_pickling() -> None:
    schedule = recurrence("FREQ=DAILY")

    assert schedule == recurrence("FREQ=DAILY") == pickle.loads(pickle.dumps(schedule))
    assert hash(schedule) == hash(recurrence("FREQ=DAILY"))
    assert schedule != recurrence("FREQ=DAILY", timezone="UTC")
    assert schedule != "FREQ=DAILY"
    assert "FREQ=DAILY" in repr(schedule)


def test_a_refusal_survives_pickling() -> None:
    refusal = InvalidRecurrence("INTERVAL", "INTERVAL must be at least 1", part="schedule_expr")

    copied = pickle.loads(pickle.dumps(refusal))

    assert (copied.rule_part, copied.part, str(copied)) == ("INTERVAL", "schedule_expr", "INTERVAL must be at least 1")


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="must be aware"):
        recurrence("FREQ=DAILY").after(local("2026-01-01"))


@pytest.mark.parametrize("name", ["DTSTART", "RDATE", "EXDATE"])
@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_date_at_the_end_of_the_calendar_is_refused_by_name(name: str, year: str) -> None:
    with pytest.raises(InvalidRecurrence, match=f"^{name} must lie in the years 1583 to 9990$"):
        recurrence(f"{name}:{year}1231T235959\nRRULE:FREQ=YEARLY", timezone="America/New_York")


@pytest.mark.parametrize("given", ["rdates", "exdates"])
def test_a_given_date_at_the_end_of_the_calendar_is_refused_too(given: str) -> None:
    end = {given: [datetime.max]}  # noqa: DTZ901  naive is what is meant

    with pytest.raises(InvalidRecurrence, match="must lie in the years"):
        Recurrence("FREQ=YEARLY", dtstart=NINE, timezone="America/New_York", **end)


@pytest.mark.parametrize("timezone", ["America/New_York", "Pacific/Kiritimati"])
@pytest.mark.parametrize("until", ["99991231", "99991231T235959", "99991231T235959Z"])
def test_until_may_be_the_last_day_of_the_calendar_in_any_zone(until: str, timezone: str) -> None:
    schedule = recurrence(f"FREQ=DAILY;UNTIL={until}", timezone=timezone)

    assert len(schedule.after(utc("2026-06-01"), limit=3)) == 3


def test_until_at_the_beginning_of_the_calendar_leaves_nothing() -> None:
    assert recurrence("FREQ=DAILY;UNTIL=00010101T000000", timezone="Asia/Tokyo").after(utc("1990-01-01")) == []
