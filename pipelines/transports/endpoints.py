"""Where does an entry's `endpoint` lead, and what of a call's input goes into its path?

`{name}` in the path stands for a field of the input, percent-encoded. A secret may stand in the path or the query, never in
the host: which host a call goes to is fixed when the entry is saved.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote

import httpx2

from pipelines.egress.urls import place_of, web_url
from pipelines.errors import Fault, StepFailed
from pipelines.names import did_you_mean
from pipelines.transports.disclosure import Disclosure
from pipelines.transports.secrets import secret_names
from pipelines.values import pointer_part

_PARTS: Final = re.compile(r"(?P<origin>https?://[^/?#]*)(?P<path>[^?#]*)(?P<query>\?[^#]*)?", re.IGNORECASE)
_FIELD: Final = re.compile(r"(?<!\$)\{([A-Za-z_][A-Za-z0-9_-]{0,63})\}")
_SECRET: Final = re.compile(r"\$\{[^}]*\}")
_SEPARATORS: Final = re.compile(r"[/\\]")


@dataclass(frozen=True)
class Endpoint:
    """An address to call, of which `path` and `query` may hold secrets and the path fields of the input, too."""

    origin: httpx2.URL
    path: str = field(repr=False)
    query: str = field(repr=False)

    @property
    def host(self) -> str:
        return self.origin.host

    @cached_property
    def place(self) -> str:
        """Its host and port."""
        return place_of(self.origin)

    @cached_property
    def fields(self) -> frozenset[str]:
        """The names of the input's fields that its path takes."""
        return frozenset(_FIELD.findall(self.path))

    @cached_property
    def fixed(self) -> frozenset[str]:
        """The names in its query, which no input changes."""
        return frozenset(httpx2.QueryParams(self.query.removeprefix("?")))

    def url(
        self, given: Mapping[str, Any], disclosure: Disclosure, *, query: Mapping[str, Any] | None = None
    ) -> httpx2.URL:
        """The URL of a call with this input. Raises `StepFailed` for a field that is missing or fits no path."""
        filled = _FIELD.sub(lambda place: _segment(place[1], given), self.path)
        written = disclosure.url_part(filled + self.query)
        try:
            url = self.origin.copy_with(raw_path=written.encode())
            return url.copy_merge_params(query) if query else url
        except httpx2.InvalidURL:  # whose text may hold what is secret
            message = "/ makes a URL that is none, or is longer than a URL may be; send less in it"
            raise StepFailed.permanently("invalid_input", message) from None


def parse_endpoint(text: Any) -> Endpoint:
    """Raises `ValueError`, whose text goes on after the name of the setting."""
    if not isinstance(text, str) or not text:
        raise ValueError("is missing; give a URL such as https://api.example.org/v1")
    if not text.isascii() or not text.isprintable():
        raise ValueError("holds what is not printable ASCII; percent-encode it")
    parts = _PARTS.fullmatch(text)
    if parts is None:
        raise ValueError("is not a URL that begins with http:// or https:// and has no # part")
    if re.search(r"[{}$]", parts["origin"]):
        raise ValueError("has a host that depends on the call; write it out")
    path, query = parts["path"] or "/", parts["query"] or ""
    if _FIELD.search(query):
        raise ValueError("has a {field} in its query; the input's fields go there by themselves, or into the path")
    left = _SECRET.sub("", _FIELD.sub("", path + query))
    if len(list(secret_names(text))) != len(_SECRET.findall(text)) or re.search(r"[{}]", left):
        raise ValueError("has braces that are neither {field} nor ${secrets('name')}")
    web_url(parts["origin"] + left)
    return Endpoint(web_url(parts["origin"] + "/"), path, query)


def _segment(name: str, given: Mapping[str, Any]) -> str:
    value = given.get(name)
    if isinstance(value, bool):
        value = "true" if value else "false"
    if not isinstance(value, str | int | float):
        message = f"/{name} is missing; the endpoint's path needs a text or a number there"
        raise StepFailed.permanently("invalid_input", message)
    text = str(value)
    if not text or any(part in (".", "..") for part in _SEPARATORS.split(text)):
        raise StepFailed.permanently("invalid_input", f"/{name} is empty or leads out of its place in the path")
    return quote(text, safe="")


def endpoint_faults(settings: Mapping[str, Any], *, takes_fields: bool = False) -> Iterator[Fault]:
    try:
        endpoint = parse_endpoint(settings.get("endpoint"))
    except ValueError as wrong:
        yield Fault("/settings/endpoint", str(wrong))
        return
    if endpoint.fields and not takes_fields:
        yield Fault("/settings/endpoint", "takes no {field}: every call goes to the same URL")


def unknown_settings(settings: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[Fault]:
    for name in settings:
        if name not in known:
            hint = f"is not known{did_you_mean(str(name), known)}; known are {', '.join(known)}"
            yield Fault(f"/settings/{pointer_part(name)}", hint)


def misplaced(settings: Mapping[str, Any], rules: Mapping[str, tuple[Callable[[Any], bool], str]]) -> Iterator[Fault]:
    """A fault for each setting that is there and breaks its rule: a test, and what to write."""
    for name, (is_right, cure) in rules.items():
        if name in settings and not is_right(settings[name]):
            yield Fault(f"/settings/{name}", cure)
