"""A platform under load, ready for one fault: what every row of the matrix begins and ends with."""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.faults import histories
from tests.faults.effects import EffectServer
from tests.faults.histories import History
from tests.faults.homes import copy_of
from tests.faults.load import Load
from tests.faults.platform import Platform
from tests.faults.proxy import Proxy

_RELAY_SECONDS = 30  # for the last events to be published, when the runs took all the time there was


class Scene:
    """`platform` runs and `load` is made, but begins only with `load.start()`. `proxies` stand before `proxied` servers."""

    def __init__(self, platform: Platform, effects: EffectServer, load: Load, proxies: dict[str, Proxy]) -> None:
        self.platform = platform
        self.effects = effects
        self.load = load
        self.proxies = proxies

    def under_load(self, seconds: float) -> None:
        """Begin the load, and return when it has gone on for `seconds` and runs have ended."""
        self.load.start()
        self.go_on(seconds)
        self.platform.until(lambda: len(self.load.promised) > 2 * histories.unfinished(self.platform))

    def go_on(self, seconds: float) -> None:
        """Let the load go on for so long."""
        time.sleep(seconds)

    def runs_held_by(self, pids: set[int], *, at_least: int = 3) -> set[str]:
        """The runs leased to these processes, as soon as they are so many."""
        found: set[str] = set()

        def enough() -> bool:
            found.clear()
            found.update(histories.held_by(self.platform, pids))
            return len(found) >= at_least

        self.platform.until(enough)
        return found

    def settled(self, *, seconds: float = 90) -> History:
        """End the load, wait until every run has ended and every event is on the stream, and read what happened.

        After `seconds` it reads what there is: a run that never ends is for the checker to name.
        """
        self.load.stop()
        deadline = time.monotonic() + seconds
        _wait(lambda: not histories.unfinished(self.platform), deadline)
        _wait(lambda: not histories.events_missing(self.platform), max(deadline, time.monotonic() + _RELAY_SECONDS))
        return histories.read(self.platform, self.load, self.effects.calls)


@contextmanager
def scene(  # noqa: PLR0913 - what a row may want to vary
    template: Path,
    *,
    seed: int,
    workers: int = 2,
    beats: int = 2,
    webs: int = 1,
    rate: float = 60,
    scheduled: int = 10,
    proxied: Collection[str] = (),
    before: Callable[[Platform], dict[str, str]] = lambda _: {},
    **environment: str,
) -> Iterator[Scene]:
    """So many processes of each role on servers of their own, under `environment`; everything is ended in the end.

    proxied: "postgres", "redis" or both: every program reaches that server through `scene.proxies[...]` only, while the
    load's end and the histories go past it. before: called when the servers run and nothing else does; what it answers
    goes into the environment of every program.
    """
    effects = EffectServer()
    with copy_of(template) as home, ExitStack() as stack:
        platform = Platform(home, environment={"ORDINAUT_HTTP_ALLOW": effects.address} | environment)
        try:
            platform.start_postgres()
            platform.start_redis()
            proxies = {server: stack.enter_context(_proxy_before(server, platform)) for server in proxied}
            platform.environment |= before(platform)
            for role, number in (("web", webs), ("worker", workers), ("beat", beats)):
                for _ in range(number):
                    platform.start(role)
            platform.wait_until_ready()
            load = Load(platform.api, effects, seed=seed, rate=rate, scheduled=scheduled)
            yield Scene(platform, effects, load, proxies)
        finally:
            effects.close()
            platform.end()


def _proxy_before(server: str, platform: Platform) -> Proxy:
    if server == "postgres":
        proxy = Proxy(platform.postgres_socket)
        platform.environment["DATABASE_URL"] = proxy.database_url
    else:
        proxy = Proxy(platform.redis_socket)
        platform.environment["REDIS_URL"] = proxy.redis_url
    return proxy


def _wait(holds: Callable[[], bool], deadline: float) -> None:
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.5)
