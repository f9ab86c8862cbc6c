"""Which events does a task listen to? Topics, and the patterns that match them.

    orders.eu.paid   is matched by   orders.eu.paid · orders.eu.* · orders.* · *

A topic has few patterns that match it, all known beforehand. So who listens to it is a look-up of these in an index, and
never a comparison with every pattern that there is.
"""

import re
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 200
EVERYTHING: Final = "*"

_WORD: Final = r"[a-z0-9_-]+"
_TOPIC: Final = re.compile(rf"{_WORD}(\.{_WORD})*", re.ASCII)
_BELOW: Final = ".*"
_RULE: Final = "words of a-z, 0-9, _ and -, with dots between them"


class InvalidTopic(ValueError):
    """The text is no topic, or no pattern of topics; the message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What an event is about, such as `orders.eu.paid`. Small letters only, at most 200 characters. Raises `InvalidTopic`."""

    name: str

    def __post_init__(self) -> None:
        _check(self.name, self.name)

    def __str__(self) -> str:
        return self.name

    @property
    def patterns(self) -> tuple[str, ...]:
        """Every pattern that matches it: itself, each branch above it, and `*`."""
        words = self.name.split(".")
        branches = (".".join(words[:count]) + _BELOW for count in range(len(words) - 1, 0, -1))
        return (self.name, *branches, EVERYTHING)


def check_pattern(pattern: str) -> None:
    """Refuse what is neither a topic, nor a branch (`orders.*`: everything below), nor `*`. Raises `InvalidTopic`."""
    if pattern != EVERYTHING:
        _check(pattern.removesuffix(_BELOW), pattern)


def _check(name: str, given: str) -> None:
    if len(given) > LONGEST:
        raise InvalidTopic(f"a topic has at most {LONGEST} characters: shorten it")
    if _TOPIC.fullmatch(name):
        return
    if _TOPIC.fullmatch(name.lower()):
        raise InvalidTopic(f"topics are written in small letters: write {given.lower()!r}")
    if EVERYTHING in name:
        raise InvalidTopic(f"{given[:60]!r}: a * stands alone, or at the end of a pattern, as in orders.*")
    raise InvalidTopic(f"{given[:60]!r} is not a topic, which is {_RULE}: write orders.paid")
