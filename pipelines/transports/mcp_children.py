"""Which stdio servers run as our children, and when does each of them end?

A server is started by the first call that needs it, and then serves all of this process's calls to it at once. It is ended
when it has been idle for a while. When it dies, writes what is not MCP, or lets go of a call by being too slow for it (or
the call's run is told to stop), the next call gets a new one, and the old one ends with the last call that it still has.
Ending means its whole process group, see `mcp_keeper`.

Everything here happens in the event loop's thread.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from shutil import which
from typing import Any, Final, TypeAlias

import anyio
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.subscriptions import SubscriptionLost
from mcp_types import CONNECTION_CLOSED
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from pipelines.errors import ErrorClass, StepError, StepFailed
from pipelines.transports import mcp_keeper
from pipelines.transports.entry import StdioServer
from pipelines.transports.mcp_session import CLIENT_INFO, LONGEST_MESSAGE, Known
from pipelines.transports.mcp_stderr import Stderr
from pipelines.transports.mcp_troubles import CutOff, leaf

IDLE_SECONDS: Final = 60.0
_START_SECONDS: Final = 60.0
_LAST_WORDS_SECONDS: Final = 1.0
_MOST_GARBAGE: Final = 20  # lines

_Key: TypeAlias = tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]


class Child:
    """One server from its start to its end."""

    def __init__(self, key: _Key) -> None:
        self._key = key
        self._name = key[0]
        self._client: Client | None = None
        self._started = asyncio.Event()
        self._over = asyncio.Event()
        self._trouble: Exception | None = None
        self._life = anyio.CancelScope()
        self._calls = 0
        self._used_at = anyio.current_time()
        self._garbage = 0
        self._known = Known()

    @property
    def known(self) -> Known:
        if not self._known.fresh:
            self._known = Known()
        return self._known

    @asynccontextmanager
    async def used(self) -> AsyncIterator[Client]:
        """Its client, as soon as it has started. Raises `StepFailed` or `CutOff` when it cannot, or ends meanwhile."""
        self._calls += 1
        try:
            await self._started.wait()
            if self._client is None:
                assert self._trouble is not None, "what did not start has a reason"
                raise self._trouble
            yield self._client
        except MCPError as error:
            if error.code != CONNECTION_CLOSED:
                raise
            raise await self._reason() from None
        except asyncio.CancelledError:
            self._retire()  # it may never let go of that call
            raise
        finally:
            self._calls -= 1
            self._used_at = anyio.current_time()
            if not self._calls and _children.get(self._key) is not self:
                self.end()

    async def live(self) -> None:
        """From start to end. Raises nothing: what goes wrong is the trouble of the calls."""
        stderr = Stderr(self._name)
        try:
            with self._life, anyio.move_on_after(_START_SECONDS) as start:
                async with self._connection(stderr) as self._client, anyio.create_task_group() as beside:
                    start.deadline = float("inf")
                    self._started.set()
                    beside.start_soon(self._heed_changes, self._client)
                    await self._until_idle_or_dead(stderr)
                    beside.cancel_scope.cancel()
            if start.cancelled_caught:
                self._fail(CutOff(self._lost("did not answer when it was started")))
        except Exception as error:  # noqa: BLE001 - a task's edge: it becomes the calls' trouble
            await self._note_death(stderr, error)
        finally:
            self._retire()
            self._fail(CutOff(self._lost("was ended")))
            self._started.set()
            stderr.close()

    def end(self) -> None:
        self._retire()
        self._life.cancel()

    @asynccontextmanager
    async def _connection(self, stderr: Stderr) -> AsyncIterator[Client]:
        async with Client(
            self._streams(stderr), client_info=CLIENT_INFO, message_handler=self._heard, cache=None
        ) as client:
            yield client

    @asynccontextmanager
    async def _streams(self, stderr: Stderr) -> AsyncIterator[Any]:
        async with stdio_client(self._parameters(), errlog=stderr.file) as streams:
            stderr.file.close()  # the server has its own copy by now, and only its end counts
            yield streams

    def _parameters(self) -> StdioServerParameters:
        name, command, env = self._key
        environment = dict(env)
        if which(command[0], path=environment.get("PATH")) is None:
            raise StepFailed.permanently("mcp_server_missing", f"the program of the MCP server {name!r} is not there")
        names = json.dumps(sorted(environment))
        arguments = ["-I", "-S", mcp_keeper.__file__, str(os.getpid()), str(LONGEST_MESSAGE), names, *command]
        return StdioServerParameters(
            command=sys.executable, args=arguments, env=environment, encoding_error_handler="replace"
        )

    async def _heed_changes(self, client: Client) -> None:
        """Hear of changed tools at once. Of a server that does not tell, they are asked for once a minute."""
        if client.protocol_version not in MODERN_PROTOCOL_VERSIONS:
            return  # an older one tells unasked
        with suppress(MCPError, SubscriptionLost):
            async with client.listen(tools_list_changed=True) as changes:
                async for _ in changes:
                    self._known.forget_tools()

    async def _until_idle_or_dead(self, stderr: Stderr) -> None:
        while (left := self._seconds_left()) > 0:
            with anyio.move_on_after(left):
                await stderr.ended.wait()
                await self._note_death(stderr, None)
                return

    def _seconds_left(self) -> float:
        return IDLE_SECONDS if self._calls else self._used_at + IDLE_SECONDS - anyio.current_time()

    async def _heard(self, message: object) -> None:
        if isinstance(message, Exception):
            self._garbage += 1
            if self._garbage > _MOST_GARBAGE:
                said = f"the MCP server {self._name!r} writes what is not MCP to its standard output"
                self._fail(StepFailed.permanently("mcp_protocol", said))
                self.end()
        else:
            await self.known.heard(message)

    async def _reason(self) -> Exception:
        """Why the connection is closed: known for sure a moment later, when the process is gone."""
        self._retire()
        with anyio.move_on_after(_LAST_WORDS_SECONDS):
            await self._over.wait()
        return self._trouble or CutOff(self._lost("closed the connection"))

    async def _note_death(self, stderr: Stderr, error: Exception | None) -> None:
        found = None if error is None else leaf(error)
        if isinstance(found, StepFailed):
            self._fail(found)
            return
        with anyio.move_on_after(_LAST_WORDS_SECONDS):
            stderr.file.close()
            await stderr.ended.wait()
        if stderr.line_too_long and self._calls <= 1:  # of several calls, we do not know whose answer it was
            said = f"the MCP server {self._name!r} answered with more than {LONGEST_MESSAGE} bytes"
            self._fail(StepFailed.permanently("answer_too_large", said))
        elif found is None or isinstance(found, MCPError):
            stderr.log_last_words()
            self._fail(CutOff(self._lost("ended by itself")))
        else:
            self._fail(CutOff(self._lost(f"cannot be talked to: {type(found).__name__}: {found}")))

    def _fail(self, trouble: Exception) -> None:
        if self._trouble is None:
            self._trouble = trouble
        self._over.set()

    def _lost(self, what: str) -> StepError:
        return StepError(ErrorClass.RETRYABLE, "connection_lost", f"the MCP server {self._name!r} {what}"[:500])

    def _retire(self) -> None:
        """Leave further calls to a new one."""
        if _children.get(self._key) is self:
            del _children[self._key]


_children: dict[_Key, Child] = {}
_lives: set[asyncio.Task[None]] = set()
os.register_at_fork(after_in_child=_children.clear)


def child_of(name: str, server: StdioServer) -> Child:
    """The child that serves this server's calls; started if there is none."""
    key = (name, tuple(server.command), tuple(sorted(server.env.items())))
    child = _children.get(key)
    if child is None:
        child = _children[key] = Child(key)
        life = asyncio.get_running_loop().create_task(child.live())
        _lives.add(life)
        life.add_done_callback(_lives.discard)
    return child


def are_there() -> bool:
    """Whether this process has children that serve calls. May be asked in any thread."""
    return bool(_children)


async def end_all() -> None:
    """End every child, and wait until they have ended."""
    for child in list(_children.values()):
        child.end()
    await asyncio.gather(*_lives)
