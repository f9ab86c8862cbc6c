"""JSONField: JSON whose numbers come back as they were given.

Postgres keeps a number of `jsonb` by all its digits: 1e22 is read again as a whole number of 23 digits, which nobody may send.
"""

import json
from decimal import Decimal
from math import isinf
from typing import Any, Final

from django.db import models

_LEAST, _GREATEST = -(2**63), 2**63 - 1
_ALWAYS_FITS: Final = 18  # digits, or a sign and 17


def _whole(digits: str) -> int | float:
    """A whole number of more than 64 bits was given with an exponent; one that no exponent gives is a tool's, and stays."""
    value = int(digits)
    if len(digits) <= _ALWAYS_FITS or _LEAST <= value <= _GREATEST:
        return value
    given = float(digits)
    return value if isinf(given) or int(Decimal(repr(given))) != value else given


_decode: Final = json.JSONDecoder(parse_int=_whole).decode


class JSONField(models.JSONField):
    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return _decode(value) if isinstance(value, str) else value

    def deconstruct(self) -> Any:
        """To migrations it is Django's own: it is stored alike."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs
