"""What can be wrong with a request, named for the fact."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

MOST_FAULTS: Final = 100  # that one answer lists
_MOST_TOLD: Final = 10


@dataclass(frozen=True)
class Fault:
    """One thing wrong with what was asked: where (a JSON pointer into the body) and a sentence with the cure."""

    pointer: str
    message: str


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
