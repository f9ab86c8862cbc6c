"""What an RRULE may say."""

import pytest

from schedules import InvalidRecurrence
from schedules.recurrence.grammar import parse_rule
from schedules.recurrence.rule import Frequency, Rule
from tests.unit.schedules.moments import local, utc


def test_every_part_is_read_in_any_case_and_order() -> None:
    rule = parse_rule(
        "bymonth=2,1;freq=yearly;interval=2;count=3;wkst=su;bysecond=1;byminute=2;byhour=3;"
        "byday=mo,-1fr;bymonthday=-1,5;byyearday=-366;bysetpos=1"
    )

    assert rule == Rule(
        Frequency.YEARLY,
        interval=2,
        count=3,
        week_start=6,
        seconds=(1,),
        minutes=(2,),
        hours=(3,),
        weekdays=(0,),
        numbered_weekdays=((-1, 4),),
        month_days=(-1, 5),
        year_days=(-366,),
        months=(1, 2),
        positions=(1,),
    )


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("20261231T120000Z", utc("2026-12-31T12:00")),
        ("20261231T120000", local("2026-12-31T12:00")),
        ("20261231", local("2026-12-31T23:59:59")),
    ],
)
def test_until_is_utc_or_local_or_the_end_of_a_day(text: str, until: object) -> None:
    assert parse_rule(f"FREQ=DAILY;UNTIL={text}").until == until


@pytest.mark.parametrize(
    ("rule", "part", "message"),
    [
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL", "INTERVAL must be at least 1"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL", "INTERVAL must be a whole number, not '-1'"),
        ("FREQ=DAILY;INTERVAL=99999999999", "INTERVAL", "INTERVAL must have at most 10 digits"),
        ("FREQ=DAILY;COUNT=0", "COUNT", "COUNT must be at least 1"),
        ("FREQ=DAILY;COUNT=1;UNTIL=20260101", "COUNT", "exclude each other"),
        ("FREQ=DAILY;COUNT=1;COUNT=2", "COUNT", "given twice"),
        ("FREQ=DAILY;FOO=1", "FOO", "not a part of RFC 5545"),
        ("FREQ=DAILY;COUNT", "COUNT", "NAME=value"),
        ("FREQ=DAILY;", "", "NAME=value"),
        ("FREQ=DAILY; COUNT=1", " COUNT", "not a part"),
        ("FREQ=FORTNIGHTLY", "FREQ", "FREQ must be one of"),
        ("COUNT=1", "FREQ", "FREQ is missing"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH", "BYMONTH must be 1 to 12, not 13"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY", "BYMONTHDAY must be 1 to 31 or -1 to -31, not 0"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR", "BYHOUR must be 0 to 23"),
        ("FREQ=DAILY;BYHOUR=-1", "BYHOUR", "whole numbers"),
        ("FREQ=DAILY;BYHOUR=1,,2", "BYHOUR", "whole numbers"),
        ("FREQ=DAILY;BYHOUR=٣", "BYHOUR", "BYHOUR"),
        ("FREQ=DAILY;BYSECOND=61", "BYSECOND", "0 to 60"),
        ("FREQ=DAILY;WKST=XX", "WKST", "WKST must be one of"),
        ("FREQ=MONTHLY;BYDAY=54MO", "BYDAY", "BYDAY must be"),
        ("FREQ=MONTHLY;BYDAY=MONDAY", "BYDAY", "such as MO"),
        ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY", "only with FREQ=MONTHLY or YEARLY"),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "BYDAY", "beside BYWEEKNO"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY", "cannot be used with FREQ=WEEKLY"),
        ("FREQ=MONTHLY;BYYEARDAY=1", "BYYEARDAY", "cannot be used with FREQ=MONTHLY"),
        ("FREQ=MONTHLY;BYWEEKNO=1", "BYWEEKNO", "only be used with FREQ=YEARLY"),
        ("FREQ=DAILY;BYSETPOS=1", "BYSETPOS", "add one of them"),
        ("FREQ=DAILY;RSCALE=GREGORIAN", "RSCALE", "not supported"),
        ("FREQ=DAILY;SKIP=OMIT", "SKIP", "not supported"),
        ("FREQ=YEARLY;BYEASTER=0", "BYEASTER", "not part of RFC 5545"),
        ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL", "must look like"),
        ("FREQ=DAILY;UNTIL=20260231", "UNTIL", "not a possible date"),
    ],
)
def test_a_faulty_part_is_named(rule: str, part: str, message: str) -> None:
    with pytest.raises(InvalidRecurrence) as refused:
        parse_rule(rule)

    assert refused.value.rule_part == part
    assert message in refused.value.message
