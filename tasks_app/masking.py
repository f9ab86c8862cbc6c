"""What must not be shown: all that stands under a name that says it is a secret."""

import re
from functools import lru_cache
from typing import Any, Final

MASK: Final = "***"

# Of names in lower case, their words parted by `_`.
_SECRET: Final = re.compile(
    r"authorization|cookie|passw(or)?d|pass_?phrase|secret(?!ar)|credential|bearer|(^|_)pwd|pwd(_|$)"
    r"|(api|access|private|signing|encryption|shared|master|ssh)_?key(?!board)"
)
_TOKEN: Final = re.compile(r"token(?!i[sz])")
# Language models count in tokens: `max_tokens` and `token_count` are no secrets, and under `tokens_used` a number is none.
_COUNTED: Final = re.compile(r"(^|_)(counts?|limits?|budget|usage|quota|max(imum)?|min(imum)?|per|rate)(_|$)")
_LONGEST_KEPT: Final = 64


def masked(value: Any) -> Any:
    """A copy of a JSON value with `***` for every text and number below a name that speaks of a secret (`Authorization`, `api_key`).

    Null, true and false are shown, and so are numbers below a name that may count tokens.
    """
    if isinstance(value, dict):
        return {name: _masked_under(name, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    return value


def speaks_of_a_secret(name: str) -> bool:
    """Whether a text that stands under this name is one, by what it is called."""
    return _hidden_under(name)[0]


def _masked_under(name: str, value: Any) -> Any:
    texts, numbers = _hidden_under(name)
    return _without(value, numbers=numbers) if texts else masked(value)


def _without(value: Any, *, numbers: bool) -> Any:
    if isinstance(value, dict):
        return {name: _without(inner, numbers=numbers or _hidden_under(name)[1]) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner, numbers=numbers) for inner in value]
    if value is None or isinstance(value, bool):
        return value
    return MASK if numbers or isinstance(value, str) else value


def _hidden_under(name: str) -> tuple[bool, bool]:
    """Whether texts are hidden, and whether numbers are."""
    return _judged(name) if len(name) <= _LONGEST_KEPT else _judged.__wrapped__(name)


@lru_cache(maxsize=2048)
def _judged(name: str) -> tuple[bool, bool]:
    words = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())
    if _SECRET.search(words):
        return True, True
    if not _TOKEN.search(words) or _COUNTED.search(words):
        return False, False
    return True, "tokens" not in words
