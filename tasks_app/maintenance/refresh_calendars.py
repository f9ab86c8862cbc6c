"""Refresh calendars: the files behind their addresses are fetched anew, and what changed is planned anew.

A round takes calendars for itself by moving their `fetched_at`, so that several beats do not ask for the same file.
Nothing is locked while a server takes its time.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.db.models.functions import Now

from schedules.calendars import InvalidCalendar
from tasks_app.calendars import family
from tasks_app.calendars.fetching import NotFetched, fetch_all
from tasks_app.conf import conf
from tasks_app.models import Calendar
from tasks_app.models.clock import database_now
from tasks_app.planning.timing import texts_of

BATCH: Final = 5

logger = logging.getLogger(__name__)


def run_once(*, batch: int = BATCH) -> dict[str, int]:
    taken = _take(batch)
    changed = failed = 0
    for calendar in taken:
        answers = fetch_all(sorted(calendar.fetched))
        changed += _store(calendar, answers)
        failed += sum(isinstance(answer, NotFetched) for answer in answers.values())
    return {"refreshed": len(taken), "changed": changed, "failed": failed, "more": len(taken) == batch}


@transaction.atomic
def _take(batch: int) -> list[Calendar]:
    fetched_before = database_now() - conf().calendar_refresh
    due = Calendar.objects.filter(fetched_at__lt=fetched_before).order_by("fetched_at")
    taken = list(due.select_for_update(skip_locked=True)[:batch])
    Calendar.objects.filter(pk__in=[each.pk for each in taken]).update(fetched_at=Now())
    return taken


@transaction.atomic
def _store(calendar: Calendar, answers: Mapping[str, str | NotFetched]) -> bool:
    """Keep what came; whether the dates may have changed by it. What cannot be used leaves the old text in force."""
    family.lock()
    present = Calendar.objects.select_related("created_by").filter(pk=calendar.pk).first()
    if present is None:
        return False
    family.lock_rows(each.pk for each in (present, *family.possible_dependents(present)))
    before = texts_of(present.fetched)
    now = database_now().isoformat()
    for url, answer in answers.items():
        if url in present.fetched:  # else a change has taken it out meanwhile
            present.fetched[url] = _answered(present, url, answer, now)
    changed = texts_of(present.fetched) != before
    present.save(update_fields=["fetched"])
    if changed:
        family.raise_versions([present, *family.dependents(present)])
    return changed


def _answered(calendar: Calendar, url: str, answer: str | NotFetched, now: str) -> dict[str, Any]:
    old: dict[str, Any] = calendar.fetched[url]
    if isinstance(answer, NotFetched):
        logger.warning("Calendar %s: %s was not fetched: %s", calendar.pk, url, answer)
        return old | {"error": str(answer)}
    new = {"text": answer, "fetched_at": now, "error": ""}
    try:
        proposed = Calendar(created_by=calendar.created_by, definition=calendar.definition)
        proposed.fetched = calendar.fetched | {url: new}
        family.read(proposed)
    except InvalidCalendar as error:
        logger.warning("Calendar %s: %s cannot be used: %s", calendar.pk, url, error)
        return old | {"error": str(error)}
    return new
