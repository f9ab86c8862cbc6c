"""Portion: how many runs to claim at one time.

Many at a time save commits and round trips; a claim that takes long keeps its process from writing what has ended. How long one
takes depends on who else wants the processors, so each process goes by its own latest claims.
"""

from typing import Final

AIM: Final = 0.02  # seconds that a claim should take
LEAST: Final = 100  # runs; of fewer most of the time is the round trip
_WEIGHT: Final = 0.2  # of the latest claim in the moving average


class Portion:
    """`limit` runs at one time, at most `most`."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._each = AIM / most
        self.limit = most

    def claimed(self, runs: int, *, seconds: float) -> None:
        """A claim of so many has taken so long."""
        if runs < LEAST:
            return
        self._each += _WEIGHT * (seconds / runs - self._each)
        self.limit = min(max(int(AIM / self._each), LEAST), self._most)
