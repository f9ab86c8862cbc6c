"""What becomes of schedules where nine zones change their clocks: every instant written down, in UTC.

The tables were made by reading the zones' rules by hand. Each row names a schedule, its DST policy, and all its instants
from the first one written to the last. All changes lie in the past, so that a new release of the rules moves none.
"""

from datetime import UTC, timedelta
from itertools import pairwise

import pytest

from schedules import parse_schedule
from tests.unit.schedules.moments import utc

START = "2010-01-01T00:00"

GOLDEN = {
    # 2026-03-29 01:00 UTC: 03:00 +02 becomes 04:00 +03. 2026-10-25 01:00 UTC: 04:00 +03 becomes 03:00 +02.
    "Europe/Chisinau": [
        ("rrule FREQ=DAILY;BYHOUR=3;BYMINUTE=30", "rfc", "2026-03-28T01:30 2026-03-29T01:30 2026-03-30T00:30"),
        ("rrule FREQ=DAILY;BYHOUR=3;BYMINUTE=30", "next_valid", "2026-03-28T01:30 2026-03-29T01:00 2026-03-30T00:30"),
        ("rrule FREQ=DAILY;BYHOUR=3;BYMINUTE=30", "skip", "2026-03-28T01:30 2026-03-30T00:30"),
        ("rrule FREQ=DAILY;BYHOUR=3;BYMINUTE=30", "first", "2026-10-24T00:30 2026-10-25T00:30 2026-10-26T01:30"),
        ("rrule FREQ=DAILY;BYHOUR=3;BYMINUTE=30", "second", "2026-10-24T00:30 2026-10-25T01:30 2026-10-26T01:30"),
        ("rrule FREQ=DAILY;BYHOUR=3;BYMINUTE=30", "both", "2026-10-25T00:30 2026-10-25T01:30 2026-10-26T01:30"),
        ("cron 30 3 * * *", "", "2026-03-28T01:30 2026-03-29T01:00 2026-03-30T00:30"),
        ("cron 30 3 * * *", "", "2026-10-24T00:30 2026-10-25T00:30 2026-10-26T01:30"),
        ("cron 30 * * * *", "", "2026-03-29T00:30 2026-03-29T01:30 2026-03-29T02:30"),
        ("cron 30 * * * *", "", "2026-10-25T00:30 2026-10-25T01:30 2026-10-25T02:30"),
        ("interval P1D", "", "2026-03-27T22:00 2026-03-28T22:00 2026-03-29T22:00"),
        ("interval PT12H", "", "2026-10-24T22:00 2026-10-25T10:00 2026-10-25T22:00"),
    ],
    # 2026-03-08 07:00 UTC: 02:00 -05 becomes 03:00 -04. 2026-11-01 06:00 UTC: 02:00 -04 becomes 01:00 -05.
    "America/New_York": [
        ("rrule FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "rfc", "2026-03-07T07:30 2026-03-08T07:30 2026-03-09T06:30"),
        ("rrule FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "next_valid", "2026-03-07T07:30 2026-03-08T07:00 2026-03-09T06:30"),
        ("rrule FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "skip", "2026-03-07T07:30 2026-03-09T06:30"),
        ("rrule FREQ=DAILY;BYHOUR=1;BYMINUTE=30", "first", "2026-10-31T05:30 2026-11-01T05:30 2026-11-02T06:30"),
        ("rrule FREQ=DAILY;BYHOUR=1;BYMINUTE=30", "second", "2026-10-31T05:30 2026-11-01T06:30 2026-11-02T06:30"),
        ("rrule FREQ=DAILY;BYHOUR=1;BYMINUTE=30", "both", "2026-11-01T05:30 2026-11-01T06:30 2026-11-02T06:30"),
        ("cron 30 2 * * *", "", "2026-03-07T07:30 2026-03-08T07:00 2026-03-09T06:30"),
        ("cron 30 1 * * *", "", "2026-10-31T05:30 2026-11-01T05:30 2026-11-02T06:30"),
        ("cron */30 2 * * *", "", "2026-03-07T07:00 2026-03-07T07:30 2026-03-09T06:00 2026-03-09T06:30"),
        ("cron */30 1 * * *", "", "2026-11-01T05:00 2026-11-01T05:30 2026-11-01T06:00 2026-11-01T06:30"),
        ("interval P1D", "", "2026-03-07T05:00 2026-03-08T05:00 2026-03-09T05:00"),
        ("interval PT12H", "", "2026-10-31T17:00 2026-11-01T05:00 2026-11-01T17:00"),
    ],
    # 2026-10-03 15:30 UTC: 02:00 +10:30 becomes 02:30 +11. 2026-04-04 15:00 UTC: 02:00 +11 becomes 01:30 +10:30.
    "Australia/Lord_Howe": [
        ("rrule FREQ=DAILY;BYHOUR=2;BYMINUTE=15", "rfc", "2026-10-02T15:45 2026-10-03T15:45 2026-10-04T15:15"),
        ("rrule FREQ=DAILY;BYHOUR=2;BYMINUTE=15", "next_valid", "2026-10-02T15:45 2026-10-03T15:30 2026-10-04T15:15"),
        ("rrule FREQ=DAILY;BYHOUR=2;BYMINUTE=15", "skip", "2026-10-02T15:45 2026-10-04T15:15"),
        ("rrule FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "skip", "2026-10-02T16:00 2026-10-03T15:30 2026-10-04T15:30"),
        ("rrule FREQ=DAILY;BYHOUR=1;BYMINUTE=45", "first", "2026-04-03T14:45 2026-04-04T14:45 2026-04-05T15:15"),
        ("rrule FREQ=DAILY;BYHOUR=1;BYMINUTE=45", "second", "2026-04-03T14:45 2026-04-04T15:15 2026-04-05T15:15"),
        ("rrule FREQ=DAILY;BYHOUR=1;BYMINUTE=45", "both", "2026-04-04T14:45 2026-04-04T15:15 2026-04-05T15:15"),
        ("cron 15 2 * * *", "", "2026-10-02T15:45 2026-10-03T15:30 2026-10-04T15:15"),
        ("cron 45 1 * * *", "", "2026-04-03T14:45 2026-04-04T14:45 2026-04-05T15:15"),
        ("cron 15 * * * *", "", "2026-10-03T14:45 2026-10-03T16:15 2026-10-03T17:15"),
        ("cron 45 * * * *", "", "2026-04-04T14:45 2026-04-04T15:15 2026-04-04T16:15"),
        ("interval P1D", "", "2026-10-02T13:00 2026-10-03T13:00 2026-10-04T13:00"),
        ("interval PT12H", "", "2026-04-04T13:00 2026-04-05T01:00 2026-04-05T13:00"),
    ],
    # Ramadan is the winter time. 2026-02-15 02:00 UTC: 03:00 +01 becomes 02:00 +00; 2026-03-22 02:00 UTC: back again.
    "Africa/Casablanca": [
        ("rrule FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "rfc", "2026-03-21T02:30 2026-03-22T02:30 2026-03-23T01:30"),
        ("rrule FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "next_valid", "2026-03-21T02:30 2026-03-22T02:00 2026-03-23T01:30"),
        ("rrule FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "skip", "2026-03-21T02:30 2026-03-23T01:30"),
        ("rrule FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "first", "2026-02-14T01:30 2026-02-15T01:30 2026-02-16T02:30"),
        ("rrule FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "second", "2026-02-14T01:30 2026-02-15T02:30 2026-02-16T02:30"),
        ("rrule FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "both", "2026-02-15T01:30 2026-02-15T02:30 2026-02-16T02:30"),
        ("cron 30 2 * * *", "", "2026-03-21T02:30 2026-03-22T02:00 2026-03-23T01:30"),
        ("cron 30 2 * * *", "", "2026-02-14T01:30 2026-02-15T01:30 2026-02-16T02:30"),
        ("cron 30 */2 * * *", "", "2026-03-22T00:30 2026-03-22T03:30 2026-03-22T05:30"),
        ("cron 30 */2 * * *", "", "2026-02-15T01:30 2026-02-15T02:30 2026-02-15T04:30"),
        ("interval P1D", "", "2026-03-21T00:00 2026-03-22T00:00 2026-03-23T00:00"),
        ("interval PT12H", "", "2026-02-15T00:00 2026-02-15T12:00 2026-02-16T00:00"),
    ],
    # 2011-12-30 10:00 UTC: 30 December 00:00 -10 becomes 31 December 00:00 +14. 2011-04-02 14:00 UTC: 04:00 becomes 03:00.
    "Pacific/Apia": [
        ("rrule FREQ=DAILY;BYHOUR=9", "rfc", "2011-12-28T19:00 2011-12-29T19:00 2011-12-30T19:00 2011-12-31T19:00"),
        ("rrule FREQ=DAILY;BYHOUR=9", "next_valid", "2011-12-29T19:00 2011-12-30T10:00 2011-12-30T19:00"),
        ("rrule FREQ=DAILY;BYHOUR=9", "skip", "2011-12-29T19:00 2011-12-30T19:00 2011-12-31T19:00"),
        ("rrule FREQ=WEEKLY;BYDAY=FR;BYHOUR=9", "rfc", "2011-12-23T19:00 2011-12-30T19:00 2012-01-05T19:00"),
        ("rrule FREQ=WEEKLY;BYDAY=FR;BYHOUR=9", "next_valid", "2011-12-23T19:00 2011-12-30T10:00 2012-01-05T19:00"),
        ("rrule FREQ=WEEKLY;BYDAY=FR;BYHOUR=9", "skip", "2011-12-23T19:00 2012-01-05T19:00"),
        ("rrule FREQ=DAILY;BYHOUR=3;BYMINUTE=30", "first", "2011-04-01T13:30 2011-04-02T13:30 2011-04-03T14:30"),
        ("rrule FREQ=DAILY;BYHOUR=3;BYMINUTE=30", "second", "2011-04-01T13:30 2011-04-02T14:30 2011-04-03T14:30"),
        ("rrule FREQ=DAILY;BYHOUR=3;BYMINUTE=30", "both", "2011-04-02T13:30 2011-04-02T14:30 2011-04-03T14:30"),
        ("cron 0 9 * * *", "", "2011-12-29T19:00 2011-12-30T10:00 2011-12-30T19:00 2011-12-31T19:00"),
        ("cron 30 3 * * *", "", "2011-04-01T13:30 2011-04-02T13:30 2011-04-03T14:30"),
        ("cron 0 */12 * * *", "", "2011-12-29T22:00 2011-12-30T10:00 2011-12-30T22:00"),
        ("cron 30 * * * *", "", "2011-04-02T13:30 2011-04-02T14:30 2011-04-02T15:30"),
        ("interval P1D", "", "2011-12-29T11:00 2011-12-30T11:00 2011-12-31T11:00"),
    ],
    # 2026-03-08 05:00 UTC: 00:00 -05 becomes 01:00 -04. 2025-11-02 05:00 UTC: 01:00 -04 becomes 00:00 -05.
    "America/Havana": [
        ("rrule FREQ=DAILY;BYHOUR=0;BYMINUTE=30", "rfc", "2026-03-07T05:30 2026-03-08T05:30 2026-03-09T04:30"),
        ("rrule FREQ=DAILY;BYHOUR=0;BYMINUTE=30", "next_valid", "2026-03-07T05:30 2026-03-08T05:00 2026-03-09T04:30"),
        ("rrule FREQ=DAILY;BYHOUR=0;BYMINUTE=30", "skip", "2026-03-07T05:30 2026-03-09T04:30"),
        ("rrule FREQ=DAILY", "rfc", "2026-03-07T05:00 2026-03-08T05:00 2026-03-09T04:00"),
        ("rrule FREQ=DAILY", "skip", "2026-03-07T05:00 2026-03-09T04:00"),
        ("rrule FREQ=DAILY;BYHOUR=0;BYMINUTE=30", "first", "2025-11-01T04:30 2025-11-02T04:30 2025-11-03T05:30"),
        ("rrule FREQ=DAILY;BYHOUR=0;BYMINUTE=30", "second", "2025-11-01T04:30 2025-11-02T05:30 2025-11-03T05:30"),
        ("rrule FREQ=DAILY", "both", "2025-11-01T04:00 2025-11-02T04:00 2025-11-02T05:00 2025-11-03T05:00"),
        ("cron @daily", "", "2026-03-07T05:00 2026-03-08T05:00 2026-03-09T04:00"),
        ("cron @daily", "", "2025-11-01T04:00 2025-11-02T04:00 2025-11-03T05:00"),
        ("cron 0 */4 * * *", "", "2026-03-08T01:00 2026-03-08T08:00 2026-03-08T12:00"),
        ("cron 0 */4 * * *", "", "2025-11-02T04:00 2025-11-02T05:00 2025-11-02T09:00"),
        ("interval P1D", "", "2026-03-07T05:00 2026-03-08T05:00 2026-03-09T05:00"),
        ("interval PT12H", "", "2025-11-02T05:00 2025-11-02T17:00 2025-11-03T05:00"),
    ],
    # Its winter time is the negative one. 2026-03-29 01:00 UTC: 01:00 +00 becomes 02:00 +01; 2026-10-25 01:00 UTC: back.
    "Europe/Dublin": [
        ("rrule FREQ=DAILY;BYHOUR=1;BYMINUTE=30", "rfc", "2026-03-28T01:30 2026-03-29T01:30 2026-03-30T00:30"),
        ("rrule FREQ=DAILY;BYHOUR=1;BYMINUTE=30", "next_valid", "2026-03-28T01:30 2026-03-29T01:00 2026-03-30T00:30"),
        ("rrule FREQ=DAILY;BYHOUR=1;BYMINUTE=30", "skip", "2026-03-28T01:30 2026-03-30T00:30"),
        ("rrule FREQ=DAILY;BYHOUR=1;BYMINUTE=30", "first", "2026-10-24T00:30 2026-10-25T00:30 2026-10-26T01:30"),
        ("rrule FREQ=DAILY;BYHOUR=1;BYMINUTE=30", "second", "2026-10-24T00:30 2026-10-25T01:30 2026-10-26T01:30"),
        ("rrule FREQ=DAILY;BYHOUR=1;BYMINUTE=30", "both", "2026-10-25T00:30 2026-10-25T01:30 2026-10-26T01:30"),
        ("cron 30 1 * * *", "", "2026-03-28T01:30 2026-03-29T01:00 2026-03-30T00:30"),
        ("cron 30 1 * * *", "", "2026-10-24T00:30 2026-10-25T00:30 2026-10-26T01:30"),
        ("cron 30 * * * *", "", "2026-03-29T00:30 2026-03-29T01:30 2026-03-29T02:30"),
        ("cron 30 * * * *", "", "2026-10-25T00:30 2026-10-25T01:30 2026-10-25T02:30"),
        ("interval P1D", "", "2026-03-28T00:00 2026-03-29T00:00 2026-03-30T00:00"),
        ("interval PT12H", "", "2026-10-25T00:00 2026-10-25T12:00 2026-10-26T00:00"),
    ],
    # Always +05:45.
    "Asia/Kathmandu": [
        ("rrule FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "rfc, first", "2026-03-27T20:45 2026-03-28T20:45 2026-03-29T20:45"),
        ("rrule FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "next_valid", "2026-03-27T20:45 2026-03-28T20:45 2026-03-29T20:45"),
        ("rrule FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "skip, second", "2026-10-24T20:45 2026-10-25T20:45 2026-10-26T20:45"),
        ("rrule FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "both", "2026-10-24T20:45 2026-10-25T20:45 2026-10-26T20:45"),
        ("cron 30 2 * * *", "", "2026-03-27T20:45 2026-03-28T20:45 2026-03-29T20:45"),
        ("cron 0 */8 * * *", "", "2026-03-28T18:15 2026-03-29T02:15 2026-03-29T10:15"),
        ("interval P1D", "", "2026-03-27T18:15 2026-03-28T18:15 2026-03-29T18:15"),
    ],
    # 2026-03-29 01:00 UTC: 01:00 +00 becomes 03:00 +02. 2026-10-25 01:00 UTC: 03:00 +02 becomes 01:00 +00.
    "Antarctica/Troll": [
        ("rrule FREQ=DAILY;BYHOUR=1;BYMINUTE=30", "rfc", "2026-03-28T01:30 2026-03-29T01:30 2026-03-29T23:30"),
        ("rrule FREQ=DAILY;BYHOUR=2;BYMINUTE=30", "rfc", "2026-03-28T02:30 2026-03-29T02:30 2026-03-30T00:30"),
        ("rrule FREQ=DAILY;BYHOUR=1;BYMINUTE=30", "next_valid", "2026-03-28T01:30 2026-03-29T01:00 2026-03-29T23:30"),
        ("rrule FREQ=DAILY;BYHOUR=1,2;BYMINUTE=30", "next_valid", "2026-03-28T02:30 2026-03-29T01:00 2026-03-29T23:30"),
        ("rrule FREQ=DAILY;BYHOUR=1;BYMINUTE=30", "skip", "2026-03-28T01:30 2026-03-29T23:30"),
        ("rrule FREQ=DAILY;BYHOUR=1;BYMINUTE=30", "first", "2026-10-23T23:30 2026-10-24T23:30 2026-10-26T01:30"),
        ("rrule FREQ=DAILY;BYHOUR=1;BYMINUTE=30", "second", "2026-10-23T23:30 2026-10-25T01:30 2026-10-26T01:30"),
        ("rrule FREQ=DAILY;BYHOUR=1;BYMINUTE=30", "both", "2026-10-24T23:30 2026-10-25T01:30 2026-10-26T01:30"),
        ("cron 30 1 * * *", "", "2026-03-28T01:30 2026-03-29T01:00 2026-03-29T23:30"),
        ("cron 30 1 * * *", "", "2026-10-23T23:30 2026-10-24T23:30 2026-10-26T01:30"),
        ("cron 30 * * * *", "", "2026-03-29T00:30 2026-03-29T01:30 2026-03-29T02:30"),
        ("cron 30 * * * *", "", "2026-10-24T23:30 2026-10-25T00:30 2026-10-25T01:30 2026-10-25T02:30"),
        ("interval P1D", "", "2026-03-28T00:00 2026-03-29T00:00 2026-03-30T00:00"),
        ("interval PT12H", "", "2026-10-25T00:00 2026-10-25T12:00 2026-10-26T00:00"),
    ],
}

# The local days on which clocks change: when each begins and the next one does, and how often an hourly task runs in it.
DAYS = [
    ("Europe/Chisinau", "2026-03-28T22:00", "2026-03-29T21:00", 23),
    ("Europe/Chisinau", "2026-10-24T21:00", "2026-10-25T22:00", 25),
    ("America/New_York", "2026-03-08T05:00", "2026-03-09T04:00", 23),
    ("America/New_York", "2026-11-01T04:00", "2026-11-02T05:00", 25),
    # 23 and a half hours, and 24 and a half: the anchor is on the whole hour in UTC, so at :30 in winter.
    ("Australia/Lord_Howe", "2026-10-03T13:30", "2026-10-04T13:00", 23),
    ("Australia/Lord_Howe", "2026-04-04T13:00", "2026-04-05T13:30", 25),
    ("Africa/Casablanca", "2026-03-22T00:00", "2026-03-22T23:00", 23),
    ("Africa/Casablanca", "2026-02-14T23:00", "2026-02-16T00:00", 25),
    ("Pacific/Apia", "2011-12-29T10:00", "2011-12-30T10:00", 24),
    ("Pacific/Apia", "2011-12-30T10:00", "2011-12-31T10:00", 24),
    ("Pacific/Apia", "2011-04-02T10:00", "2011-04-03T11:00", 25),
    ("America/Havana", "2026-03-08T05:00", "2026-03-09T04:00", 23),
    ("America/Havana", "2025-11-02T04:00", "2025-11-03T05:00", 25),
    ("Europe/Dublin", "2026-03-29T00:00", "2026-03-29T23:00", 23),
    ("Europe/Dublin", "2026-10-24T23:00", "2026-10-26T00:00", 25),
    ("Asia/Kathmandu", "2026-03-28T18:15", "2026-03-29T18:15", 24),
    ("Antarctica/Troll", "2026-03-29T00:00", "2026-03-29T22:00", 22),
    ("Antarctica/Troll", "2026-10-24T22:00", "2026-10-26T00:00", 26),
]


@pytest.mark.parametrize(
    ("zone", "schedule", "policy", "expected"), [(zone, *row) for zone, rows in GOLDEN.items() for row in rows]
)
def test_a_schedule_fires_at_the_instants_written_down(zone: str, schedule: str, policy: str, expected: str) -> None:
    kind, _, expr = schedule.partition(" ")
    instants = [utc(text) for text in expected.split()]
    made = parse_schedule(kind, expr, timezone=zone, dtstart=START, dst_policy=policy)

    before = instants[0] - timedelta(seconds=1)
    assert [instant.astimezone(UTC) for instant in made.between(before, instants[-1])] == instants
    assert [instant.astimezone(UTC) for instant in made.after(before, len(instants))] == instants
    assert [made.after(before)[0].astimezone(UTC) for before in instants[:-1]] == instants[1:]


@pytest.mark.parametrize(("zone", "begin", "end", "times"), DAYS)
def test_an_hourly_task_runs_once_an_hour_of_real_time(zone: str, begin: str, end: str, times: int) -> None:
    hourly = parse_schedule("rrule", "FREQ=HOURLY", timezone=zone, dtstart=START)
    second = timedelta(seconds=1)

    instants = [instant.astimezone(UTC) for instant in hourly.between(utc(begin) - second, utc(end) - second)]

    assert len(instants) == times
    assert {later - earlier for earlier, later in pairwise(instants)} == {timedelta(hours=1)}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("rfc", "2026-03-29T01:30 2026-03-30T00:30 2026-03-31T00:30"),
        ("next_valid", "2026-03-29T01:00 2026-03-30T00:30 2026-03-31T00:30"),
        ("skip", "2026-03-30T00:30 2026-03-31T00:30 2026-04-01T00:30"),
    ],
)
def test_a_start_in_a_gap_counts_when_it_fires(policy: str, expected: str) -> None:
    made = parse_schedule(
        "rrule", "FREQ=DAILY;COUNT=3", timezone="Europe/Chisinau", dtstart="2026-03-29T03:30", dst_policy=policy
    )

    assert [instant.astimezone(UTC) for instant in made.after(utc("2026-01-01"), 9)] == [
        utc(text) for text in expected.split()
    ]


def test_a_skipped_day_that_falls_on_the_next_one_counts_once() -> None:
    made = parse_schedule("rrule", "FREQ=DAILY;COUNT=3", timezone="Pacific/Apia", dtstart="2011-12-29T09:00")

    assert [instant.astimezone(UTC) for instant in made.after(utc("2011-01-01"), 9)] == [
        utc("2011-12-29T19:00"),
        utc("2011-12-30T19:00"),
        utc("2011-12-31T19:00"),
    ]
