"""Random recurrences from a seed: every part, every frequency, and those where clocks change."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import available_timezones

from schedules import DstPolicy, Recurrence
from tests.unit.schedules.brute_force import WEEKDAYS, Case, changes_of, instants

ZONES = sorted(available_timezones() - {"Factory"})
LENGTH = {
    "YEARLY": timedelta(days=366),
    "MONTHLY": timedelta(days=31),
    "WEEKLY": timedelta(days=7),
    "DAILY": timedelta(days=1),
    "HOURLY": timedelta(hours=1),
    "MINUTELY": timedelta(minutes=1),
    "SECONDLY": timedelta(seconds=1),
}
PERIODS = {"YEARLY": 3, "MONTHLY": 16, "WEEKLY": 40, "DAILY": 200, "HOURLY": 30, "MINUTELY": 300, "SECONDLY": 1500}
INTERVALS = {
    "YEARLY": [1, 1, 2, 3, 4],
    "MONTHLY": [1, 1, 2, 3, 5, 12],
    "WEEKLY": [1, 1, 2, 3, 5],
    "DAILY": [1, 1, 2, 3, 7, 30],
    "HOURLY": [1, 1, 2, 3, 5, 7, 24, 25, 168],
    "MINUTELY": [1, 1, 2, 7, 15, 45, 60, 90, 1440, 1441],
    "SECONDLY": [1, 1, 2, 13, 30, 60, 90, 3600, 86_400, 86_399],
}
INTERVALS_AT_A_CHANGE = {"DAILY": [1, 2, 3, 5], "HOURLY": [1, 2, 3, 5], "MINUTELY": [1, 15, 7]}
_END = datetime(2100, 12, 31, tzinfo=UTC)


def any_case(seed: int) -> tuple[Case, datetime, datetime]:
    """A recurrence in any zone, and a window to compare it in."""
    rng = random.Random(seed)
    start = _start(rng)
    case = Case(
        [_rule(rng, start) for _ in range(rng.choice([1, 1, 1, 1, 2, 3]))],
        start,
        rng.choice([*["UTC"] * 3, rng.choice(ZONES)]),
    )
    _choose_policy(rng, case)
    counted = any("COUNT" in rule for rule in case.rules)
    begin = start - timedelta(days=1)
    if not counted and rng.random() < 0.4:
        begin = start + timedelta(seconds=rng.randrange(40 * 365 * 86_400))
    case.rdates = [_near(rng, begin) for _ in range(rng.choice([0, 0, 0, 1, 3]))]
    begin = begin.replace(tzinfo=UTC)
    end = min(begin + min(_length(rule) for rule in case.rules), _END)
    if rng.random() < 0.2:
        among = instants(case, begin, end)
        case.exdates = [rng.choice(among) for _ in range(rng.randint(1, 4))] if among else []
    return case, begin, end


def case_at_a_change(seed: int, zone: str) -> tuple[Case, datetime, datetime] | None:
    """A recurrence with times around a change of the zone's clocks; None for a zone without one."""
    rng = random.Random(f"{seed} {zone}")
    change = _some_change(rng, zone)
    if change is None:
        return None
    at = datetime.fromordinal(change[0] // 86_400) + timedelta(seconds=change[0] % 86_400)
    local = at + timedelta(seconds=rng.choice(change[1:]))
    start = (local - timedelta(seconds=rng.randrange(86_400 * 9))).replace(second=rng.choice([0, 0, 30]))
    near = [(local + timedelta(minutes=rng.randrange(-150, 151))) for _ in range(4)]
    rule = _rule_at_a_change(rng, local, near)
    case = Case([rule], start, zone)
    _choose_policy(rng, case)
    if rng.random() < 0.1:
        case.rdates, case.exdates = near[:2], near[2:]
    begin = (start if "COUNT" in rule else at - timedelta(days=2)) - timedelta(days=1)
    return case, begin.replace(tzinfo=UTC), (at + timedelta(days=3)).replace(tzinfo=UTC)


def recurrence_of(case: Case) -> Recurrence:
    return Recurrence(
        "\n".join("RRULE:" + ";".join(f"{name}={value}" for name, value in rule.items()) for rule in case.rules),
        dtstart=case.start,
        timezone=case.zone,
        rdates=case.rdates,
        exdates=case.exdates,
        dst_policy=DstPolicy.parse(f"{case.gap}, {case.fold}, {case.subdaily}"),
    )


def check(case: Case, begin: datetime, end: datetime, *, seed: int) -> None:
    """Assert that engine and oracle give the same, in the whole window and from a moment in it."""
    schedule = recurrence_of(case)
    expected = instants(case, begin, end)
    assert [instant.astimezone(UTC) for instant in schedule.between(begin, end)] == expected, case
    rng = random.Random(seed)
    moment = begin + timedelta(seconds=rng.randrange(int((end - begin).total_seconds()) + 1))
    if expected and rng.random() < 0.5:
        moment = rng.choice(expected) - timedelta(seconds=rng.randrange(2))
    later = [instant for instant in expected if instant > moment][:3]
    # Another instance of it: no end that was found before may help.
    answered = [instant.astimezone(UTC) for instant in recurrence_of(case).after(moment, 3)]
    assert answered[: len(later)] == later, (case, moment)
    assert all(instant > end for instant in answered[len(later) :]), (case, moment)


def _rule_at_a_change(rng: random.Random, local: datetime, near: list[datetime]) -> dict[str, str]:
    frequency = rng.choice(["DAILY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY", "HOURLY", "MINUTELY"])
    rule = {"FREQ": frequency}
    if frequency != "DAILY" or rng.random() < 0.3:
        rule["INTERVAL"] = str(rng.choice(INTERVALS_AT_A_CHANGE.get(frequency, [1])))
    if frequency in {"WEEKLY", "MONTHLY", "YEARLY"}:
        rule["BYDAY"] = WEEKDAYS[local.weekday()]
    if rng.random() < 0.8:
        rule["BYHOUR"] = _joined({moment.hour for moment in near[: rng.randint(1, 3)]})
    if rng.random() < 0.7:
        rule["BYMINUTE"] = _joined({0, *(moment.minute for moment in near[: rng.randint(0, 2)])})
    if frequency != "MINUTELY" and rng.random() < 0.1:
        rule["BYSECOND"] = _joined({rng.randrange(60), rng.randrange(60)})
    if rng.random() < 0.2:
        rule["COUNT"] = str(rng.randint(1, 12))
    elif rng.random() < 0.2:
        rule["UNTIL"] = _until(rng, local + timedelta(minutes=rng.randrange(-200, 200)))
    if len(rule) > 2 and "BYMINUTE" in rule and rng.random() < 0.1:
        rule["BYSETPOS"] = rng.choice(["1", "-1", "2", "1,-2"])
    return rule


def _rule(rng: random.Random, start: datetime) -> dict[str, str]:
    rule = {"FREQ": rng.choice(list(LENGTH))}
    if rng.random() < 0.6:
        rule["INTERVAL"] = str(rng.choice(INTERVALS[rule["FREQ"]]))
    if rng.random() < 0.4:
        rule["WKST"] = rng.choice(WEEKDAYS)
    _choose_days(rng, rule, start)
    _choose_times(rng, rule, start)
    if rng.random() < 0.25 and any(name.startswith("BY") for name in rule):
        rule["BYSETPOS"] = _joined({rng.choice([1, 2, 3, -1, -2, 7, -9, 40]) for _ in range(rng.randint(1, 3))})
    if rng.random() < 0.25:
        rule["COUNT"] = str(rng.choice([1, 2, 3, 10, 40, 200]))
    elif rng.random() < 0.2:
        rule["UNTIL"] = _until(rng, start + _length(rule) * rng.random())
    return rule


def _choose_days(rng: random.Random, rule: dict[str, str], start: datetime) -> None:
    frequency = rule["FREQ"]
    if rng.random() < 0.3:
        rule["BYMONTH"] = _numbers(rng, 1, 12, most=6)
    if rng.random() < 0.3 and "BYMONTH" in rule:
        rule["BYMONTH"] = _joined({int(rule["BYMONTH"].split(",")[0]), start.month})
    if frequency != "WEEKLY" and rng.random() < 0.3:
        rule["BYMONTHDAY"] = _signed(rng, _numbers(rng, 1, 31, most=8))
    if frequency in {"YEARLY", "HOURLY", "MINUTELY", "SECONDLY"} and rng.random() < 0.15:
        rule["BYYEARDAY"] = _signed(rng, _numbers(rng, 1, 366, most=9))
    if frequency == "YEARLY" and rng.random() < 0.3:
        rule["BYWEEKNO"] = _signed(rng, _numbers(rng, 1, 53, most=6))
    if rng.random() < 0.4:
        days = rng.sample(WEEKDAYS, rng.randint(1, 4))
        if frequency in {"YEARLY", "MONTHLY"} and "BYWEEKNO" not in rule and rng.random() < 0.6:
            days = [f"{rng.choice([1, 2, -1, -2, 5, '+3'])}{day}" if rng.random() < 0.7 else day for day in days]
        rule["BYDAY"] = ",".join(days)


def _choose_times(rng: random.Random, rule: dict[str, str], start: datetime) -> None:
    if rng.random() < 0.4:
        rule["BYHOUR"] = _numbers(rng, 0, 23)
    if rule["FREQ"] == "SECONDLY" and "BYHOUR" in rule and rng.random() < 0.7:
        rule["BYHOUR"] = _joined({start.hour, (start.hour + 1) % 24})
    if rng.random() < 0.4:
        rule["BYMINUTE"] = _numbers(rng, 0, 59)
    if rng.random() < 0.3:
        rule["BYSECOND"] = _numbers(rng, 0, 60)


def _numbers(rng: random.Random, smallest: int, largest: int, *, most: int = 4) -> str:
    """A few, or now and then all of them."""
    numbers = {rng.randint(smallest, largest) for _ in range(rng.randint(1, most))}
    if rng.random() < 0.05 and largest < 60:
        numbers = set(range(smallest, largest + 1))
    return _joined(numbers)


def _signed(rng: random.Random, numbers: str) -> str:
    return _joined({-number if rng.random() < 0.4 else number for number in map(int, numbers.split(","))})


def _length(rule: dict[str, str]) -> timedelta:
    """As long as brute force can look at in a moment."""
    return LENGTH[rule["FREQ"]] * min(int(rule.get("INTERVAL", "1")), 2000) * PERIODS[rule["FREQ"]]


def _until(rng: random.Random, local: datetime) -> str:
    return local.strftime(rng.choice(["%Y%m%d", "%Y%m%dT%H%M%S", "%Y%m%dT%H%M%SZ"]))


def _start(rng: random.Random) -> datetime:
    return datetime(1970, 1, 3) + timedelta(  # noqa: DTZ001  local to the case's zone
        seconds=rng.randrange(60 * 365 * 86_400) // rng.choice([1, 60, 3600]) % (60 * 365 * 86_400)
    )


def _near(rng: random.Random, moment: datetime) -> datetime:
    return moment + timedelta(minutes=rng.randrange(60 * 24 * 20))


def _choose_policy(rng: random.Random, case: Case) -> None:
    case.gap = rng.choice(["rfc", "next_valid", "skip"])
    case.fold = rng.choice(["first", "second", "both"])
    case.subdaily = rng.choice(["elapsed", "wall"])


def _some_change(rng: random.Random, zone: str) -> tuple[int, int, int] | None:
    for _ in range(12):
        changes = changes_of(zone, rng.randint(1970, 2100))
        if changes:
            return rng.choice(changes)
    return None


def _joined(numbers: set[int]) -> str:
    return ",".join(map(str, sorted(numbers)))
