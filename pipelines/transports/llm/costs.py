"""What does a question cost?"""

from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from pipelines.usage import Usage

_BYTES_A_TOKEN: Final = 4  # of English text, nearly; of most other text fewer


@dataclass(frozen=True, slots=True)
class Spending:
    """Tokens and their price. `is_estimate` where the provider did not say how many there were."""

    tokens_in: int
    tokens_out: int
    microdollars: int
    is_estimate: bool

    @property
    def usage(self) -> Usage:
        return Usage(tokens_in=self.tokens_in, tokens_out=self.tokens_out, microdollars=self.microdollars)

    def as_json(self) -> dict[str, Any]:
        return {
            "tokens_in": self.tokens_in,
            "tokens_out": self.tokens_out,
            "microdollars": self.microdollars,
            "estimated": self.is_estimate,
        }


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a million tokens, as providers state them: microdollars for one."""

    dollars_per_million_in: float = 0.0
    dollars_per_million_out: float = 0.0

    def spent(self, tokens_in: int, tokens_out: int, *, is_estimate: bool) -> Spending:
        """The price is rounded up: many cheap questions are not free."""
        price = tokens_in * self.dollars_per_million_in + tokens_out * self.dollars_per_million_out
        return Spending(tokens_in, tokens_out, ceil(price), is_estimate)


def estimated(text: bytes) -> int:
    """About how many tokens a text of so many bytes is."""
    return ceil(len(text) / _BYTES_A_TOKEN)
