"""Connections to Postgres, as the operating system is asked for them."""

import os
import socket

import psycopg
import pytest

from ordinaut_site.settings import _database


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Linux alone lets a program say it")
def test_a_connection_over_tcp_is_given_up_when_the_machine_at_its_end_is_gone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        options = _database(f"postgres://ordinaut@127.0.0.1:{server.getsockname()[1]}/ordinaut", 0)["OPTIONS"]
        asked = psycopg.conninfo.make_conninfo(
            host="127.0.0.1", port=server.getsockname()[1], user="ordinaut", sslmode="disable", **options
        )
        connection = psycopg.pq.PGconn.connect_start(asked.encode())
        connection.connect_poll()
        with socket.socket(fileno=os.dup(connection.socket)) as opened:
            assert opened.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 10
            assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 15_000
        connection.finish()
