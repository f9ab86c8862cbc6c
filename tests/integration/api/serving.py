"""The platform's web server on the test's database, and raw requests to it."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any, BinaryIO
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

_START_SECONDS = 30


@contextmanager
def served(*, processes: int = 1, **environment: str) -> Iterator[int]:
    """Its port. It is started as `manage.py up` starts it; several processes are the children of one that serves nobody."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    database = urlunsplit(urlsplit(settings.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}"))
    command = (sys.executable, "-m", "uvicorn", "ordinaut_site.asgi:application", "--port", str(port))
    several = ("--workers", str(processes)) if processes > 1 else ()
    started = subprocess.Popen(
        (*command, "--http", "ordinaut_site.http_protocol:Protocol", "--lifespan", "off", *several),
        env=os.environ | {"DATABASE_URL": database} | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, started)
        yield port
    finally:
        started.terminate()
        started.wait(15)


def _wait_for(port: int, started: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            if fetched(port, "GET", "/health/ready")[0] == 200:
                return
        except OSError:
            assert started.poll() is None
            assert time.monotonic() < deadline
        time.sleep(0.05)


def fetched(port: int, method: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    talking = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        talking.request(method, path, headers=headers)
        answer = talking.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        talking.close()


def sent(port: int, request: bytes) -> tuple[int, dict[str, str], Any]:
    """Bytes as they are, and what is answered: status, headers with lower-case names, and the JSON body."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as talking:
        talking.sendall(request)
        with talking.makefile("rb") as answered:
            status = int(answered.readline().split()[1])
            headers = dict(_headers(iter(answered.readline, b"\r\n")))
            if "transfer-encoding" in headers:
                body = b"".join(_chunks(answered))
            else:
                body = answered.read(int(headers["content-length"]))
    return status, headers, json.loads(body)


def _headers(lines: Iterator[bytes]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, _, value = line.decode("latin-1").partition(":")
        yield name.lower(), value.strip()


def _chunks(answered: BinaryIO) -> Iterator[bytes]:
    while length := int(answered.readline(), 16):
        yield answered.read(length)
        answered.readline()
