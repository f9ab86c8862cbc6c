"""Which secrets has a call sent, and where could they come back to us?

A peer may echo what it was sent, as it came or as JSON, HTML, a URL or an error message spells it. Whatever a call
returns, and whatever it fails with, passes here first.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from pipelines.egress.answers import Answer
from pipelines.errors import StepFailed
from pipelines.transports.entry import Outside
from pipelines.transports.secrets import revealed
from pipelines.transports.spellings import spellings

MASK: Final = "***"
_IN_A_URL: Final = ":@"


class Disclosure:
    """The secrets of one call: reveals them for `host`, and hides them in what comes back."""

    def __init__(self, outside: Outside, *, host: str) -> None:
        self._host = host
        self._reveal = outside.reveal
        self._plain = replace(outside, reveal=self._noted)
        self._quoted = replace(outside, reveal=lambda name, host: quote(self._noted(name, host), safe=_IN_A_URL))
        self._secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    @property
    def pattern(self) -> re.Pattern[str] | None:
        """Finds what tells one of the secrets that have been revealed; None where there are none."""
        return self._pattern

    def text(self, template: str) -> str:
        """`template` with its secrets. Raises `StepFailed` (secret_refused)."""
        return revealed(template, host=self._host, outside=self._plain)

    def url_part(self, template: str) -> str:
        """The same for a part of a URL: a secret in it is percent-encoded."""
        return revealed(template, host=self._host, outside=self._quoted)

    def hidden(self, value: Any) -> Any:
        """A JSON value with `***` for each secret in its texts, its names and its numbers."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self._hidden_in(value)
        if isinstance(value, dict):
            return {self._hidden_in(name): self.hidden(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.hidden(inner) for inner in value]
        return MASK if json.dumps(value) in self._secrets else value

    def hidden_answer(self, answer: Answer) -> Answer:
        """The same answer as an error may quote it."""
        headers = self.hidden(answer.headers)
        body = self._hidden_in(answer.body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        return replace(answer, headers=headers, body=body)

    @contextmanager
    def kept_from_errors(self) -> Iterator[None]:
        """No `StepFailed` that passes tells a secret."""
        try:
            yield
        except StepFailed as failed:
            error = failed.error
            failed.error = replace(error, code=self._hidden_in(error.code), message=self._hidden_in(error.message))
            failed.args = (failed.error.message,)
            raise

    def _noted(self, name: str, host: str) -> str:
        secret = self._reveal(name, host)
        if secret and secret not in self._secrets:
            self._secrets.add(secret)
            longest_first = sorted(self._secrets, key=len, reverse=True)  # one may be a part of another
            self._pattern = re.compile("|".join(map(spellings, longest_first)))
        return secret

    def _hidden_in(self, text: str) -> str:
        return self._pattern.sub(MASK, text) if self._pattern else text
