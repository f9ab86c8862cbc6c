"""Can the address of a request be read at all? What no view could make sense of is refused before any is asked."""

from collections.abc import Callable
from typing import Final
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, HttpResponseBase

from ordinaut_site import error_pages

LONGEST_QUERY: Final = 8192  # bytes
MOST_PARAMETERS: Final = 100
_REPLACED: Final = "\N{REPLACEMENT CHARACTER}"  # what the server puts where a path is not UTF-8


class AddressMiddleware:
    """Answers 400 for an address with a character that nothing can hold, or with too much of a query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if fault := fault_of(request.path_info, request.META.get("QUERY_STRING", "")):
            return error_pages.refusal(request, 400, code="bad_address", detail=fault)
        return self._get_response(request)


def fault_of(path: str, query: str) -> str:
    """What is wrong with a decoded path or a query as it was sent, and the cure; empty for nothing."""
    decoded = unquote_to_bytes(query.encode("utf-8", "surrogateescape"))
    faults = {
        "The path holds the character NUL: leave it out.": "\0" in path,
        "The path is not UTF-8: send it percent-encoded (RFC 3986, 2.5).": _REPLACED in path,
        f"The query is over {LONGEST_QUERY} bytes: send less.": len(query) > LONGEST_QUERY,
        f"The query has more than {MOST_PARAMETERS} parameters: send fewer.": query.count("&") >= MOST_PARAMETERS,
        "The query holds the character NUL: leave it out.": b"\0" in decoded,
        "The query is not UTF-8: send it percent-encoded (RFC 3986, 2.5).": not _is_utf_8(decoded),
    }
    return next((fault for fault, holds in faults.items() if holds), "")


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
