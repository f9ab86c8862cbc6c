"""Links that let whoever holds one approve or reject a run: signed, for one wait of one step, and good until that is over.

They are made when somebody reads them, and kept nowhere. A run that asks again has another fence, and so other links.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.core import signing
from django.db import transaction

from tasks_app import waits
from tasks_app.conf import conf
from tasks_app.exceptions import IllegalMove
from tasks_app.models import Run, Step
from tasks_app.models.clock import database_now
from tasks_app.services import decisions
from tasks_app.services.actor import Actor
from tasks_app.states import WaitingFor

PATH: Final = "approvals"
_SALT: Final = "ordinaut.approval_links"


class BadLink(Exception):
    """Nobody of this platform has made it."""


class LinkOver(IllegalMove):
    """The run waits no more for what the link is about."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says: yes or no, for whom (empty for whoever holds it), at which wait of a run."""

    run: UUID
    step: str
    fence: int
    approved: bool
    approver: str

    @property
    def label(self) -> str:
        """Who says it, for the audit and the step's output."""
        return f"link:{self.approver}" if self.approver else "link"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link is about, for the page that it leads to."""

    task: str
    step: str
    message: str
    data: Any


def links_of(run: Run) -> list[dict[str, str]]:
    """For each named approver, or for whoever holds them, `approver`, `approve_url`, `reject_url`; none if nothing is asked."""
    step = waits.awaited(run, WaitingFor.APPROVAL)
    if step is None:
        return []
    return [
        {
            "approver": approver,
            "approve_url": _url(run, step, approver, True),
            "reject_url": _url(run, step, approver, False),
        }
        for approver in waits.given(step).get("approvers") or [""]
    ]


def read(token: str) -> Link:
    """Raises `BadLink`."""
    try:
        run, step, fence, approved, approver = signing.loads(token, salt=_SALT)
        return Link(UUID(run), step, fence, approved, approver)
    except (signing.BadSignature, ValueError, TypeError) as wrong:
        raise BadLink from wrong


def asked(link: Link) -> Asked:
    """Raises `LinkOver`."""
    run, step = _awaited(link)
    given = waits.given(step)
    return Asked(run.task.title, step.step, str(given.get("message", "")), given.get("data"))


@transaction.atomic
def follow(link: Link, *, comment: str, request_id: str) -> None:
    """Say what the link says. Raises `LinkOver`; and `NotPermitted` when somebody else is to say it."""
    run, _ = _awaited(link, lock=True)
    actor = Actor(link.label, None, request_id)
    judge = decisions.approve if link.approved else decisions.reject
    judge(run, actor=actor, step=link.step, comment=comment)


def _awaited(link: Link, *, lock: bool = False) -> tuple[Run, Step]:
    found = Run.objects.filter(pk=link.run, fence=link.fence, task__deleted_at=None, run_at__gt=database_now())
    if lock:
        found = found.select_for_update(of=("self",))
    run = found.select_related("task").first()
    step = waits.awaited(run, WaitingFor.APPROVAL) if run else None
    if run is None or step is None or step.step != link.step:
        raise LinkOver("What this link is about was decided already, or the time for it is over.")
    return run, step


def _url(run: Run, step: Step, approver: str, approved: bool) -> str:
    token = signing.dumps([str(run.pk), step.step, run.fence, approved, approver], salt=_SALT)
    return f"{conf().public_url.rstrip('/')}/{PATH}/{token}"
