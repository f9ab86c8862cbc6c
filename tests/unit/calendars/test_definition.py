import re
from datetime import date
from threading import Thread

import pytest

from schedules.calendars import InvalidCalendar, parse_calendar, references, urls
from tests.unit.calendars.dates import days, ics, named, named_in

CHRISTMAS = {"rrule": "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24,25", "dtstart": "2020-01-01", "name": "Christmas"}


def deep(levels: int) -> object:
    tree: object = {"weekends": True}
    for _ in range(levels - 1):
        tree = {"union": [tree]}
    return tree


def test_listed_dates_have_their_names_or_are_holidays() -> None:
    listed = {"dates": ["2026-12-24", {"date": "2026-12-31", "name": "Stock\n taking"}, "2026-12-31", "2027-01-01"]}

    assert named(listed, 2026) == {"2026-12-24": "holiday", "2026-12-31": "Stock taking"}


def test_a_rule_gives_the_dates_of_its_instants_and_none_before_its_start() -> None:
    assert named(CHRISTMAS, 2026) == {"2026-12-24": "Christmas", "2026-12-25": "Christmas"}
    assert named(CHRISTMAS, 2019) == {}


def test_a_rule_counts_its_interval_from_its_start() -> None:
    assert days({"rrule": "FREQ=WEEKLY;INTERVAL=26", "dtstart": "2026-01-02"}, 2027) == [
        "2027-01-01",
        "2027-07-02",
        "2027-12-31",
    ]


def test_a_rules_text_may_hold_its_own_start_and_exceptions() -> None:
    text = "DTSTART;TZID=Asia/Tokyo:20260101T003000\nRRULE:FREQ=MONTHLY;COUNT=3\nEXDATE;TZID=Asia/Tokyo:20260201T003000"

    assert days({"rrule": text}, 2026) == ["2026-01-01", "2026-03-01"]


def test_the_weekend_is_saturday_and_sunday_unless_days_are_given() -> None:
    assert days({"weekends": True}, 2026)[:3] == ["2026-01-03", "2026-01-04", "2026-01-10"]
    assert named({"weekends": ["FR"]}, 2026)["2026-01-02"] == "weekend"
    assert len(days({"weekends": ["FR"]}, 2026)) == 52


def test_a_countrys_public_holidays_have_english_names() -> None:
    found = named({"country": "MD"}, 2026)

    assert found["2026-08-27"] == "Republic of Moldova Independence Day"
    assert found["2026-01-07"].startswith("Christmas Day")


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    bavarian = set(days({"country": "DE", "subdivision": "BY"}, 2026))

    assert "2026-01-06" in bavarian
    assert "2026-01-06" not in days({"country": "DE", "subdivision": None}, 2026)


def test_a_holiday_observed_in_the_year_before_is_there() -> None:
    assert named({"country": "US"}, 2021)["2021-12-31"] == "New Year's Day (observed)"


def test_a_country_has_no_holidays_in_years_that_the_package_does_not_know() -> None:
    assert days({"country": "MD"}, 1990) == []
    assert days({"country": "MD"}, 2101) == []


def test_a_union_has_the_days_of_all_and_the_first_name() -> None:
    listed = {"dates": [{"date": "2026-01-03", "name": "Inventory"}, {"date": "2026-01-05", "name": "Monday"}]}

    found = named({"union": [listed, {"weekends": True}]}, 2026)

    assert [found["2026-01-03"], found["2026-01-04"], found["2026-01-05"]] == ["Inventory", "weekend", "Monday"]
    assert named({"union": [{"weekends": True}, listed]}, 2026)["2026-01-03"] == "weekend"


def test_a_difference_has_the_days_of_the_first_only() -> None:
    working = [{"dates": ["2026-01-03"]}, {"dates": ["2026-01-10", "2026-01-12"]}]

    found = days({"difference": [{"weekends": True}, *working]}, 2026)

    assert found[:3] == ["2026-01-04", "2026-01-11", "2026-01-17"]
    assert "2026-01-12" not in found


def test_another_calendar_is_asked_by_its_name() -> None:
    others = {"closed": parse_calendar(CHRISTMAS)}

    assert named({"calendar": "closed"}, 2026, others=others.__getitem__) == named(CHRISTMAS, 2026)


