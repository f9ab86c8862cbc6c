"""The files behind the addresses of a document's calendars, fetched before anything is locked."""

from collections.abc import Sequence
from typing import Final

from tasks_app.calendars import fetching
from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.services import calendar_files
from tasks_app.services.calendar_files import Files
from tasks_app.services.porting.differences import CalendarStep
from tasks_app.services.porting.plan import Action

MOST: Final = 50  # each may have 1 MB, and all are held at once


def fetched_for(steps: Sequence[CalendarStep]) -> Files:
    """What each address answered whose file is still to be had: all within the time that one calendar has for its own.

    Raises `InvalidRequest` for too many. A definition that is none, or names too many, is refused where it is saved.
    """
    wanted = {url for step in steps if step.difference.action != Action.UNCHANGED for url in _missing(step)}
    if len(wanted) > MOST:
        message = f"They name {len(wanted)} files that are not here yet: bring in at most {MOST} at once."
        raise InvalidRequest(Fault("/calendars", message))
    return fetching.fetch_all(sorted(wanted))


def _missing(step: CalendarStep) -> set[str]:
    try:
        named = calendar_files.named_in(step.wanted.definition)
    except InvalidRequest:
        return set()
    return named - step.calendar.fetched.keys() if named and step.calendar else named
