"""What does Postgres make of a value of JSON, and are two values the same to it?"""

import json
from decimal import Decimal
from typing import Any, Final

_WHOLE_FROM: Final = 1e16  # from here on `repr` has an exponent, of which Postgres makes digits
_TOO_LARGE: Final = 2**63  # what is read is not given more digits: see models/json_field.py


def as_kept(value: Any) -> Any:
    """A value as it is read again once it was stored: without -0.0, and large floats of 64 bits are whole numbers."""
    if isinstance(value, dict):
        return {key: as_kept(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_kept(inner) for inner in value]
    if type(value) is not float:
        return value
    whole = int(Decimal(repr(value))) if _WHOLE_FROM <= abs(value) < _TOO_LARGE else _TOO_LARGE
    return whole if -_TOO_LARGE <= whole < _TOO_LARGE else value + 0.0


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: unlike Python's `==`, which takes true, 1 and 1.0 for the same."""
    return bool(one == other) and (not isinstance(one, dict | list) or _text(one) == _text(other))


def _text(value: Any) -> str:
    return json.dumps(as_kept(value), sort_keys=True)
