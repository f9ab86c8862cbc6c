"""Instants that somebody put off, one by one: the schedule beside them stays as it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from schedules.occurrence import SNOOZED, Occurrence


@dataclass(frozen=True, slots=True)
class Snooze:
    """The instant `at` (UTC) takes place at `to` (UTC) instead. reason: of whoever asked, in words."""

    at: datetime
    to: datetime
    reason: str = ""


def put_off(occurrences: Iterator[Occurrence], snoozes: Sequence[Snooze], *, after: datetime) -> Iterator[Occurrence]:
    """`occurrences` after `after`, each one that was put off withheld where it was, and present where it was put.

    An instant that calendars or clocks withhold is not put off; one that is put on a withheld one runs there all the same; two
    that meet become one.
    """
    moved = {each.at: each for each in snoozes}
    arrivals = iter(_arrivals(snoozes, after))
    arrival = next(arrivals, None)
    for each in occurrences:
        while arrival and arrival.at < each.at:
            yield arrival
            arrival = next(arrivals, None)
        if arrival and arrival.at == each.at:
            stays = not each.withheld and each.at not in moved
            yield replace(each, snoozed_from=arrival.snoozed_from) if stays else arrival
            arrival = next(arrivals, None)
        elif each.at in moved and not each.withheld:
            yield _withheld(each, moved[each.at])
        else:
            yield each
    if arrival:
        yield arrival
        yield from arrivals


def next_arrival(snoozes: Sequence[Snooze], *, after: datetime) -> datetime | None:
    """The first instant later than `after` to which one was put off."""
    return min((each.to for each in snoozes if each.to > after), default=None)


def _arrivals(snoozes: Sequence[Snooze], after: datetime) -> list[Occurrence]:
    """One for each instant to which some were put off, ascending; it comes from the last of them."""
    origins = {each.to: each.at for each in sorted(snoozes, key=lambda each: each.at) if each.to > after}
    return [Occurrence(to, to, snoozed_from=origins[to]) for to in sorted(origins)]


def _withheld(each: Occurrence, snooze: Snooze) -> Occurrence:
    return replace(each, start=each.at, withheld=SNOOZED, detail=snooze.reason, snoozed_to=snooze.to)
