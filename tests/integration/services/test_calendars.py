"""Calendars are made, changed and deleted; what refers to them never hangs in the air or in a circle."""

from datetime import date
from typing import Any

import pytest

from tasks_app.exceptions import IllegalMove, InvalidRequest
from tasks_app.models import Agent, AuditEntry, Calendar, Task
from tasks_app.models.clock import database_now
from tasks_app.planning.timing import dates_of
from tasks_app.services import calendars
from tasks_app.services.actor import Actor
from tests.making import make_agent, make_task

pytestmark = pytest.mark.django_db

ACTOR = Actor("user:ann", request_id="req-4")
MAY = {"dates": [{"date": "2026-05-01", "name": "Labour Day"}]}
MAY_1 = date(2026, 5, 1)


@pytest.fixture
def owner() -> Agent:
    return make_agent()


def make(owner: Agent, name: str, definition: object = MAY, **fields: Any) -> Calendar:
    return calendars.create_calendar(owner, actor=ACTOR, name=name, definition=definition, **fields)


def update(calendar: Calendar, **changes: Any) -> Calendar:
    return calendars.update_calendar(calendar, actor=ACTOR, changes=changes)


def version_of(calendar: Calendar) -> int:
    return Calendar.objects.get(pk=calendar.pk).version


def faults(refused: pytest.ExceptionInfo[InvalidRequest]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.message) for fault in refused.value.faults]


def audited() -> list[tuple[str, dict[str, Any]]]:
    return list(AuditEntry.objects.order_by("id").values_list("action", "details"))


