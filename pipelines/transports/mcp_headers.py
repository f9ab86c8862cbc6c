"""Which headers of its own does an entry send to an MCP server?"""

from collections.abc import Mapping
from typing import Any

from pipelines.egress.headers import InvalidHeader, own_headers
from pipelines.errors import StepFailed
from pipelines.transports.disclosure import Disclosure


def entry_headers(settings: Mapping[str, Any], disclosure: Disclosure) -> dict[str, str]:
    """The headers of the settings with their secrets. Raises `StepFailed` (secret_refused)."""
    revealed = {name: disclosure.text(text) for name, text in settings.get("headers", {}).items()}
    try:
        return own_headers(revealed)
    except InvalidHeader as wrong:  # only a secret can be wrong here
        message = f"the header {wrong.name} {wrong}; a secret in it holds something else, such as a line break"
        raise StepFailed.permanently("secret_refused", message) from None
