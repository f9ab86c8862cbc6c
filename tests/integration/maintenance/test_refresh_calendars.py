"""The files behind calendars are fetched when asked for and anew from time to time; a failure harms nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.conf import LazySettings
from django.db.models.functions import Now

from tasks_app.calendars import fetching
from tasks_app.exceptions import InvalidRequest
from tasks_app.maintenance.refresh_calendars import run_once
from tasks_app.models import Calendar
from tasks_app.planning.timing import dates_of
from tasks_app.services import calendars
from tasks_app.services.actor import SYSTEM
from tests.integration.http_tool.servers import LoopbackServer, answering, bombing, by_path
from tests.making import make_agent
from tests.unit.calendars.dates import ics

pytestmark = pytest.mark.django_db
EVE, MAY = date(2026, 12, 24), date(2026, 5, 1)


class Site:
    """One server whose answer a test may change."""

    def __init__(self) -> None:
        self.answer = answering(body=ics("DTSTART:20261224|SUMMARY:Eve").encode())

    def __call__(self, request: bytes, connection: object) -> None:
        self.answer(request, connection)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def server(site: Site) -> Iterator[LoopbackServer]:
    with LoopbackServer(site) as started:
        yield started


@pytest.fixture(autouse=True)
def _allowed(settings: LazySettings, server: LoopbackServer) -> None:
    settings.ORDINAUT = replace(settings.ORDINAUT, http_allow=(server.address,))


def make(url: str, name: str = "fetched", definition: object = None) -> Calendar:
    return calendars.create_calendar(make_agent(), actor=SYSTEM, name=name, definition=definition or {"ics_url": url})


def let_pass(hours: int) -> None:
    Calendar.objects.update(fetched_at=Now() - timedelta(hours=hours))


def current() -> Calendar:
    return Calendar.objects.get(name="fetched")


def test_a_file_is_fetched_when_its_calendar_is_made(server: LoopbackServer) -> None:
    calendar = make(f"{server.url}/a.ics")

    assert dates_of(current()).name_of(EVE) == "Eve"
    assert calendar.fetched_at is not None
    assert server.requests[0].startswith(b"GET /a.ics HTTP/1.1\r\n")
    assert b"accept: text/calendar" in server.requests[0]


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        ("404 Not Found", b"", "answered 404"),
        ("204 No Content", b"", "answered 204"),
        ("200 OK", b" ", "sent no iCalendar file"),
        ("200 OK", b"BEGIN\0", "sent what is no text"),
    ],
)
def test_a_calendar_whose_file_cannot_be_had_is_not_made(
    server: LoopbackServer, site: Site, status: str, body: bytes, reason: str
) -> None:
    site.answer = answering(status, body)

    with pytest.raises(InvalidRequest, match=f"a.ics cannot be fetched: .*{reason}"):
        make(f"{server.url}/a.ics")

    assert not Calendar.objects.exists()


def test_a_calendar_whose_file_cannot_be_read_is_not_made(server: LoopbackServer, site: Site) -> None:
    site.answer = answering(body=b"<html>Log in</html>")

    with pytest.raises(InvalidRequest, match="/definition/ics_url: This is no iCalendar file"):
        make(f"{server.url}/a.ics")


def test_a_file_without_an_end_is_given_up(server: LoopbackServer, site: Site) -> None:
    site.answer = bombing()

    with pytest.raises(InvalidRequest, match="sent more than"):
        make(f"{server.url}/a.ics")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.org/a.ics", "use https; the operator can allow example.org:80"),
        ("https://127.0.0.1/a.ics", "closed to tools"),
        ("https://[::1]/a.ics", "closed to tools"),
        ("https://169.254.169.254/a.ics", "closed to tools"),
        ("https://x.test:99999/", "not an address"),
        ("https://ann:pw@127.0.0.1/", "holds a name or password"),
    ],
)
def test_an_address_that_tools_may_not_reach_is_not_asked(server: LoopbackServer, url: str, reason: str) -> None:
    with pytest.raises(InvalidRequest, match=reason):
        make(url)

    assert server.connections == 0


def test_a_redirect_into_a_closed_network_is_refused(server: LoopbackServer, site: Site) -> None:
    site.answer = answering("302 Found", location="http://127.0.0.1:9/a.ics")

    with pytest.raises(InvalidRequest, match=r"port 9 of 127\.0\.0\.1 is closed to tools"):
        make(f"{server.url}/a.ics")


def test_a_redirect_within_what_is_allowed_is_followed(server: LoopbackServer, site: Site) -> None:
    moved = answering("301 Moved Permanently", location="/b.ics")
    site.answer = by_path({"/a.ics": moved, "/b.ics": site.answer})

    make(f"{server.url}/a.ics")

    assert dates_of(current()).name_of(EVE) == "Eve"


def test_five_files_are_enough_for_one_calendar(server: LoopbackServer) -> None:
    with pytest.raises(InvalidRequest, match="at most 5 files"):
        make("", definition={"union": [{"ics_url": f"{server.url}/{number}"} for number in range(6)]})

    assert server.connections == 0


def test_what_takes_too_long_is_given_up(server: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_SECONDS", 0.0)

    with pytest.raises(InvalidRequest, match="was not done in time"):
        make(f"{server.url}/a.ics")


def test_a_change_fetches_new_files_only_and_forgets_the_old(server: LoopbackServer) -> None:
    calendar = make(f"{server.url}/a.ics")

    both = {"union": [{"ics_url": f"{server.url}/a.ics"}, {"ics_url": f"{server.url}/b.ics"}]}
    calendars.update_calendar(calendar, actor=SYSTEM, changes={"definition": both})
    assert [request.split()[1] for request in server.requests] == [b"/a.ics", b"/b.ics"]

    calendars.update_calendar(calendar, actor=SYSTEM, changes={"definition": {"weekends": True}})
    assert (current().fetched, current().fetched_at) == ({}, None)


def test_a_file_is_fetched_anew_when_its_time_has_come_and_not_before(server: LoopbackServer, site: Site) -> None:
    make(f"{server.url}/a.ics")
    site.answer = answering(body=ics("DTSTART:20260501|SUMMARY:May").encode())

    let_pass(hours=5)
    assert run_once() == {"refreshed": 0, "changed": 0, "failed": 0, "more": False}
    let_pass(hours=7)
    assert run_once() == {"refreshed": 1, "changed": 1, "failed": 0, "more": False}

    assert current().version == 2
    assert (dates_of(current()).name_of(MAY), dates_of(current()).name_of(EVE)) == ("May", None)
    assert run_once()["refreshed"] == 0


def test_a_file_that_says_the_same_raises_no_version(server: LoopbackServer) -> None:
    make(f"{server.url}/a.ics")
    let_pass(hours=7)

    assert run_once() == {"refreshed": 1, "changed": 0, "failed": 0, "more": False}

    assert current().version == 1


@pytest.mark.parametrize(
    ("status", "body", "error"), [("503 Busy", b"", "answered 503"), ("200 OK", b"<html>", "no iCalendar file")]
)
def test_a_refresh_that_fails_keeps_the_old_dates_and_says_why_until_it_succeeds(
    server: LoopbackServer, site: Site, status: str, body: bytes, error: str
) -> None:
    make(f"{server.url}/a.ics")
    good, site.answer = site.answer, answering(status, body)
    let_pass(hours=7)

    assert run_once()["changed"] == 0
    [answer] = current().fetched.values()
    assert error in answer["error"]
    assert current().version == 1
    assert dates_of(current()).name_of(EVE) == "Eve"

    site.answer = good
    let_pass(hours=7)
    run_once()
    assert [each["error"] for each in current().fetched.values()] == [""]


def test_a_changed_file_raises_the_version_of_what_refers_to_its_calendar(server: LoopbackServer, site: Site) -> None:
    base = make(f"{server.url}/a.ics")
    using = calendars.create_calendar(
        base.created_by, actor=SYSTEM, name="using", definition={"union": [{"calendar": "fetched"}]}
    )
    site.answer = answering(body=ics("DTSTART:20260501").encode())
    let_pass(hours=7)

    run_once()

    using.refresh_from_db()
    assert (current().version, using.version) == (2, 2)


def test_a_calendar_that_was_changed_or_deleted_while_its_file_came_is_left_as_it_is(
    server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed, deleted = make(f"{server.url}/a.ics"), make(f"{server.url}/b.ics", name="deleted")
    let_pass(hours=7)

    def meanwhile(urls: list[str]) -> dict[str, str]:
        calendars.update_calendar(changed, actor=SYSTEM, changes={"definition": {"weekends": True}})
        Calendar.objects.filter(pk=deleted.pk).delete()
        return dict.fromkeys(urls, ics("DTSTART:20260501"))

    monkeypatch.setattr("tasks_app.maintenance.refresh_calendars.fetch_all", meanwhile)

    assert run_once() == {"refreshed": 2, "changed": 0, "failed": 0, "more": False}
    assert (current().fetched, current().version) == ({}, 2)


def test_a_round_takes_a_few_and_says_that_there_are_more(server: LoopbackServer) -> None:
    for number in range(3):
        make(f"{server.url}/a.ics", name=f"calendar {number}")
    let_pass(hours=7)

    assert run_once(batch=2)["more"]
    assert run_once(batch=2) == {"refreshed": 1, "changed": 0, "failed": 0, "more": False}
