"""Which instant is the N-th of a rule, where COUNT ends it?

Time is cut into pieces: a year at most, in which clocks stand still, and around each change as much as it moves the
clocks. Of the first kind only the days are counted; of the second the seconds themselves. So a COUNT of a million costs
no more than the years that have passed, and those are counted once.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from schedules.dst import DstPolicy
from schedules.recurrence.changes import DAY, Change, changes_after, first_second, offset_at
from schedules.recurrence.day_times import DayTimes
from schedules.recurrence.days import LAST_DAY, year_of

_END = LAST_DAY * DAY


class Piece(NamedTuple):
    """Seconds [low, high) of UTC: with one offset, or around a change."""

    low: int
    high: int
    offset: int
    change: Change | None = None


class End(Protocol):
    """The N-th instant of one rule, sought no further than it is asked about."""

    def found_by(self, second: int) -> int | None:
        """The N-th instant, or None when it lies after `second` of UTC."""
        ...


class WalkedEnd:
    """Found by walking over the instants, which are seconds of UTC."""

    def __init__(self, number: int, instants: Iterable[int]) -> None:
        self._left = islice(instants, number)
        self._passed: int | None = None
        self._next = next(self._left, None)

    def found_by(self, second: int) -> int | None:
        while self._next is not None and self._next <= second:
            self._passed, self._next = self._next, next(self._left, None)
        return self._passed if self._next is None else None


class CountedEnd:
    """Found by counting.

    begin: a second of UTC before which there is none. times: the local times as read with an offset. policy: what a gap
    gives and a fold takes; None when instants come first and are only read by the clock.
    """

    def __init__(
        self,
        number: int,
        *,
        begin: int,
        zone: ZoneInfo,
        times: Callable[[int], DayTimes],
        policy: DstPolicy | None,
    ) -> None:
        self._missing = number
        self._times = times
        self._policy = policy
        self._pieces = pieces(zone, begin)
        self._counted_until = begin
        self._found: int | None = None

    def found_by(self, second: int) -> int | None:
        while self._found is None and self._counted_until <= second:
            piece = next(self._pieces, None)
            if piece is None:
                return None
            size = self._size(piece)
            if size >= self._missing:
                self._found = self._nth_in(piece, self._missing)
            self._missing -= size
            self._counted_until = piece.high
        return self._found

    def _size(self, piece: Piece) -> int:
        if piece.change is not None and self._policy is not None:
            return self._instants(piece).bit_count()
        if piece.change is None:
            return self._times(piece.offset).count(piece.low + piece.offset, piece.high + piece.offset)
        at, before, after = piece.change.at, piece.change.before, piece.change.after
        return self._times(before).count(piece.low + before, at + before) + self._times(after).count(
            at + after, piece.high + after
        )

    def _nth_in(self, piece: Piece, number: int) -> int:
        low, high = piece.low, piece.high
        while piece.change is None and high - low > DAY:
            middle = (low + high) // 2
            size = self._size(Piece(low, middle, piece.offset))
            low, high, number = (middle, high, number - size) if size < number else (low, middle, number)
        return low + _place(self._instants(Piece(low, high, piece.offset, piece.change)), number)

    def _instants(self, piece: Piece) -> int:
        """The instants of a piece as bits; the lowest is its first second."""
        if piece.change is None:
            return self._read(piece.offset, piece.low + piece.offset, piece.high + piece.offset)
        return around(piece.change, piece.low, piece.high, read=self._read, policy=self._policy)

    def _read(self, offset: int, low: int, high: int) -> int:
        return self._times(offset).between(low, high)


def around(
    change: Change, low: int, high: int, *, read: Callable[[int, int, int], int], policy: DstPolicy | None
) -> int:
    """The instants in [low, high), in UTC, near one change, as bits; the lowest is `low`.

    read: the local times, as read with an offset, between two seconds of the local line. policy: what a gap gives and a
    fold takes; None when instants come first and are only read by the clock.
    """
    at, before, after = change.at, change.before, change.after
    first, second = read(before, low + before, at + before), read(after, at + after, high + after)
    width = abs(after - before)
    if policy is not None and after < before:
        if policy.fold == "first":
            second = second >> width << width
        elif policy.fold == "second":
            first &= (1 << max(at - low - width, 0)) - 1
    elif policy is not None and (lost := read(before, at + before, at + after)):
        second |= {"rfc": lost, "next_valid": 1, "skip": 0}[policy.gap]
    return first | second << (at - low)


def pieces(zone: ZoneInfo, begin: int) -> Iterator[Piece]:
    """The line from `begin` to the end of the calendar."""
    low = begin
    for change in changes_after(zone, begin):
        width = abs(change.after - change.before)
        yield from _years(low, change.at - width, change.before)
        yield Piece(max(low, change.at - width), change.at + width, change.before, change)
        low = change.at + width
    yield from _years(low, _END, offset_at(zone, low))


def _years(low: int, high: int, offset: int) -> Iterator[Piece]:
    while low < high:
        # At local midnight, so that whole days are left.
        end = min(high, first_second(year_of((low + offset) // DAY) + 1) - offset)
        yield Piece(low, end, offset)
        low = end


def _place(bits: int, number: int) -> int:
    """Which bit is the N-th that is set, counted from 1."""
    low, width = 0, bits.bit_length()
    while width > 1:
        half = width // 2
        lower = bits & ((1 << half) - 1)
        size = lower.bit_count()
        if size >= number:
            bits, width = lower, half
        else:
            bits, width, low, number = bits >> half, width - half, low + half, number - size
    return low
