"""What does the engine ask of whoever runs it? A clock, and a journal."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from pipelines.records import Remembered, StepRecord
from pipelines.spec import Step
from pipelines.usage import Usage


class Clock(Protocol):
    def now(self) -> datetime:
        """The run's moment, aware, in the task's zone. Asked once per run, and only if the pipeline names it."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...


class Journal(Protocol):
    """One thread at a time uses it, until it was told that it is shared. Then `keep`, `checkpoint`, `begin`, `before_effect`,
    `calling`, `charge`, `may_retry`, `interrupted` and `wait` are called by any number of them.
    """

    def share(self) -> None:
        """Called by the run's own thread before others do steps of the run, too: from here on it mostly waits for them."""
        ...

    def recorded(self) -> Mapping[str, StepRecord]:
        """What earlier attempts recorded, by step id, the waits as they are now. What failed need not be there: it is tried again."""
        ...

    def keep(self, record: StepRecord) -> None:
        """Note a record that a later write makes durable: of a pure or skipped step, or of one with which the run ends."""
        ...

    def checkpoint(self, record: StepRecord) -> None:
        """Return when the record, and all that were kept before it, are durable."""
        ...

    def remembered(self, tool: str, key: str) -> Remembered | None:
        """What a step of the same agent has come to with this tool, under this key, as long as it was to be remembered.

        Raises `StepFailed` where that cannot be known now.
        """
        ...

    def remember(self, record: StepRecord, *, seconds: int) -> None:
        """As `checkpoint`; and for so many seconds what the record says stands for every step of its tool and key."""
        ...

    def before_effect(self, step: Step) -> None:
        """Called just before a tool that is not pure: makes durable what is kept. May raise `Interrupted`."""
        ...

    def begin(self, record: StepRecord) -> None:
        """Called last before a tool that must not be called twice: makes durable that it is about to be called."""
        ...

    def calling(self, tool: str, destination: str, *, seconds: float) -> AbstractContextManager[None]:
        """Surrounds the call of a tool that is not pure, which may take `seconds` at most.

        `destination` is empty for a tool that talks to nobody. May wait before it lets the call begin; raises
        `Postponed` when that may only be later, and `StepFailed` when it will not be. What the call raises tells how
        the destination is, and passes through.
        """
        ...

    def permit(self, tool: str, scopes: frozenset[str]) -> None:
        """Called just before the call of a tool that needs these scopes. Raises `StepFailed` when the run's agent lacks one
        now, and `Postponed` when that cannot be known.
        """
        ...

    def reserve(self, usage: Usage) -> None:
        """What the call that is under way will use up at most. Raises `StepFailed`, or `Postponed`, when that is too much."""
        ...

    def charge(self, usage: Usage) -> None:
        """What the call that is under way has used up, in the place of what it has reserved."""
        ...

    def may_retry(self) -> bool:
        """Whether what the last call that failed depends on stands one more retry. Asked once before each."""
        ...

    def interrupted(self) -> bool:
        """Whether the run was told to stop. Asked often: must cost next to nothing."""
        ...

    def wait(self, seconds: float) -> bool:
        """Sleep, and return early with True when the run is told to stop."""
        ...
