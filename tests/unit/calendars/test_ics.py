import pytest

from schedules.calendars import InvalidCalendar, parse_calendar
from tests.unit.calendars.dates import days, ics, named


def days_of(*events: str, year: int = 2026, head: tuple[str, ...] = ()) -> list[str]:
    return days({"ics": ics(*events, head=head)}, year)


def test_a_whole_day_event_covers_its_days_but_not_its_end() -> None:
    assert days_of("DTSTART;VALUE=DATE:20261224|DTEND;VALUE=DATE:20261227") == [
        "2026-12-24",
        "2026-12-25",
        "2026-12-26",
    ]


def test_a_whole_day_event_without_an_end_lasts_a_day() -> None:
    assert days_of("DTSTART;VALUE=DATE:20260501") == ["2026-05-01"]


def test_an_event_over_the_years_end_is_in_both_years() -> None:
    event = "DTSTART;VALUE=DATE:20261230|DTEND;VALUE=DATE:20270103"

    assert days_of(event) == ["2026-12-30", "2026-12-31"]
    assert days_of(event, year=2027) == ["2027-01-01", "2027-01-02"]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("DTSTART:20260501T090000", ["2026-05-01"]),
        ("DTSTART:20260501T090000|DTEND:20260501T090000", ["2026-05-01"]),
        ("DTSTART:20260501T220000|DTEND:20260502T000000", ["2026-05-01"]),
        ("DTSTART:20260501T220000|DTEND:20260502T000001", ["2026-05-01", "2026-05-02"]),
        ("DTSTART:20260501T220000|DURATION:PT3H", ["2026-05-01", "2026-05-02"]),
        ("DTSTART;VALUE=DATE:20260501|DURATION:P2D", ["2026-05-01", "2026-05-02"]),
        ("DTSTART;TZID=Asia/Tokyo:20260501T003000|DURATION:PT1H", ["2026-05-01"]),
        ("DTSTART:20260430T230000Z|DTEND:20260501T010000Z", ["2026-04-30", "2026-05-01"]),
    ],
)
def test_a_timed_event_covers_each_local_date_on_which_it_lasts(event: str, expected: list[str]) -> None:
    assert days_of(event) == expected


def test_times_in_utc_are_dated_in_the_zone_that_the_file_is_shown_in() -> None:
    holiday = "DTSTART:20261223T230000Z|DTEND:20261224T230000Z|RRULE:FREQ=YEARLY"

    assert days_of(holiday) == ["2026-12-23", "2026-12-24"]
    assert days_of(holiday, head=("X-WR-TIMEZONE:Europe/Berlin",), year=2030) == ["2030-12-24"]
    assert days_of(holiday, head=("X-WR-TIMEZONE:Mars",)) == ["2026-12-23", "2026-12-24"]


def test_a_time_with_a_zone_of_its_own_keeps_its_date_wherever_the_file_is_shown() -> None:
    head = ("X-WR-TIMEZONE:Asia/Tokyo",)

    assert days_of("DTSTART;TZID=America/New_York:20260101T200000", head=head) == ["2026-01-01"]
    assert days_of("DTSTART;VALUE=DATE:20260101", "DTSTART:20260105T200000", head=head) == ["2026-01-01", "2026-01-05"]


def test_a_recurring_event_covers_its_days_each_time() -> None:
    event = "DTSTART;VALUE=DATE:20200430|DTEND;VALUE=DATE:20200502|RRULE:FREQ=YEARLY|SUMMARY:Spring\\, break"

    assert named({"ics": ics(event)}, 2026) == {"2026-04-30": "Spring, break", "2026-05-01": "Spring, break"}


def test_instances_that_overlap_cover_a_day_once() -> None:
    assert len(days_of("DTSTART;VALUE=DATE:20260101|DURATION:P30D|RRULE:FREQ=DAILY")) == 365


def test_a_recurring_event_that_began_in_the_year_before_goes_on() -> None:
    assert days_of("DTSTART;VALUE=DATE:20241220|DURATION:P15D|RRULE:FREQ=YEARLY;COUNT=2") == [
        "2026-01-01",
        "2026-01-02",
        "2026-01-03",
    ]


