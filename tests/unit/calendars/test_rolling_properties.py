"""Rolling against an oracle that knows every instant of some years and nothing of order or cost."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules import DstPolicy
from schedules.calendars import Rolled, parse_calendar, roll
from schedules.dst import resolve
from schedules.zones import zone

pytestmark = pytest.mark.no_cover  # three times as slow when measured

DAY = timedelta(days=1)
CHANGES = [
    ("UTC", date(2026, 7, 1)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/Santiago", date(2026, 4, 4)),  # back from midnight
    ("America/Santiago", date(2026, 9, 6)),  # forward from midnight
    ("America/Toronto", date(1919, 3, 30)),  # forward over midnight, from 23:30
    ("America/Goose_Bay", date(2010, 11, 7)),  # back over midnight, from 00:01
    ("Pacific/Apia", date(2011, 12, 30)),  # left out
]
CLOCK = [
    time(0),
    time(0, 0, 30),
    time(0, 15),
    time(1, 30),
    time(2),
    time(2, 30),
    time(9),
    time(23, 1, 30),
    time(23, 45),
]
LEFT_OUT = {"Pacific/Apia": date(2011, 12, 30)}
POLICIES = ["exclude", "next_business_day", "previous_business_day"]


@st.composite
def situations(draw: st.DrawFn) -> dict[str, object]:
    name, near = draw(st.sampled_from(CHANGES))
    home = zone(name)
    offsets = st.integers(-6, 6)
    closed = draw(st.sets(offsets.map(lambda number: (near + number * DAY).isoformat()), min_size=1))
    clock = st.sampled_from(CLOCK)
    times = draw(st.lists(st.tuples(offsets, clock), max_size=25))
    nominal = {
        instant
        for number, at in times
        for instant in resolve(datetime.combine(near + number * DAY, at), zone=home, policy=DstPolicy(fold="both"))
    }
    return {
        "nominal": sorted(nominal),
        "zone": home,
        "days": parse_calendar({"dates": sorted(closed)}),
        "policy": draw(st.sampled_from(POLICIES)),
        "dst": DstPolicy(
            gap=draw(st.sampled_from(["rfc", "next_valid", "skip"])),
            fold=draw(st.sampled_from(["first", "second", "both"])),
        ),
        "after": datetime.combine(near + draw(offsets) * DAY, draw(clock), tzinfo=home).astimezone(UTC),
    }


def oracle(nominal, *, zone, days, policy, dst, after) -> list[Rolled]:  # noqa: PLR0913
    """Every entry by its rank (nominal, moved, withheld): the best of each instant stays."""
    best: dict[datetime, tuple[int, datetime, Rolled]] = {}

    def offer(rank: int, source: datetime, entry: Rolled) -> None:
        best[entry.at] = min(best.get(entry.at, (9, source, entry)), (rank, source, entry), key=lambda each: each[:2])

    for instant in nominal:
        local = instant.astimezone(zone)
        name = days.name_of(local.date())
        offer(2 if name else 0, instant, Rolled(instant, name, None))
        if name and policy != "exclude":
            step = DAY if policy == "next_business_day" else -DAY
            target = local.date() + step
            while days.name_of(target) or target == LEFT_OUT.get(zone.key):
                target += step
            for at in resolve(datetime.combine(target, local.time().replace(fold=0)), zone=zone, policy=dst):
                offer(1, instant, Rolled(at, None, instant))
    return [best[at][2] for at in sorted(best) if at > after]


def stream(nominal: list[datetime]) -> Callable[[datetime], Iterator[datetime]]:
    return lambda moment: iter(nominal[bisect_right(nominal, moment) :])


@settings(max_examples=400, deadline=None)
@given(situations())
def test_rolling_agrees_with_the_oracle(situation: dict) -> None:
    nominal = situation.pop("nominal")

    assert list(roll(stream(nominal), **situation)) == oracle(nominal, **situation)


@settings(max_examples=200, deadline=None)
@given(situations(), st.integers(0, 20 * 86_400))
def test_what_comes_after_a_moment_does_not_depend_on_where_it_was_asked_from(situation: dict, seconds: int) -> None:
    nominal = situation.pop("nominal")
    earlier = situation.pop("after")
    later = earlier + timedelta(seconds=seconds)

    from_earlier = list(roll(stream(nominal), after=earlier, **situation))
    from_later = list(roll(stream(nominal), after=later, **situation))

    assert from_later == [entry for entry in from_earlier if entry.at > later]