def test_a_fetched_file_is_read_like_an_uploaded_one() -> None:
    text = ics("DTSTART;VALUE=DATE:20260501|SUMMARY:Labour Day")

    found = named({"ics_url": "https://x.test/a.ics"}, 2026, fetched={"https://x.test/a.ics": text})

    assert found == named({"ics": text}, 2026) == {"2026-05-01": "Labour Day"}


def test_what_a_definition_needs_is_told_without_reading_it() -> None:
    tree = {"union": [{"calendar": "a"}, {"difference": [{"ics_url": "https://x.test/"}, {"calendar": "b"}]}]}

    assert references(tree) == {"a", "b"}
    assert urls(tree) == {"https://x.test/"}


def test_days_outside_the_calendars_years_are_in_no_set() -> None:
    always = parse_calendar({"weekends": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]})

    assert [always.name_of(date(year, 1, 1)) for year in (1582, 1583, 9990, 9991)] == [None, "weekend", "weekend", None]


def test_many_threads_may_ask_one_calendar() -> None:
    calendar = parse_calendar({"union": [{"country": "RO"}, {"weekends": True}, CHRISTMAS]})
    alone = named_in(parse_calendar({"union": [{"country": "RO"}, {"weekends": True}, CHRISTMAS]}), 2026)
    answers: list[dict[str, str]] = []

    threads = [Thread(target=lambda: answers.append(named_in(calendar, 2026))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [alone] * 8


REFUSED = [
    (None, "", "an object such as"),
    ({}, "", "exactly one of"),
    ({"weekends": True, "country": "MD"}, "", "'weekends' and 'country': use union"),
    ({"weekends": True, "a/b": 1}, "/a~1b", "'a/b' is unknown"),
    ({"rrule": "FREQ=DAILY", "from": 1}, "/from", "dtstart, name may stand beside rrule"),
    ({"weekends": False}, "/weekends", "takes true"),
    ({"weekends": []}, "/weekends", "takes true"),
    ({"weekends": ["SAT"]}, "/weekends", "takes true"),
    ({"weekends": [["SA"]]}, "/weekends", "takes true"),
    ({"dates": "2026-01-01"}, "/dates", "takes a list"),
    ({"dates": ["2026-01-01", "20260101"]}, "/dates/1", "looks like"),
    ({"dates": ["2026-02-30"]}, "/dates/0", "not a possible date"),
    ({"dates": ["1500-01-01"]}, "/dates/0", "1583 to 9990"),
    ({"dates": [7]}, "/dates/0", "looks like"),
    ({"dates": [{"date": "2026-01-01", "title": "x"}]}, "/dates/0", "a named date is"),
    ({"dates": [{"name": "x"}]}, "/dates/0", "looks like"),
    ({"dates": [{"date": "2026-01-01", "name": 1}]}, "/dates/0/name", "takes a text"),
    ({"dates": [{"date": "2026-01-01", "name": "x" * 201}]}, "/dates/0/name", "at most 200"),
    ({"dates": ["2026-01-01"] * 5001}, "/dates", "at most 5000 dates"),
    ({"country": "XX"}, "/country", "is no country"),
    ({"country": "ECB"}, "/country", "is no country"),
    ({"country": 1}, "/country", "takes a text"),
    ({"country": "US", "subdivision": "QQ"}, "/subdivision", "no part of US whose holidays are known: AK, AL"),
    ({"country": "US", "subdivision": 1}, "/subdivision", "takes a text"),
    ({"rrule": "FREQ=DAILY;INTERVAL=0", "dtstart": "2026-01-01"}, "/rrule", "INTERVAL must be at least 1"),
    ({"rrule": "FREQ=DAILY"}, "/dtstart", "needs a start"),
    ({"rrule": "FREQ=DAILY", "dtstart": "2026-01-01T00:00"}, "/dtstart", "such as"),
    ({"rrule": "FREQ=DAILY", "dtstart": "2026-13-01"}, "/dtstart", "not a possible date"),
    ({"rrule": "FREQ=DAILY", "dtstart": "2026-01-01", "name": ["x"]}, "/name", "takes a text"),
    ({"rrule": "FREQ=HOURLY", "dtstart": "2026-01-01"}, "/rrule", "use FREQ=DAILY or longer"),
    ({"rrule": "FREQ=DAILY;BYHOUR=1,2", "dtstart": "2026-01-01"}, "/rrule", "at most one BYHOUR"),
    ({"rrule": "FREQ=DAILY;COUNT=1001", "dtstart": "2026-01-01"}, "/rrule", "at most 1000"),
    ({"rrule": "FREQ=DAILY;COUNT=26;BYMONTH=2;BYMONTHDAY=29", "dtstart": "2001-01-01"}, "/rrule", "within a century"),
    ({"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "dtstart": "2026-01-01"}, "/rrule", "never occurs"),
    ({"calendar": "gone"}, "/calendar", "there is no calendar 'gone'"),
    ({"ics_url": "ftp://x.test/"}, "/ics_url", "begins with https://"),
    ({"ics_url": "https://x.test/"}, "/ics_url", "not been fetched yet"),
    ({"ics": "<html>"}, "/ics", "no iCalendar file"),
    ({"union": []}, "/union", "at least one"),
    ({"union": {"weekends": True}}, "/union", "takes a list"),
    (
        {"union": [{"weekends": True}, {"difference": [{"dates": [None]}]}]},
        "/union/1/difference/0/dates/0",
        "looks like",
    ),
    (deep(9), "/union/0" * 8, "at most 8 levels"),
    ({"union": [{"weekends": True}] * 200}, "/union/199", "at most 200 nodes"),
    ({"ics": "x" * 512_000}, "", "at most 512000 bytes"),
    ({"dates": [float("nan")]}, "", "plain JSON"),
    ({"dates": {1, 2}}, "", "plain JSON"),
]


@pytest.mark.parametrize(("definition", "pointer", "cure"), REFUSED)
def test_what_makes_no_sense_is_refused_at_its_place_with_the_cure(definition: object, pointer: str, cure: str) -> None:
    with pytest.raises(InvalidCalendar, match=re.escape(cure)) as refusal:
        parse_calendar(definition)

    assert refusal.value.pointer == pointer


def test_eight_levels_are_deep_enough() -> None:
    assert days(deep(8), 2026) == days({"weekends": True}, 2026)


def test_a_fetched_file_that_is_too_long_is_refused() -> None:
    with pytest.raises(InvalidCalendar, match="more than 2000000"):
        parse_calendar({"ics_url": "https://x.test/"}, fetched={"https://x.test/": "x" * 2_000_001})


def test_the_files_of_one_calendar_share_what_it_may_hold() -> None:
    half = {"ics": ics(*["DTSTART:20260101"] * 2501)}

    with pytest.raises(InvalidCalendar, match="more than 2499 events") as refusal:
        parse_calendar({"union": [half, half]})

    assert refusal.value.pointer == "/union/1/ics"


def test_a_count_is_kept_and_may_be_reached_late() -> None:
    leap_days = {"rrule": "FREQ=DAILY;COUNT=24;BYMONTH=2;BYMONTHDAY=29", "dtstart": "2001-01-01"}

    assert days(leap_days, 2096) == ["2096-02-29"]
    assert days({"rrule": "FREQ=DAILY;COUNT=3;BYDAY=MO", "dtstart": "2026-01-01"}, 2026) == [
        "2026-01-05",
        "2026-01-12",
        "2026-01-19",
    ]


def test_a_rule_asked_far_from_its_dates_still_has_them() -> None:
    every_century = parse_calendar({"rrule": "FREQ=YEARLY;INTERVAL=100", "dtstart": "2000-01-01", "name": "Century"})

    assert [every_century.name_of(date(year, 1, 1)) for year in (2001, 2050, 2099, 2100, 2000, 2150, 2200)] == [
        None, None, None, "Century", "Century", None, "Century",
    ]  # fmt: skip


def test_a_calendar_holds_a_hundred_rules() -> None:
    rule = {"rrule": "FREQ=YEARLY", "dtstart": "2026-01-01"}

    assert days({"union": [rule] * 100}, 2026) == ["2026-01-01"]
    with pytest.raises(InvalidCalendar, match="at most 100 rules and recurring events") as refusal:
        parse_calendar({"union": [rule] * 101})
    assert refusal.value.pointer == "/union/100/rrule"