def test_until_is_an_instant_in_the_events_zone() -> None:
    event = "DTSTART;TZID=America/New_York:20260101T200000|RRULE:FREQ=DAILY;UNTIL=20260104T010000Z"

    assert days_of(event) == ["2026-01-01", "2026-01-02", "2026-01-03"]


def test_dates_may_be_added_and_left_out() -> None:
    once = "DTSTART:20260501T090000|RDATE:20260601T090000,20260701T090000|EXDATE:20260501T090000"
    often = "DTSTART;TZID=Europe/Rome:20260102T090000|RRULE:FREQ=YEARLY|RDATE:20260105T090000|EXDATE:20260102T090000"

    assert days_of(once) == ["2026-06-01", "2026-07-01"]
    assert days_of(often) == ["2026-01-05"]


def test_a_changed_instance_goes_in_the_place_of_the_original() -> None:
    series = "UID:1|DTSTART;TZID=Europe/Rome:20260105T090000|RRULE:FREQ=WEEKLY;COUNT=3|SUMMARY:Closed"
    moved = "UID:1|RECURRENCE-ID;TZID=Europe/Rome:20260112T090000|DTSTART:20260113T090000|SUMMARY:Moved"
    other = "UID:2|DTSTART;TZID=Europe/Rome:20260112T090000|RRULE:FREQ=DAILY;COUNT=1|SUMMARY:Other"

    assert named({"ics": ics(series, moved, other)}, 2026) == {
        "2026-01-05": "Closed",
        "2026-01-12": "Other",
        "2026-01-13": "Moved",
        "2026-01-19": "Closed",
    }


def test_what_is_cancelled_covers_nothing() -> None:
    series = "UID:1|DTSTART;VALUE=DATE:20260105|RRULE:FREQ=WEEKLY;COUNT=2"

    assert days_of("DTSTART:20260101|STATUS:CANCELLED") == []
    assert days_of(series, "UID:1|RECURRENCE-ID:20260105|DTSTART:20260105|STATUS:CANCELLED") == ["2026-01-12"]


@pytest.mark.parametrize(
    "tzid",
    ["Europe/Berlin", '"Europe/Berlin"', "W. Europe Standard Time", "/citadel.org/20210210_1/Europe/Berlin"],
)
def test_a_zone_may_be_written_as_other_programs_do(tzid: str) -> None:
    event = f"DTSTART;TZID={tzid}:20260101T003000|RRULE:FREQ=DAILY;UNTIL=20260102T233000Z"

    assert days_of(event) == ["2026-01-01", "2026-01-02", "2026-01-03"]


def test_alarms_zones_and_other_parts_are_passed_over() -> None:
    alarm = "BEGIN:VALARM|DURATION:PT5M|SUMMARY:Wake|RRULE:x|END:VALARM"
    zone = (
        "BEGIN:VTIMEZONE",
        "TZID:X",
        "BEGIN:STANDARD",
        "DTSTART:x",
        "RRULE:FREQ=SECONDLY",
        "END:STANDARD",
        "END:VTIMEZONE",
    )

    found = named({"ics": ics(f"DTSTART:20260101|SUMMARY:Day|DESCRIPTION:: ; \\x|{alarm}", head=zone)}, 2026)

    assert found == {"2026-01-01": "Day"}


def test_lines_may_be_folded_and_the_file_begin_with_a_byte_order_mark() -> None:
    text = "\ufeff" + ics("SUMMARY:Inter\r\n national day|dtstart;value=date:2026\r\n 0101").replace("\r\n", "\n")

    assert named({"ics": text}, 2026) == {"2026-01-01": "International day"}


def test_a_name_is_one_line_of_at_most_a_hundred_characters() -> None:
    assert named({"ics": ics("DTSTART:20260101|SUMMARY:a\\n b" + "c" * 200)}, 2026) == {"2026-01-01": "a b" + "c" * 97}
    assert named({"ics": ics("DTSTART:20260101|SUMMARY:")}, 2026) == {"2026-01-01": "holiday"}


