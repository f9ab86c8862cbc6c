"""Flower is seen by staff alone, through Django's login, and only to read."""

import asyncio
import contextlib
import functools
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.test import AsyncClient

from ordinaut_site.embedded import locations

pytestmark = pytest.mark.django_db

ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: _xsrf=1\r\nX-Other: 1\r\nContent-Length: 2\r\n\r\nhi"
)


def in_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run the test in an event loop whose synchronous parts, and so the database, stay in this thread."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        async_to_sync(test)(*args, **kwargs)

    return run


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the proxy looks for Flower: a short path, since a unix socket's may hold a hundred bytes."""
    with tempfile.TemporaryDirectory() as folder:
        yield at_home(Path(folder), monkeypatch)


def at_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    locations.flower_socket(folder).parent.mkdir(exist_ok=True)
    monkeypatch.setattr("ordinaut_site.flower.settings", SimpleNamespace(ENV=SimpleNamespace(home=folder)))
    return folder


@pytest.fixture
def staff() -> AsyncClient:
    client = AsyncClient()
    client.force_login(User.objects.create_user("ops", is_staff=True))
    return client


@pytest.fixture(scope="module")
def started_flower() -> Iterator[Path]:
    """The home of a real Flower, on the session's Redis."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        socket = locations.flower_socket(home)
        socket.parent.mkdir()
        command = [sys.executable, "-m", "celery", "-A", "ordinaut_site", "flower"]
        options = [f"--unix_socket={socket}", "--url_prefix=flower", "--read_only=True"]
        with (home / "flower.log").open("wb") as log:
            process = subprocess.Popen([*command, *options], stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 60
            while not socket.exists():
                assert process.poll() is None, (home / "flower.log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield home
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture
def real_flower(started_flower: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_home(started_flower, monkeypatch)


@contextlib.asynccontextmanager
async def a_server(home: Path, *, answer: bytes = ANSWER) -> AsyncIterator[list[bytes]]:
    """In Flower's place, something that answers the same to everything and keeps what it was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(serve, locations.flower_socket(home)):
        yield asked


@in_a_loop
async def test_an_anonymous_visitor_is_sent_to_the_login() -> None:
    response = await AsyncClient().get("/flower/tasks")

    assert response.status_code == 302
    assert response.headers["Location"] == "/admin/login/?next=/flower/tasks"


@pytest.mark.parametrize("standing", [{"is_staff": False}, {"is_staff": True, "is_active": False}])
@in_a_loop
async def test_neither_a_plain_user_nor_a_disabled_one_gets_in(standing: dict[str, bool]) -> None:
    client = AsyncClient()
    user = await User.objects.acreate_user("someone", **standing)
    await client.aforce_login(user)

    response = await client.get("/flower/")

    assert response.status_code == 302


@in_a_loop
async def test_flower_being_down_is_said_in_a_sentence(staff: AsyncClient, home: Path) -> None:
    response = await staff.get("/flower/")

    assert response.status_code == 502
    assert response.content.decode().startswith("Flower does not answer")


@pytest.mark.parametrize(
    "address",
    [
        "/flower/api/worker/shutdown/celery@host",
        "/flower/api/worker/pool/shrink/celery@host",
        "/flower/api/task/revoke/some-id",
        "/flower/tasks/datatable/",
        "/flower/tasks",
    ],
)
@in_a_loop
async def test_whatever_could_change_something_is_refused(staff: AsyncClient, home: Path, address: str) -> None:
    async with a_server(home) as asked:
        for method in (staff.post, staff.put, staff.patch, staff.delete):
            response = await method(address)
            assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
        response = await staff.put("/flower/tasks/datatable")
        assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, POST")

    assert asked == []


@in_a_loop
async def test_our_cookies_and_credentials_stay_here_and_flowers_stay_there(staff: AsyncClient, home: Path) -> None:
    async with a_server(home) as asked:
        response = await staff.get(
            "/flower/worker/celery%40a%20host?x=%26&y=2",
            headers={"Authorization": "Bearer secret", "Connection": "upgrade", "Accept": "text/html"},
        )
        body = response.content

    head = asked[0].decode().lower()
    assert head.startswith("get /flower/worker/celery@a%20host?x=%26&y=2 http/1.1\r\n")
    assert "accept: text/html" in head
    assert not re.search("^(cookie|authorization|connection: upgrade)", head, re.MULTILINE)
    assert (response.status_code, body) == (200, b"hi")
    assert response.headers["Content-Type"] == "text/html"
    assert "Set-Cookie" not in response.headers
    assert "X-Other" not in response.headers


@in_a_loop
async def test_a_redirect_of_flowers_is_passed_on(staff: AsyncClient, home: Path) -> None:
    async with a_server(home, answer=b"HTTP/1.1 302 Found\r\nLocation: /flower/\r\nContent-Length: 0\r\n\r\n"):
        response = await staff.get("/flower/logout")

    assert (response.status_code, response.headers["Location"]) == (302, "/flower/")


@in_a_loop
async def test_the_pages_of_a_real_flower_answer_with_all_their_assets(staff: AsyncClient, real_flower: None) -> None:
    for address in ("/flower/", "/flower/workers?json=1", "/flower/tasks", "/flower/broker"):
        response = await staff.get(address)
        page = response.content.decode()
        assert response.status_code == 200, (address, page)
        for asset in re.findall(r'(?:src|href)="(/flower/static/[^"]+)"', page):
            answered = await staff.get(asset)
            assert answered.status_code == 200, asset
            assert len(answered.content) == int(answered.headers["Content-Length"]) > 0


@in_a_loop
async def test_the_table_of_a_real_flower_fetches_its_rows(staff: AsyncClient, real_flower: None) -> None:
    strict = AsyncClient(enforce_csrf_checks=True)
    strict.cookies = staff.cookies
    asked = {"draw": 1, "start": 0, "length": 15, "order[0][column]": 0, "columns[0][data]": "name"}

    response = await strict.post("/flower/tasks/datatable", asked)

    assert response.status_code == 200
    assert b'"recordsTotal": 0' in response.content
