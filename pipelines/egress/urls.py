"""Which texts are addresses that a tool may call?"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import httpx2

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def web_url(text: str, *, query: Mapping[str, Any] | None = None) -> httpx2.URL:
    """An http or https URL with a host and without a password, its query merged with `query`.

    Raises `ValueError`, whose text goes on after the name of the place where the URL stands.
    """
    try:
        url = _parsed(text)
        if query:
            url = url.copy_merge_params(query)
    except (httpx2.InvalidURL, ValueError) as wrong:
        raise ValueError(f"is not a URL: {wrong}") from None
    check_url(url)
    return url


@lru_cache(maxsize=128)
def _parsed(text: str) -> httpx2.URL:
    return httpx2.URL(text)  # immutable; a task calls the same address again and again


def check_url(url: httpx2.URL) -> None:
    """Raise `ValueError`, as `web_url` does, unless this is what a tool may call."""
    if url.scheme not in _DEFAULT_PORTS or not url.host:
        raise ValueError("does not begin with http:// or https:// and a host")
    if url.userinfo:
        raise ValueError("holds a name or password; send them in a header")


def port_of(url: httpx2.URL) -> int:
    return url.port or _DEFAULT_PORTS[url.scheme]


def place_of(url: httpx2.URL) -> str:
    """The host and port that a URL leads to, as breakers and rate limits know it: `api.example.org:443`."""
    host = f"[{url.host}]" if ":" in url.host else url.host.lower().rstrip(".")
    return f"{host}:{port_of(url)}"
