"""Operators sign in at their own identity provider: a real one on the loopback, which says what each test lets it say."""

from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import Group, User
from django.http import HttpResponse
from django.test import Client

from ordinaut_site.single_sign_on import provider as ours
from ordinaut_site.single_sign_on.rules import Provider
from tasks_app.models import AuditEntry, OperatorIdentity
from tests.integration.single_sign_on.identity_provider import CLIENT, SECRET, IdentityProvider, serving

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

BEGIN, FINISH = "/admin/single-sign-on/", "/admin/single-sign-on/callback/"
ANOTHERS_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def running() -> Iterator[IdentityProvider]:
    with serving() as started:
        yield started


@pytest.fixture
def theirs(running: IdentityProvider, settings: Any) -> IdentityProvider:
    ours._known.clear()
    settings.SINGLE_SIGN_ON = Provider(
        issuer=running.issuer,
        client_id=CLIENT,
        client_secret=SECRET,
        algorithm="RS256",
        scopes="openid profile",
        groups_claim="groups",
        staff_groups=frozenset({"operators"}),
        superuser_groups=frozenset({"owners"}),
    )
    running.__dict__.update(IdentityProvider(issuer=running.issuer).__dict__)
    return running


def sign_in(client: Client, theirs: IdentityProvider, **changed: str) -> HttpResponse:
    there = client.get(BEGIN)
    assert there.status_code == 302, there.content
    answer: HttpResponse = client.get(FINISH, theirs.consent(there.headers["Location"]) | changed)
    return answer


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def audited() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_whoever_is_in_a_group_that_may_gets_in_and_is_made_a_user(theirs: IdentityProvider, client: Client) -> None:
    Group.objects.create(name="operators")

    answer = sign_in(client, theirs)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    assert is_in(client)
    user = User.objects.get()
    assert (user.username, user.email, user.is_staff, user.is_superuser) == ("anna", "anna@example.org", True, False)
    assert not user.has_usable_password()
    assert [group.name for group in user.groups.all()] == ["operators"]
    assert audited() == ["operator.created", "operator.signed_in"]
    assert set(AuditEntry.objects.values_list("actor", "object_id")) == {
        ("user:anna", OperatorIdentity.objects.get().pk)
    }
    assert client.session.get_expiry_age() <= 8 * 3600
    assert "oidc_access_token" not in client.session


def test_the_same_person_is_the_same_user_whatever_they_are_called_now(
    theirs: IdentityProvider, client: Client
) -> None:
    sign_in(client, theirs)
    theirs.claims = {"preferred_username": "anna.smith", "groups": ["owners"]}

    sign_in(Client(), theirs)

    user = User.objects.get()
    assert (user.username, user.is_superuser) == ("anna", True)


@pytest.mark.parametrize("groups", [["visitors"], [], None, "visitors", {"operators": True}, [["operators"]]])
def test_whoever_is_in_no_group_that_may_is_refused_and_no_user_is_made(
    theirs: IdentityProvider, client: Client, groups: Any
) -> None:
    theirs.claims = {"groups": groups}

    answer = sign_in(client, theirs)

    assert answer.headers["Location"] == "/admin/login/"
    assert b"ask an operator whether your groups allow it" in client.get("/admin/login/").content
    assert not User.objects.exists()
    assert not is_in(client)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.details["why"]) == ("system", "operator.refused", "no group that may")


def test_whoever_has_left_the_group_loses_what_it_gave(theirs: IdentityProvider, client: Client) -> None:
    theirs.claims = {"groups": "owners"}
    sign_in(client, theirs)
    theirs.claims = {"groups": []}

    sign_in(Client(), theirs)

    user = User.objects.get()
    assert (user.is_staff, user.is_superuser, list(user.groups.all())) == (False, False, [])
    assert not is_in(client)


