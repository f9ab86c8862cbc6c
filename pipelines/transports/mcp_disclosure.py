"""Which secrets does a call send, and how are they kept out of what comes back?

A peer may echo what it was sent, in an answer as well as in an error.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from pipelines.errors import StepFailed
from pipelines.transports.entry import Outside
from pipelines.transports.mcp_settings import HEADER_VALUE
from pipelines.transports.secrets import revealed

_MASK: Final = "***"


class Disclosure:
    """The secrets that one call has sent to `host`."""

    def __init__(self, outside: Outside, *, host: str) -> None:
        self._outside = replace(outside, reveal=self._reveal)
        self._reveal_outside = outside.reveal
        self._host = host
        self._secrets: set[str] = set()

    def headers(self, settings: Mapping[str, Any]) -> dict[str, str]:
        """The entry's headers with their secrets. Raises `StepFailed` (secret_refused)."""
        given = settings.get("headers", {})
        found = {name.lower(): self._with_secrets(value).strip(" \t") for name, value in given.items()}
        for name, value in found.items():
            if not HEADER_VALUE.fullmatch(value):
                message = f"the header {name} cannot hold its secret, which is not printable ASCII in one line"
                raise StepFailed.permanently("secret_refused", message)
        return found

    def hidden(self, value: Any) -> Any:
        """`value` with every secret in it masked."""
        if not self._secrets:
            return value
        if isinstance(value, str):
            return self._masked(value)
        if isinstance(value, dict):
            return {self._masked(name): self.hidden(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.hidden(item) for item in value]
        return value

    @contextmanager
    def kept_from_errors(self) -> Iterator[None]:
        """No `StepFailed` that passes tells a secret."""
        try:
            yield
        except StepFailed as failed:
            failed.error = replace(failed.error, message=self._masked(failed.error.message))
            failed.args = (failed.error.message,)
            raise

    def _with_secrets(self, text: str) -> str:
        return revealed(text, host=self._host, outside=self._outside)

    def _reveal(self, name: str, host: str) -> str:
        secret = self._reveal_outside(name, host)
        if secret:
            self._secrets.add(secret)
        return secret

    def _masked(self, text: str) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):  # one may be a part of another
            text = text.replace(secret, _MASK)
        return text