def test_the_first_of_two_events_names_their_day_and_a_single_one_goes_first() -> None:
    series = "DTSTART:20260101|RRULE:FREQ=DAILY;COUNT=2|SUMMARY:Series"

    found = named({"ics": ics(series, "DTSTART:20260101|SUMMARY:A", "DTSTART:20260101|SUMMARY:B")}, 2026)

    assert found == {"2026-01-01": "A", "2026-01-02": "Series"}


def test_a_file_without_events_is_an_empty_set() -> None:
    assert days_of() == []


REFUSED = [
    ("", "takes a text"),
    ("hello", "no iCalendar file"),
    ("BEGIN:VEVENT\nEND:VEVENT", "no iCalendar file"),
    ("DTSTART:20260101", "no iCalendar file"),
    ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR", "END:VCALENDAR has no BEGIN"),
    ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101", "ends too early"),
    ("BEGIN:VCALENDAR\n" + "BEGIN:X\n" * 5, "too deep"),
    (ics("SUMMARY:Party"), "event 1 ('Party'): DTSTART is missing"),
    (ics("DTSTART:20260101", "DTSTART:2026-01-01"), "event 2 ('holiday'): DTSTART must look like"),
    (ics("DTSTART:20260101|DTSTART:20260102"), "DTSTART is given twice"),
    (ics("DTSTART:20260101,20260102"), "DTSTART takes one time"),
    (ics("DTSTART:15000101"), "1583 to 9990"),
    (ics("DTSTART;TZID=Mars/Base:20260101T000000"), "'Mars/Base' is not an IANA time zone"),
    (ics("DTSTART;=:20260101"), "a line of the file cannot be read"),
    (ics("DTSTART:20260102|DTEND:20260101"), "its end lies before its start"),
    (ics("DTSTART:20260102|DURATION:-P1D"), "its end lies before its start"),
    (ics("DTSTART:20260102|DURATION:P1Y"), "DURATION must look like"),
    (ics("DTSTART:20260102|DURATION:-P999999999D"), "DURATION must look like"),
    (ics("DTSTART:20260102|DURATION:P9999999999D"), "DURATION must look like"),
    (ics("DTSTART:20260101|DURATION:P367D"), "at most 366 days"),
    (ics("DTSTART:20260101|RRULE:FREQ=SECONDLY"), "use FREQ=DAILY or longer"),
    (ics("DTSTART:20260101|RRULE:FREQ=DAILY;COUNT=1001"), "at most 1000"),
    (ics("DTSTART:20260101|RRULE:FREQ=DAILY;BYMONTH=13"), "BYMONTH must be 1 to 12"),
    (ics("DTSTART:20260101|RDATE;VALUE=PERIOD:20260101T000000Z/PT1H"), "RDATE must look like"),
    (ics("DTSTART:20260101|RECURRENCE-ID;RANGE=THISANDFUTURE:20260101"), "RANGE is not supported"),
    (ics("DTSTART:20260101|RECURRENCE-ID:now"), "RECURRENCE-ID must look like"),
    (ics(*["DTSTART:20260101"] * 5001), "more than 5000 events"),
    (ics("DTSTART:20260101|RDATE:" + ",".join(["20260101"] * 5000)), "more than 5000 events and RDATEs"),
    (ics("DTSTART:20260101|RRULE:FREQ=DAILY;COUNT=1|RDATE:" + ",".join(["20260101"] * 5001)), "at most 5000 RDATEs"),
    (ics(*["DTSTART:20260101|RRULE:FREQ=DAILY"] * 101), "more than 100 recurring events"),
]


@pytest.mark.parametrize(("text", "cure"), REFUSED)
def test_a_broken_file_is_refused_naming_the_event_and_the_cure(text: str, cure: str) -> None:
    with pytest.raises(InvalidCalendar) as refusal:
        parse_calendar({"ics": text})

    assert cure in str(refusal.value)
    assert refusal.value.pointer == "/ics"
