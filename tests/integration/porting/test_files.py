"""The files behind the addresses of a document's calendars: fetched once, all together, and not for everybody."""

from collections.abc import Iterable
from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app.calendars.fetching import NotFetched
from tasks_app.models import Agent, Calendar
from tasks_app.services import calendars
from tasks_app.services.actor import SYSTEM
from tests.integration.api.making import TASK, client_of, make_task
from tests.integration.porting.test_api import API, document, faults_of
from tests.making import make_agent
from tests.unit.calendars.dates import ics

URL = "https://example.org/{}.ics"
EVE = ics("DTSTART:20261224|SUMMARY:Eve")


class Site:
    def __init__(self) -> None:
        self.answers: dict[str, str | NotFetched] = {}
        self.asked: list[list[str]] = []

    def __call__(self, urls: Iterable[str]) -> dict[str, str | NotFetched]:
        self.asked.append(list(urls))
        return {url: self.answers.get(url, EVE) for url in self.asked[-1]}


@pytest.fixture(autouse=True)
def site(monkeypatch: pytest.MonkeyPatch) -> Site:
    made = Site()
    monkeypatch.setattr("tasks_app.calendars.fetching.fetch_all", made)
    return made


def calendar(name: str, *urls: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "definition": {"union": [{"ics_url": url} for url in urls]}, **fields}


@pytest.mark.parametrize("verb", ["import", "plan", "apply"])
def test_all_files_are_fetched_together_each_address_once(as_alice: APIClient, site: Site, verb: str) -> None:
    sent = document(calendars=[calendar("a", URL.format(1), URL.format(2)), calendar("b", URL.format(1))])

    answer = as_alice.post(f"{API}/{verb}", sent)

    assert answer.status_code < 300, answer.content
    assert site.asked == [[URL.format(1), URL.format(2)]]


def test_only_what_is_not_here_yet_is_fetched(as_alice: APIClient, site: Site) -> None:
    same, old = calendar("same", URL.format(1)), calendar("old", URL.format(2))
    as_alice.post(f"{API}/apply", document(calendars=[same, old]))
    site.asked.clear()

    as_alice.post(
        f"{API}/apply",
        document(calendars=[same | {"description": "d"}, calendar("old", URL.format(2), URL.format(3))]),
    )

    assert site.asked == [[URL.format(3)]]
    assert set(Calendar.objects.get(name="old").fetched) == {URL.format(2), URL.format(3)}
    assert Calendar.objects.get(name="same").description == "d"


@pytest.mark.parametrize("verb", ["import", "plan", "apply"])
def test_what_cannot_be_fetched_is_told_at_its_calendar(as_alice: APIClient, site: Site, verb: str) -> None:
    site.answers[URL.format(2)] = NotFetched("example.org was too slow")

    answer = as_alice.post(f"{API}/{verb}", document(calendars=[calendar(name, URL.format(name)) for name in "12"]))

    assert (answer.status_code, faults_of(answer)) == (
        422,
        {"/calendars/1/definition": f"{URL.format(2)} cannot be fetched: example.org was too slow."},
    )
    assert not Calendar.objects.exists()


@pytest.mark.parametrize(
    ("scopes", "verb", "needed"),
    [
        (("tasks:read",), "plan", "tasks:create"),
        (("tasks:read", "tasks:update"), "plan", "tasks:create"),
        (("tasks:update",), "apply", "tasks:create"),
    ],
    ids=range(3),
)
def test_who_may_not_make_a_calendar_makes_nobody_fetch_its_file(
    db: None, site: Site, scopes: tuple[str, ...], verb: str, needed: str
) -> None:
    caller = client_of(make_agent(scopes=scopes))

    answer = caller.post(f"{API}/{verb}", document(calendars=[calendar("a", URL.format(1))]))

    assert (answer.status_code, site.asked) == (403, [])
    assert needed in answer.json()["detail"]


def test_who_may_not_change_a_calendar_makes_nobody_fetch_its_file(db: None, site: Site) -> None:
    owner = make_agent(scopes=("tasks:read", "tasks:create"))
    calendars.create_calendar(owner, actor=SYSTEM, name="a", definition={"weekends": True})
    site.asked.clear()

    answer = client_of(owner).post(f"{API}/plan", document(calendars=[calendar("a", URL.format(1))]))

    assert (answer.status_code, site.asked) == (403, [])
    assert "tasks:update" in answer.json()["detail"]


def test_a_plan_needs_the_scopes_of_what_it_would_do(db: None) -> None:
    owner = make_agent(scopes=("tasks:read",))
    make_task(owner, title="here")
    reader = client_of(owner)

    def refusal_of(*entries: dict[str, Any], query: str = "") -> str:
        answer = reader.post(f"{API}/plan{query}", document(*entries))
        return str(answer.json()["detail"]) if answer.status_code == 403 else ""

    assert refusal_of(TASK | {"title": "here"}) == ""
    assert "tasks:update" in refusal_of(TASK | {"title": "here", "priority": 7})
    assert "tasks:create" in refusal_of(TASK | {"title": "new"})
    assert "tasks:delete" in refusal_of(query="?prune=true")


def test_a_document_names_no_more_files_than_can_be_held_at_once(as_alice: APIClient, site: Site) -> None:
    many = [calendar(f"c{n}", *(URL.format(f"{n}-{k}") for k in range(5))) for n in range(11)]

    answer = as_alice.post(f"{API}/apply", document(calendars=many))

    assert (answer.status_code, list(faults_of(answer)), site.asked) == (422, ["/calendars"], [])
    assert "at most 50" in faults_of(answer)["/calendars"]


def test_a_definition_that_is_none_is_told_where_it_stands_and_nothing_is_fetched_for_it(
    as_alice: APIClient, site: Site
) -> None:
    six = calendar("six", *(URL.format(n) for n in range(6)))

    answer = as_alice.post(f"{API}/apply", document(calendars=[six]))

    assert list(faults_of(answer)) == ["/calendars/0/definition"]
    assert site.asked == [[]]


def test_a_calendar_that_lost_its_file_while_others_were_fetched_is_left_as_it_is(
    as_alice: APIClient, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_alice.post(f"{API}/apply", document(calendars=[calendar("a", URL.format(1))]))

    def meanwhile(urls: Iterable[str]) -> dict[str, str]:
        Calendar.objects.update(fetched={}, definition={"weekends": True})
        return dict.fromkeys(urls, EVE)

    monkeypatch.setattr("tasks_app.calendars.fetching.fetch_all", meanwhile)
    answer = as_alice.post(f"{API}/apply", document(calendars=[calendar("a", URL.format(1), URL.format(2))]))

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")
    assert "try again" in answer.json()["detail"]
    assert Calendar.objects.get().definition == {"weekends": True}
