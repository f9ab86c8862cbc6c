"""`/approvals/{token}`: a page that asks whether to approve or reject, for whoever holds the link.

Looking at it changes nothing: programs that scan mail follow links. The token is all the right there is, so no cookie is read, and
nothing of the page is kept, framed or told to others.
"""

import json
import math
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from rest_framework.views import APIView

from tasks_app.api import problems
from tasks_app.api.throttles import OfLinks
from tasks_app.exceptions import InvalidRequest, NotPermitted
from tasks_app.masking import masked
from tasks_app.services import approval_links
from tasks_app.services.approval_links import BadLink, Link, LinkOver

_LONGEST_COMMENT: Final = 1000
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
}


@csrf_exempt  # who has the token has the right, and nobody else can send it
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    throttle = OfLinks()
    if not throttle.allow_request(request, _NO_VIEW):  # type: ignore[arg-type] # it reads the address alone
        seconds = math.ceil(throttle.wait() or 1)
        return _said(request, 429, "Too many tries. Try again in a while.", {"Retry-After": str(seconds)})
    try:
        link = approval_links.read(token)
        return _decided(request, link) if request.method == "POST" else _question(request, link)
    except BadLink:
        return _said(request, 404, "This link is not valid: was it copied whole?")
    except LinkOver as over:
        return _said(request, 410, str(over))
    except InvalidRequest as invalid:
        return _said(request, 422, f"The comment cannot be taken. {invalid.faults[0].message}")
    except NotPermitted:
        return _said(request, 403, "This link is for somebody else by now.")


def _question(request: HttpRequest, link: Link) -> HttpResponse:
    asked = approval_links.asked(link)
    data = json.dumps(masked(asked.data), indent=2, ensure_ascii=False) if asked.data is not None else ""
    return _page(request, 200, {"link": link, "asked": asked, "data": data})


def _decided(request: HttpRequest, link: Link) -> HttpResponse:
    comment = request.POST.get("comment", "").strip()[:_LONGEST_COMMENT]
    approval_links.follow(link, comment=comment, request_id=problems.request_id_of(request))
    return _said(request, 200, "Approved. The run goes on." if link.approved else "Rejected.")


def _said(request: HttpRequest, status: int, words: str, headers: dict[str, str] | None = None) -> HttpResponse:
    return _page(request, status, {"words": words}, headers)


def _page(
    request: HttpRequest, status: int, shown: dict[str, Any], headers: dict[str, str] | None = None
) -> HttpResponse:
    answer = render(request, "tasks_links/approval.html", shown, status=status)
    for name, value in {**_HEADERS, **(headers or {})}.items():
        answer.headers[name] = value
    return answer


_NO_VIEW: Final = APIView()
