"""Which day is the first that satisfies both the calendar and an INTERVAL?

Days are bits of one whole number, so that thousands of years are joined in a few steps, however rarely both agree. The
answer is exact: a day, or never.
"""

from math import gcd, lcm

from schedules.recurrence.days import CYCLE_DAYS, LAST_DAY

_SPANS = (15_000, CYCLE_DAYS + 1, LAST_DAY)  # most rules agree within 40 years


def repeated(bits: int, *, every: int, length: int) -> int:
    """At least `length` bits in which the lowest `every` bits of `bits` come again and again."""
    while every < length:
        bits |= bits << every
        every *= 2
    return bits


def first_day(cycle: int, *, residues: int, modulus: int, first: int) -> int | None:
    """The first day at or after `first` that is in `cycle` and whose remainder by `modulus` is among the bits of `residues`.

    cycle: the bits of 400 years, ordinal 1 the lowest. None when no such day comes before the calendar ends.
    """
    if first >= LAST_DAY or not _ever_meet(cycle, residues, modulus):
        return None
    period = lcm(modulus, CYCLE_DAYS)
    for span in _SPANS:
        length = min(span, period, LAST_DAY - first)
        found = _from(cycle, (first - 1) % CYCLE_DAYS, CYCLE_DAYS, length)
        found &= _from(residues, first % modulus, modulus, length)
        found &= (1 << length) - 1
        if found:
            return first + lowest(found)
    return None


def _ever_meet(cycle: int, residues: int, modulus: int) -> bool:
    """Whether a calendar without end would hold such a day, by the Chinese remainder theorem."""
    shared = gcd(modulus, CYCLE_DAYS)
    # Ordinal 1 is the lowest bit of a cycle.
    return bool(cycle & _from(_folded(residues, shared), 1 % shared, shared, CYCLE_DAYS))


def _folded(bits: int, width: int) -> int:
    """The remainders by `width` of the numbers that are bits."""
    part = width
    while part < bits.bit_length():
        part *= 2
    while part > width:
        part //= 2
        bits = bits & ((1 << part) - 1) | bits >> part
    return bits


def lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


def _from(bits: int, start: int, every: int, length: int) -> int:
    """`length` bits or more of the repeated ones, beginning at bit `start`."""
    return repeated(bits, every=every, length=start + length) >> start
