"""What does a call use up that somebody pays for?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens that went in and came out, and `microdollars`: millionths of a US dollar, or of whatever the prices are in."""

    tokens_in: int = 0
    tokens_out: int = 0
    microdollars: int = 0