def test_a_user_who_was_switched_off_is_refused_and_put_out(theirs: IdentityProvider, client: Client) -> None:
    sign_in(client, theirs)
    User.objects.update(is_active=False)

    assert not is_in(client)
    assert sign_in(Client(), theirs).headers["Location"] == "/admin/login/"
    assert audited()[-1] == "operator.refused"


def test_nobody_takes_over_a_user_who_was_made_here(theirs: IdentityProvider, client: Client) -> None:
    User.objects.create_superuser("Anna", email="anna@example.org", password="correct horse battery")

    sign_in(client, theirs)

    assert not is_in(client)
    assert not OperatorIdentity.objects.exists()
    assert AuditEntry.objects.get().details == {"name": "anna", "why": "the name is another's"}


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"nonce": ""},
        {"aud": "another client"},
        {"aud": None},
        {"aud": [CLIENT, "another client"]},
        {"aud": [CLIENT, "another client"], "azp": "another client"},
        {"iss": "https://accounts.example.org"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"iat": 9_999_999_999},
        {"iat": None},
        {"sub": None},
        {"sub": 7},
    ],
    ids=repr,
)
def test_a_token_that_was_not_made_for_this_sign_in_is_refused(
    theirs: IdentityProvider, client: Client, claims: dict[str, Any]
) -> None:
    theirs.claims = claims

    answer = sign_in(client, theirs)

    assert answer.headers["Location"] == "/admin/login/"
    assert not is_in(client)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"algorithm": "none", "key": None},
        {"algorithm": "HS256", "key": SECRET},
        {"key": ANOTHERS_KEY},
        {"header": {"kid": "of yesterday"}},
        {"header": {"kid": None}},
        {"algorithm": "RS512"},
    ],
    ids=[
        "unsigned",
        "signed with the client's secret",
        "of another's key",
        "unknown kid",
        "no kid",
        "another algorithm",
    ],
)
@pytest.mark.filterwarnings("ignore:The HMAC key is:jwt.warnings.InsecureKeyLengthWarning")
def test_a_token_that_the_provider_did_not_sign_is_refused(
    theirs: IdentityProvider, client: Client, changes: dict[str, Any]
) -> None:
    theirs.__dict__.update(changes)

    answer = sign_in(client, theirs)

    assert answer.headers["Location"] == "/admin/login/"
    assert not User.objects.exists()


def test_a_state_that_the_browser_did_not_begin_with_is_refused(theirs: IdentityProvider, client: Client) -> None:
    assert sign_in(client, theirs, state="of another browser").headers["Location"] == "/admin/login/"
    assert not User.objects.exists()
    assert b"not begun in this browser" in client.get("/admin/login/").content


@pytest.mark.parametrize("sent", [{"error": "access_denied"}, {"error": "access_denied", "state": "x"}, {}])
def test_a_link_that_nobody_here_has_begun_ends_no_session(
    theirs: IdentityProvider, client: Client, sent: dict[str, str]
) -> None:
    sign_in(client, theirs)

    client.get(FINISH, sent)

    assert is_in(client)


def test_what_another_browser_began_cannot_be_finished_here(theirs: IdentityProvider, client: Client) -> None:
    came_back = theirs.consent(client.get(BEGIN).headers["Location"])
    victim = Client()

    assert victim.get(FINISH, came_back).headers["Location"] == "/admin/login/"
    assert not is_in(victim)


def test_a_sign_in_is_finished_once(theirs: IdentityProvider, client: Client) -> None:
    came_back = theirs.consent(client.get(BEGIN).headers["Location"])
    client.get(FINISH, came_back)
    client.logout()

    assert client.get(FINISH, came_back).headers["Location"] == "/admin/login/"


def test_a_code_without_its_verifier_is_worth_nothing(theirs: IdentityProvider, client: Client) -> None:
    came_back = theirs.consent(client.get(BEGIN).headers["Location"])
    theirs.codes[came_back["code"]]["code_challenge"] = "of another verifier"

    assert client.get(FINISH, came_back).headers["Location"] == "/admin/login/"