def test_a_calendar_is_kept_and_noted_in_the_audit(owner: Agent) -> None:
    made = make(owner, "closed", description="Both offices")

    kept = Calendar.objects.get()
    assert (kept.pk, kept.name, kept.description, kept.definition) == (made.pk, "closed", "Both offices", MAY)
    assert (kept.created_by, kept.shared, kept.version, kept.replanned_version) == (owner, False, 1, 1)
    assert (kept.fetched, kept.fetched_at) == ({}, None)
    assert dates_of(kept).name_of(MAY_1) == "Labour Day"
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.object_kind, entry.object_id) == (
        "user:ann", "calendar.created", "calendar", made.pk,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "pointer", "message"),
    [
        ({"name": "", "definition": MAY}, "/name", "This field cannot be blank."),
        ({"name": "x" * 101, "definition": MAY}, "/name", "at most 100 characters"),
        ({"name": "0192f0c1-0000-7000-8000-000000000000", "definition": MAY}, "/name", "look like an id"),
        ({"name": "a", "definition": {"dates": ["x"]}}, "/definition/dates/0", 'A date looks like "2026-12-24".'),
        ({"name": "a", "definition": {"union": [{}]}}, "/definition/union/0", "exactly one of"),
        ({"name": "a", "definition": {"calendar": "b"}}, "/definition/calendar", "There is no calendar 'b'"),
        ({"name": "a", "definition": {"calendar": "a"}}, "/definition/calendar", "There is no calendar 'a'"),
        ({"name": "a", "definition": MAY, "description": "x" * 2001}, "/description", "at most 2000 characters"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(
    owner: Agent, fields: dict[str, Any], pointer: str, message: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        calendars.create_calendar(owner, actor=ACTOR, **fields)

    [(place, told)] = faults(refused)
    assert place == pointer
    assert message in told
    assert not Calendar.objects.exists()
    assert not AuditEntry.objects.exists()


def test_an_owner_has_one_calendar_of_a_name_and_others_have_theirs(owner: Agent) -> None:
    make(owner, "closed")
    make(make_agent(), "closed")

    with pytest.raises(InvalidRequest) as refused:
        make(owner, "closed")

    assert faults(refused) == [("/name", "There is a calendar 'closed' already: choose another name.")]


def test_a_change_of_the_dates_raises_the_version_and_is_in_force_at_once(owner: Agent) -> None:
    calendar = make(owner, "closed")
    dates_of(calendar)

    changed = update(calendar, definition={"dates": ["2026-05-02"]})

    assert changed.version == version_of(calendar) == 2
    assert dates_of(changed).name_of(MAY_1) is None
    assert Calendar.objects.changed().get() == calendar
    assert audited()[-1] == ("calendar.updated", {"changed": ["definition"]})


def test_what_changes_no_date_raises_no_version(owner: Agent) -> None:
    calendar = make(owner, "closed")

    update(calendar, description="New words")
    update(calendar, description="New words", name="closed", definition=MAY)

    assert version_of(calendar) == 1
    assert audited()[1:] == [("calendar.updated", {"changed": ["description"]})]


def test_a_change_raises_the_versions_of_what_refers_to_it_and_of_nothing_else(owner: Agent) -> None:
    base = make(owner, "base")
    middle = make(owner, "middle", {"union": [{"weekends": True}, {"difference": [{"calendar": "base"}, MAY]}]})
    top = make(owner, "top", {"calendar": "middle"})
    aside = make(owner, "aside", {"union": [MAY]})
    assert dates_of(top).name_of(date(2026, 5, 9)) == "weekend"

    update(base, definition={"dates": ["2026-05-12"]})

    assert [version_of(each) for each in (base, middle, top, aside)] == [2, 2, 2, 1]
    assert dates_of(Calendar.objects.get(pk=top.pk)).name_of(date(2026, 5, 12)) == "holiday"


def test_a_refused_change_leaves_the_dates_as_they_were(owner: Agent) -> None:
    calendar = make(owner, "closed")

    with pytest.raises(InvalidRequest):
        update(calendar, definition={"union": [{"dates": ["2026-06-01"]}, {"calendar": "gone"}]})

    update(calendar, definition={"dates": ["2026-07-01"]})
    assert dates_of(Calendar.objects.get()).name_of(date(2026, 7, 1)) == "holiday"
    assert dates_of(Calendar.objects.get()).name_of(date(2026, 6, 1)) is None


def test_calendars_cannot_refer_to_each_other_in_a_circle(owner: Agent) -> None:
    first = make(owner, "first")
    make(owner, "second", {"calendar": "first"})
    make(owner, "third", {"calendar": "second"})

    with pytest.raises(InvalidRequest) as refused:
        update(first, definition={"union": [MAY, {"calendar": "third"}]})

    [(pointer, message)] = faults(refused)
    assert pointer == "/definition"
    assert "in a circle: first → third → second → first" in message
    assert version_of(first) == 1


def test_a_calendar_that_goes_before_a_shared_one_cannot_close_a_circle(owner: Agent) -> None:
    make(make_agent(), "base", shared=True)
    make(owner, "mine", {"calendar": "base"})

    with pytest.raises(InvalidRequest, match="in a circle: base → mine → base"):
        make(owner, "base", {"calendar": "mine"})


def test_references_are_eight_deep_at_most_from_above_too(owner: Agent) -> None:
    for level in range(1, 9):
        make(owner, f"level {level}", {"calendar": f"level {level - 1}"} if level > 1 else MAY)
    make(owner, "aside")

    with pytest.raises(InvalidRequest, match="at most 8 deep"):
        make(owner, "level 9", {"calendar": "level 8"})
    with pytest.raises(IllegalMove, match="'level 8' would break: Calendars refer to each other at most 8 deep"):
        update(Calendar.objects.get(name="level 1"), definition={"calendar": "aside"})


def test_ones_own_calendar_goes_before_a_shared_one_of_the_name(owner: Agent) -> None:
    make(make_agent(), "closed", {"dates": [{"date": "2026-05-01", "name": "Shared"}]}, shared=True)
    using = make(owner, "using", {"calendar": "closed"})
    assert dates_of(using).name_of(MAY_1) == "Shared"

    make(owner, "closed", {"dates": [{"date": "2026-05-01", "name": "Own"}]})

    assert version_of(using) == 2
    assert dates_of(Calendar.objects.get(pk=using.pk)).name_of(MAY_1) == "Own"


def test_another_agents_calendar_is_not_there_unless_shared(owner: Agent) -> None:
    theirs = make(make_agent(), "closed")

    with pytest.raises(InvalidRequest, match="There is no calendar 'closed'"):
        make(owner, "using", {"calendar": "closed"})
    update(theirs, shared=True)
    make(owner, "using", {"calendar": "closed"})
    with pytest.raises(IllegalMove, match="'using' would break: There is no calendar 'closed'"):
        update(theirs, shared=False)


def test_a_name_that_others_refer_to_cannot_be_changed(owner: Agent) -> None:
    base = make(owner, "base")
    make(owner, "using", {"calendar": "base"})

    with pytest.raises(IllegalMove, match="'using' would break: There is no calendar 'base'"):
        update(base, name="renamed")

    assert Calendar.objects.get(pk=base.pk).name == "base"


def test_a_calendar_in_use_by_tasks_or_calendars_is_not_deleted(owner: Agent) -> None:
    base = make(owner, "base")
    using = make(owner, "using", {"calendar": "base"})
    task = make_task(title="Backup", calendar=using)

    with pytest.raises(IllegalMove, match="The calendar 'using' refers to this one"):
        calendars.delete_calendar(base, actor=ACTOR)
    with pytest.raises(IllegalMove, match="1 task uses the calendar: 'Backup'"):
        calendars.delete_calendar(using, actor=ACTOR)

    Task.objects.filter(pk=task.pk).update(deleted_at=database_now())
    calendars.delete_calendar(using, actor=ACTOR)
    calendars.delete_calendar(base, actor=ACTOR)
    assert not Calendar.objects.exists()
    assert [action for action, _ in audited()[-2:]] == ["calendar.deleted"] * 2


def test_a_calendar_that_shares_only_its_name_with_the_one_meant_can_be_deleted(owner: Agent) -> None:
    shared = make(make_agent(), "base", shared=True)
    make(owner, "base")
    make(owner, "using", {"calendar": "base"})

    calendars.delete_calendar(shared, actor=ACTOR)

    assert set(Calendar.objects.values_list("name", flat=True)) == {"base", "using"}


def test_a_calendar_that_is_gone_is_told_so(owner: Agent) -> None:
    calendar = make(owner, "closed")
    Calendar.objects.all().delete()

    with pytest.raises(IllegalMove, match="deleted meanwhile"):
        calendars.delete_calendar(calendar, actor=ACTOR)
    with pytest.raises(IllegalMove, match="deleted meanwhile"):
        update(calendar, name="other")


def test_what_an_agent_does_with_its_calendars_raises_no_version_of_anothers(owner: Agent) -> None:
    make(owner, "base")
    using = make(owner, "using", {"calendar": "base"})
    above = make(owner, "above", {"calendar": "using"})

    theirs = make(make_agent(), "base")
    update(theirs, definition={"weekends": True})
    update(theirs, name="another")
    update(theirs, name="base")
    calendars.delete_calendar(theirs, actor=ACTOR)

    assert [version_of(using), version_of(above)] == [1, 1]


def test_whoever_means_another_calendar_from_now_on_has_a_new_version(owner: Agent) -> None:
    oldest, newest = make(make_agent(), "base", shared=True), make(make_agent(), "base", shared=True)
    using = make(owner, "using", {"calendar": "base"})

    update(newest, definition={"weekends": True})
    versions = [version_of(using)]
    for change in (
        lambda: update(oldest, shared=False),
        lambda: update(oldest, shared=True),
        lambda: update(oldest, name="another"),
        lambda: make(owner, "base"),
        lambda: update(newest, definition=MAY),
    ):
        change()
        versions.append(version_of(using))

    assert versions == [1, 2, 3, 4, 5, 5]
