"""The embedded Redis: its data folder, and the command that serves it."""

import signal
import socket
from pathlib import Path

from ordinaut_site.embedded import binaries, leftovers, locations
from ordinaut_site.embedded.account import Account
from ordinaut_site.embedded.server import Server

_SOCKET = "redis.sock"


def prepare(home: Path) -> Server:
    """Clear what a killed predecessor left, and say how to serve `home`; the caller holds the home's lock."""
    data = home / "redis"
    for name in ("redis-server", "valkey-server"):
        leftovers.take_down(data, program=name, stop_signal=signal.SIGTERM)
    program = binaries.redis()
    account = Account.for_data(data)
    sockets = account.owns(locations.sockets(home))
    account.owns(data)

    settings = {
        "port": "0",
        "unixsocket": str(sockets / _SOCKET),
        "unixsocketperm": "600",
        "dir": str(data),
        "appendonly": "yes",
        "maxmemory-policy": "noeviction",
        "save": "",
        "daemonize": "no",
        "loglevel": "warning",
    }
    words = [word for name, value in settings.items() for word in (f"--{name}", value)]
    return Server(
        name="redis",
        command=account.command(
            program, *words, reaching=(program, data / "file", sockets / _SOCKET), stop_signal="TERM"
        ),
        stop_signal=signal.SIGTERM,
        answers=lambda: answers(sockets / _SOCKET),
    )


def answers(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False
