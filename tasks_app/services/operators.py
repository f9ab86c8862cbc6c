"""Operators who come by single sign-on: who of them is let in, and as which user."""

import re
from collections.abc import Collection
from typing import Final

from django.contrib.auth.models import Group, User
from django.db import connection, transaction

from tasks_app.models import OperatorIdentity
from tasks_app.services import audit
from tasks_app.services.actor import Actor

_LONGEST_NAME: Final = 150
_NO_GROUP: Final = "no group that may"
_NOT_IN_NAMES: Final = re.compile(r"[^\w.@+-]")


@transaction.atomic
def sign_in(  # noqa: PLR0913  what the provider says, by keyword
    *,
    issuer: str,
    subject: str,
    username: str,
    email: str,
    groups: Collection[str],
    is_staff: bool,
    is_superuser: bool,
    request_id: str = "",
) -> User | None:
    """The user of a proven identity, made at its first visit, with the rights that its groups give now. None if refused.

    A user whom somebody made here is never taken over by a provider's word for their name. What an earlier visit gave and the
    groups do not give any more is taken away, refused or not. Django's own groups of the same names are joined and left.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ordinaut.operators'))")  # names are given one by one
    name = _NOT_IN_NAMES.sub("_", username)[:_LONGEST_NAME]
    pk = OperatorIdentity.id_of(issuer, subject)
    identity = OperatorIdentity.objects.select_related("user").filter(pk=pk).first()
    if identity is None:
        identity = OperatorIdentity(pk=pk, issuer=issuer, subject=subject)
        if refused := _why_not(name, is_staff):
            _refuse(identity, name, refused, request_id)
            return None
        identity.user = User.objects.create_user(name, email=email)
        identity.save()
        actor = Actor.of_user(name, request_id=request_id)
        audit.note("operator.created", identity, actor=actor, issuer=issuer)
    user = identity.user
    _give(user, is_staff=is_staff, is_superuser=is_superuser, groups=groups)
    if not (is_staff and user.is_active):
        _refuse(identity, user.username, "switched off" if is_staff else _NO_GROUP, request_id)
        return None
    actor = Actor.of_user(user.username, request_id=request_id)
    audit.note("operator.signed_in", identity, actor=actor, superuser=is_superuser)
    return user


def _why_not(name: str, is_staff: bool) -> str:
    if not is_staff:
        return _NO_GROUP
    return "the name is another's" if User.objects.filter(username__iexact=name).exists() else ""


def _refuse(identity: OperatorIdentity, name: str, why: str, request_id: str) -> None:
    """In nobody's name: what the provider calls them may be what somebody else is called here."""
    audit.note("operator.refused", identity, actor=Actor("system", request_id=request_id), name=name, why=why)


def _give(user: User, *, is_staff: bool, is_superuser: bool, groups: Collection[str]) -> None:
    if (user.is_staff, user.is_superuser) != (is_staff, is_superuser):
        user.is_staff, user.is_superuser = is_staff, is_superuser
        user.save(update_fields=["is_staff", "is_superuser"])
    user.groups.set(Group.objects.filter(name__in=groups) if is_staff else [])
