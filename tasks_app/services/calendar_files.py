"""The files behind the addresses in a calendar's definition: which it has not, and how it is given them.

To fetch takes as long as somebody's server likes: so it is done before anything is locked.
"""

from collections.abc import Mapping
from typing import Any

from schedules.calendars import InvalidCalendar, urls
from tasks_app.calendars import fetching
from tasks_app.exceptions import Fault, IllegalMove, InvalidRequest
from tasks_app.models import Calendar
from tasks_app.models.clock import database_now

Files = Mapping[str, str | fetching.NotFetched]


def missing(calendar: Calendar) -> list[str]:
    """The addresses whose files it has not. Raises `InvalidRequest` for a definition that is none, or that names too many."""
    return sorted(named_in(calendar.definition) - calendar.fetched.keys())


def give(calendar: Calendar, files: Files) -> None:
    """Let it have, of the files it had and these, those that its definition names.

    Raises `InvalidRequest` for one that could not be fetched, `IllegalMove` for one that nobody tried to fetch.
    """
    now = database_now()
    given = {}
    for url in missing(calendar):
        answer = files.get(url)
        if answer is None:
            raise IllegalMove(f"The calendar {calendar.name!r} was changed meanwhile: try again.")
        if isinstance(answer, fetching.NotFetched):
            raise InvalidRequest(Fault("/definition", f"{url} cannot be fetched: {answer}."))
        given[url] = {"text": answer, "fetched_at": now.isoformat(), "error": ""}
    kept = {url: answer for url, answer in calendar.fetched.items() if url in named_in(calendar.definition)} | given
    calendar.fetched, calendar.fetched_at = kept, now if kept else None


def fault_in(error: InvalidCalendar) -> Fault:
    return Fault(f"/definition{error.pointer}", f"{error.message[:1].upper()}{error.message[1:]}.")


def named_in(definition: Any) -> set[str]:
    """The addresses in it. Raises as `missing` does."""
    try:
        named = urls(definition)
    except InvalidCalendar as error:
        raise InvalidRequest(fault_in(error)) from error
    if len(named) > fetching.MOST_URLS:
        raise InvalidRequest(Fault("/definition", f"A calendar names at most {fetching.MOST_URLS} files."))
    return set(named)
