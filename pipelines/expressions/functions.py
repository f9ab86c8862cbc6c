"""Which functions does an expression have, and how large may their text get?"""

from datetime import datetime
from typing import Any

from jmespath import functions
from jmespath.functions import signature

from pipelines.expressions import times
from pipelines.values import MAX_BYTES, spend


class Functions(functions.Functions):
    """JMESPath's, except that what they build is measured before it is built."""

    @signature({"types": []})
    def _func_to_string(self, value: Any) -> str:
        if isinstance(value, datetime):
            return times.as_text(value)
        spend(value, MAX_BYTES)
        text: str = super()._func_to_string(value)  # type: ignore[misc]
        return text

    @signature({"types": ["string"]}, {"types": ["array-string"]})
    def _func_join(self, separator: str, texts: list[str]) -> str:
        if sum(map(len, texts)) + len(separator) * len(texts) > MAX_BYTES:
            raise ValueError("join() would make a text of more than 1 MB")
        return separator.join(texts)

    @signature({"types": ["array", "string"]}, {"types": []})
    def _func_contains(self, subject: Any, search: Any) -> bool:
        if isinstance(subject, str) and not isinstance(search, str):
            return False
        spend(search, MAX_BYTES)
        return search in subject


FUNCTIONS = Functions()
