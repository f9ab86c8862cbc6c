"""Which calendars a calendar refers to, which refer to it, and what must hold among them.

A name is looked up as its owner sees it: the owner's own calendar goes before one that somebody shares. So creating,
renaming, sharing or deleting a calendar may change what others stand for, and whoever does it holds the lock here.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Final
from uuid import UUID

from django.db import connection, models
from django.db.models.functions import JSONObject

from schedules.calendars import DateSet, parse_calendar, references
from tasks_app.exceptions import Fault, IllegalMove, InvalidRequest
from tasks_app.models import Agent, Calendar
from tasks_app.planning.timing import dates_changed, dates_of, texts_of

DEEPEST: Final = 8
_LOCK: Final = 0x63616C6E64


def lock() -> None:
    """Let nobody else change any calendar until the transaction ends: circles are made by two changes at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def lock_rows(pks: Iterable[UUID]) -> None:
    """Let nobody change or delete these until the transaction ends. Whoever needs several takes them so, or waits in a circle."""
    wanted = set(pks)
    if wanted:
        rows = Calendar.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True)
        list(rows.values_list("pk"))


def read(calendar: Calendar) -> DateSet:
    """The dates of a calendar that may not be saved yet. Raises `schedules.InvalidCalendar`."""

    def other(name: str) -> DateSet:
        found = Calendar.objects.called(name, by=calendar.created_by)
        if found is None:
            raise LookupError(name)
        return dates_of(found)

    return parse_calendar(calendar.definition, fetched=texts_of(calendar.fetched), others=other)


def dependents(calendar: Calendar, *, former: Iterable[Calendar] = ()) -> list[Calendar]:
    """Every other calendar whose dates hang on this one as it is kept, directly or not.

    former: those that meant it before it was changed, who are told of that, too.
    """
    return _above([calendar], [*former, *users_of(calendar)], users_of)


def possible_dependents(*states: Calendar) -> list[Calendar]:
    """Every other calendar whose dates could hang on one that is, or will be, as these `states` of it say: to be locked before.

    Names are not looked up as they will be then, so these are more where several calendars of a name are shared.
    """
    return _above(states, _possible_users_of(*states), _possible_users_of)


def raise_versions(calendars: Iterable[Calendar]) -> None:
    """Say that the dates changed: the tasks are planned anew."""
    dates_changed()
    pks = [each.pk for each in calendars]
    Calendar.objects.filter(pk__in=pks).update(version=models.F("version") + 1)


def check(calendar: Calendar, others: Iterable[Calendar]) -> None:
    """After a change of `calendar`, as saved: every name still leads somewhere, and never in a circle.

    Raises `InvalidRequest` for what the calendar itself says, `IllegalMove` for what it does to `others`.
    """
    depths: dict[UUID, int] = {}
    _measure(calendar, (), depths)
    for each in others:
        try:
            _measure(each, (), depths)
        except InvalidRequest as error:
            raise IllegalMove(f"The calendar {each.name!r} would break: {error.faults[0].message}") from error


def users_of(*calendars: Calendar) -> list[Calendar]:
    """The calendars that refer to some of these, as they are kept, and mean them."""
    pks, names = {each.pk for each in calendars}, {each.name for each in calendars}

    @cache
    def is_meant(name: str, by: Agent) -> bool:
        meant = Calendar.objects.only("created_by").called(name, by=by)
        return meant is not None and meant.pk in pks

    return [
        each
        for each in _referring_to(names)
        if any(is_meant(name, each.created_by) for name in references(each.definition) & names)
    ]


def _above(
    calendars: Iterable[Calendar], nearest: Sequence[Calendar], users: Callable[..., Sequence[Calendar]]
) -> list[Calendar]:
    """The nearest, whoever uses these, and so on; without `calendars`."""
    known, found = {each.pk for each in calendars}, []
    while new := list({each.pk: each for each in nearest if each.pk not in known}.values()):
        known |= {each.pk for each in new}
        found += new
        nearest = users(*new)
    return found


def _possible_users_of(*calendars: Calendar) -> list[Calendar]:
    def could_mean(each: Calendar) -> bool:
        names = references(each.definition)
        return any(to.name in names and (to.shared or to.created_by_id == each.created_by_id) for to in calendars)

    return [each for each in _referring_to({to.name for to in calendars}) if could_mean(each)]


def _measure(calendar: Calendar, path: tuple[Calendar, ...], depths: dict[UUID, int]) -> int:
    """How many levels of calendars lie under this one, itself counted."""
    if calendar in path:
        names = " → ".join(each.name for each in (*path, calendar))
        raise InvalidRequest(
            Fault("/definition", f"Calendars refer to each other in a circle: {names}. Take one reference out.")
        )
    if calendar.pk not in depths:
        below = [_measure(each, (*path, calendar), depths) for each in _referred_to(calendar)]
        depths[calendar.pk] = 1 + max(below, default=0)
    if depths[calendar.pk] > DEEPEST:
        message = f"Calendars refer to each other at most {DEEPEST} deep: write out what one of them holds."
        raise InvalidRequest(Fault("/definition", message))
    return depths[calendar.pk]


def _referred_to(calendar: Calendar) -> list[Calendar]:
    found = []
    for name in sorted(references(calendar.definition)):
        other = Calendar.objects.called(name, by=calendar.created_by)
        if other is None:
            raise InvalidRequest(Fault("/definition", f"There is no calendar {name!r}: create it first."))
        found.append(other)
    return found


def _referring_to(names: set[str]) -> list[Calendar]:
    path = models.Value("$.**.calendar ? (@ == $names[*])")
    holds = models.Func(
        models.F("definition"),
        models.Func(path, template="%(expressions)s::jsonpath"),
        JSONObject(names=models.Value(sorted(names), output_field=models.JSONField())),
        function="jsonb_path_exists",
        output_field=models.BooleanField(),
    )
    return list(Calendar.objects.filter(holds).defer("fetched").select_related("created_by"))
