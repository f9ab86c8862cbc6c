"""While a secret is being changed both are good, and a key of the vault can be taken away from all of them."""

import hmac
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from cryptography.fernet import Fernet
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.test import override_settings

from tasks_app import vault
from tasks_app.conf import conf
from tasks_app.exceptions import IllegalMove
from tasks_app.models import Agent, AuditEntry, Hook, Webhook
from tasks_app.services import hook_intake, hooks, secrets, webhooks
from tasks_app.services.actor import SYSTEM
from tests.integration.streams.listening import happen
from tests.integration.webhooks.receiver import Post, Receiver, deliver_all, subscribe
from tests.making import make_agent, make_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

DAY, NONE = timedelta(days=1), timedelta(0)
FIRST, SECOND, THIRD = ("the first secret", "the second secret", "the third secret")


def proofs(post: Post, *signers: str) -> list[bool]:
    """Whether each of the secrets has signed."""
    parts = [part.partition("=")[::2] for part in post.headers["ordinaut-signature"].split(",")]
    given = [value for name, value in parts if name == "v1"]
    signed = f"{dict(parts)['t']}.{post.body}".encode()
    return [hmac.new(each.encode(), signed, sha256).hexdigest() in given for each in signers]


def test_deliveries_are_signed_with_both_secrets_until_the_old_one_ends(receiver: Receiver, alice: Agent) -> None:
    webhook = subscribe(alice, receiver)
    first = vault.unseal(webhook.sealed)
    task = make_task(created_by=alice)
    second = webhooks.rotate_secret(webhook, actor=SYSTEM, overlap=DAY)
    happen(1, to=task)
    deliver_all()
    Webhook.objects.update(old_secret_until=Now() - timedelta(seconds=1))
    happen(1, to=task)
    deliver_all()

    assert [proofs(post, first, second) for post in receiver.posts] == [[True, True], [False, True]]


def test_without_overlap_and_at_a_third_secret_the_first_is_over(receiver: Receiver, alice: Agent) -> None:
    webhook = subscribe(alice, receiver)
    first = vault.unseal(webhook.sealed)
    second = webhooks.rotate_secret(webhook, actor=SYSTEM, overlap=NONE)
    third = webhooks.rotate_secret(webhook, actor=SYSTEM, overlap=DAY)
    happen(1, to=make_task(created_by=alice))
    deliver_all()

    assert proofs(receiver.posts[0], first, second, third) == [False, True, True]
    assert set(
        AuditEntry.objects.filter(action="webhook.rotated").values_list("details__overlap_seconds", flat=True)
    ) == {
        0,
        86_400,
    }


@pytest.fixture
def hook() -> tuple[Hook, str]:
    agent = make_agent(scopes=("events:publish",))
    made, token, _ = hooks.create_hook(agent, actor=SYSTEM, name="Ours", topic="code", preset="github", secret=FIRST)
    return made, token


def taken(token: str, secret: str, number: int = 1) -> bool:
    body = b"{}"
    proof = hmac.new(secret.encode(), body, sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={proof}", "X-GitHub-Delivery": f"{secret} {number}"}
    try:
        hook_intake.receive(token, headers=headers, body=body, read=dict, request_id="")
    except hook_intake.Unproven:
        return False
    return True


def test_a_sender_may_sign_with_the_old_secret_until_it_ends(hook: tuple[Hook, str]) -> None:
    row, token = hook
    hooks.update_hook(row, actor=SYSTEM, changes={"secret": SECOND}, overlap=DAY)
    assert [taken(token, each) for each in (FIRST, SECOND, THIRD)] == [True, True, False]

    Hook.objects.update(old_secret_until=Now() - timedelta(seconds=1))

    assert [taken(token, each, 2) for each in (FIRST, SECOND)] == [False, True]


def test_a_secret_that_became_known_ends_at_once(hook: tuple[Hook, str]) -> None:
    row, token = hook
    hooks.update_hook(row, actor=SYSTEM, changes={"secret": SECOND}, overlap=DAY)
    hooks.update_hook(row, actor=SYSTEM, changes={"secret": THIRD}, overlap=NONE)

    assert [taken(token, each) for each in (FIRST, SECOND, THIRD)] == [False, False, True]


def test_an_old_secret_without_an_end_cannot_be_kept(hook: tuple[Hook, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Hook.objects.update(old_sealed="x")


def test_a_key_can_be_taken_away_once_all_is_encrypted_by_another(
    hook: tuple[Hook, str], receiver: Receiver, alice: Agent
) -> None:
    webhook = subscribe(alice, receiver)
    first = vault.unseal(webhook.sealed)
    second = webhooks.rotate_secret(webhook, actor=SYSTEM, overlap=DAY)
    hooks.update_hook(hook[0], actor=SYSTEM, changes={"secret": SECOND}, overlap=DAY)
    new, usual = Fernet.generate_key().decode(), conf()

    with override_settings(ORDINAUT=replace(usual, secrets_keys=(new, *usual.secrets_keys))):
        assert secrets.encrypt_anew(actor=SYSTEM) == 2
    with override_settings(ORDINAUT=replace(usual, secrets_keys=(new,))):
        happen(1, to=make_task(created_by=alice))
        deliver_all()
        assert [taken(hook[1], each) for each in (FIRST, SECOND, THIRD)] == [True, True, False]

    assert proofs(receiver.posts[0], first, second) == [True, True]
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"hook.encrypted", "webhook.encrypted"} <= actions


def test_a_secret_that_cannot_be_read_leaves_everything_as_it_is(hook: tuple[Hook, str]) -> None:
    before = Hook.objects.values().get()

    with (
        override_settings(ORDINAUT=replace(conf(), secrets_keys=(Fernet.generate_key().decode(),))),
        pytest.raises(IllegalMove, match="The secret of hook"),
    ):
        secrets.encrypt_anew(actor=SYSTEM)

    assert Hook.objects.values().get() == before


def test_an_old_secret_that_cannot_be_read_any_more_ends(hook: tuple[Hook, str]) -> None:
    row, token = hook
    hooks.update_hook(row, actor=SYSTEM, changes={"secret": SECOND}, overlap=DAY)
    lost = Fernet(Fernet.generate_key()).encrypt(b"lost").decode()
    Hook.objects.update(old_sealed=lost)
    new, usual = Fernet.generate_key().decode(), conf()

    with override_settings(ORDINAUT=replace(usual, secrets_keys=(new, *usual.secrets_keys))):
        secrets.encrypt_anew(actor=SYSTEM)
        assert taken(token, SECOND)

    kept = Hook.objects.get()
    assert (kept.old_sealed, kept.old_secret_until, kept.key_id) == ("", None, vault.id_of(new))
