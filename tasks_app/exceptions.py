"""What can be wrong with a request, named for the fact."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

MOST_FAULTS: Final = 100  # that one answer lists
_MOST_TOLD: Final = 10


@dataclass(frozen=True)
class Fault:
    """One thing wrong with what was asked: where (a JSON pointer into the body) and a sentence with the cure.

    `more`: how many others stand beside it that are counted and not told.
    """

    pointer: str
    message: str
    more: int = 0


def told_of(faults: Iterable[Fault]) -> list[Fault]:
    """As many as one answer lists; the last of them counts the others, so that no request is answered with all it can think of."""
    told: list[Fault] = []
    more = 0
    for fault in faults:
        if len(told) < MOST_FAULTS:
            told.append(fault)
        else:
            more += 1 + fault.more
    if more:
        told[-1] = replace(told[-1], more=told[-1].more + more)
    return told


def untold(faults: Sequence[Fault]) -> int:
    """How many of them an answer does not list."""
    return sum(1 + fault.more for fault in faults) - min(len(faults), MOST_FAULTS)


class OrdinautError(Exception):
    """Base of every error that an owner's request can cause; its text is meant for them."""


class InvalidRequest(OrdinautError):
    """The request is well formed but breaks a rule; `faults` says where, the text of the first ones only."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{fault.pointer}: {fault.message}" for fault in faults[:_MOST_TOLD]))
        self.faults = faults


class IllegalMove(OrdinautError):
    """The task or run is not in a state from which this is possible."""


class CausationTooDeep(IllegalMove):
    """Too many events or runs have led to each other: tasks must not set each other off without end."""


class LimitReached(IllegalMove):
    """An agent has as much of something as it may."""


class TooManyMade(IllegalMove):
    """A run, or an agent's runs of one day, have made as much as they may."""


class UnknownTask(OrdinautError):
    """No task of this id or title is there, or several are of this title."""


class NotPermitted(OrdinautError):
    """Who asks may see this, but it is not for them to do."""


class LeaseLost(OrdinautError):
    """The run is no longer leased to the one who tried to change it."""


class NotAuthenticated(OrdinautError):
    """Who asks has not proven who they are; `agent` is the existing one that they claim to be, if known."""

    def __init__(self, detail: str, *, agent: UUID | None = None) -> None:
        super().__init__(detail)
        self.agent = agent