def test_what_the_provider_refuses_leads_back_to_the_login(theirs: IdentityProvider, client: Client) -> None:
    state = theirs.consent(client.get(BEGIN).headers["Location"])["state"]

    assert client.get(FINISH, {"error": "access_denied", "state": state}).headers["Location"] == "/admin/login/"
    assert b"has not said who you are" in client.get("/admin/login/").content
    assert client.get(FINISH, {"error": "access_denied", "state": state}).headers["Location"] == "/admin/login/"
    assert b"not begun in this browser" in client.get("/admin/login/").content


def test_a_password_form_with_a_code_in_its_address_asks_no_provider(theirs: IdentityProvider, client: Client) -> None:
    came_back = theirs.consent(client.get(BEGIN).headers["Location"])
    address = f"/admin/login/?code={came_back['code']}&state={came_back['state']}"

    client.post(address, {"username": "anna", "password": "x"})

    assert came_back["code"] in theirs.codes
    assert not is_in(client)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"issuer": "https://another.example.org"}, "does not answer"),
        ({"authorization_endpoint": "http://x.org"}, "not"),
    ],
)
def test_a_provider_that_is_another_or_not_safe_is_not_gone_to(
    theirs: IdentityProvider, client: Client, document: dict[str, str], says: str
) -> None:
    theirs.document = document

    assert client.get(BEGIN).headers["Location"] == "/admin/login/"
    assert says in client.get("/admin/login/").content.decode()


def test_a_password_opens_the_admin_while_the_provider_is_away(
    theirs: IdentityProvider, client: Client, settings: Any
) -> None:
    User.objects.create_superuser("ops", password="correct horse battery")
    theirs.document = {"issuer": ""}

    client.post("/admin/login/", {"username": "ops", "password": "correct horse battery"})

    assert is_in(client)
    assert client.get(BEGIN).headers["Location"] == "/admin/login/"


def test_the_login_page_offers_it_only_where_it_is_on(theirs: IdentityProvider, client: Client, settings: Any) -> None:
    assert (
        f'href="{BEGIN}?next=/admin/tasks/run/"' in client.get("/admin/login/?next=/admin/tasks/run/").content.decode()
    )

    settings.SINGLE_SIGN_ON = None

    assert BEGIN not in client.get("/admin/login/").content.decode()
    assert [client.get(address).status_code for address in (BEGIN, FINISH)] == [404, 404]


def test_a_session_that_it_opened_ends_when_it_is_switched_off(
    theirs: IdentityProvider, client: Client, settings: Any
) -> None:
    sign_in(client, theirs)
    assert is_in(client)

    settings.SINGLE_SIGN_ON = None

    assert not is_in(client)


def test_it_leads_to_pages_of_our_own_alone(theirs: IdentityProvider, client: Client) -> None:
    for asked, led in (("/admin/tasks/run/", "/admin/tasks/run/"), ("https://evil.example.org/", "/admin/")):
        there = client.get(BEGIN, {"next": asked}).headers["Location"]
        assert client.get(FINISH, theirs.consent(there)).headers["Location"] == led


def test_beginning_over_and_over_is_refused(theirs: IdentityProvider, client: Client) -> None:
    for _ in range(20):
        assert client.get(BEGIN).headers["Location"].startswith(theirs.issuer)

    assert client.get(BEGIN).headers["Location"] == "/admin/login/"


def test_an_operators_session_opens_no_api_and_an_agents_token_no_admin(
    theirs: IdentityProvider, client: Client
) -> None:
    sign_in(client, theirs)
    token = jwt.encode({"sub": "x"}, ANOTHERS_KEY, algorithm="RS256")

    assert client.get("/api/v1/tasks").status_code == 401
    assert Client(headers={"Authorization": f"Bearer {token}"}).get("/admin/").status_code == 302
