"""The two secrets of a webhook or a hook: put another, read those that are good, encrypt both by another key."""

from datetime import datetime, timedelta
from typing import Final

from django.views.decorators.debug import sensitive_variables

from tasks_app import vault
from tasks_app.exceptions import IllegalMove
from tasks_app.models.clock import database_now
from tasks_app.models.signing import Signing

USUAL_OVERLAP: Final = timedelta(days=1)
FIELDS: Final = ("sealed", "key_id", "old_sealed", "old_secret_until")


@sensitive_variables("secret")
def put(row: Signing, secret: str, *, overlap: timedelta = timedelta(0)) -> None:
    """Let `row` have this secret; the one before it is good for `overlap` more, and a third one ends. Saves nothing.

    Raises `IllegalMove` where nothing encrypts.
    """
    try:
        sealed, key_id = vault.seal(secret)
    except vault.NoKey as no_key:
        raise IllegalMove(str(no_key)) from None
    keeps_old = bool(row.sealed and overlap)
    row.old_sealed = row.sealed if keeps_old else ""
    row.old_secret_until = database_now() + overlap if keeps_old else None
    row.sealed, row.key_id = sealed, key_id


def sealed_of(row: Signing, *, now: datetime) -> tuple[str, ...]:
    """Those that are good at `now`, the database's time, encrypted, the newest first."""
    is_rotating = row.old_secret_until is not None and row.old_secret_until > now
    return (row.sealed, row.old_sealed) if is_rotating else (row.sealed,)


def encrypt_anew(row: Signing) -> None:
    """By the first key. Saves nothing. An old secret that cannot be read ends. Raises `vault.NoKey` for the newest."""
    row.sealed, row.key_id = vault.seal(vault.unseal(row.sealed))
    if row.old_sealed:
        try:
            row.old_sealed, _ = vault.seal(vault.unseal(row.old_sealed))
        except vault.NoKey:
            row.old_sealed, row.old_secret_until = "", None
