"""PgQueuer as its guide has it, on asyncpg and uvloop, in batches of 100."""

import logging

import asyncpg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job
from pgqueuer.queries import Queries
from pgqueuer.types import QueueExecutionMode

from tests.benchmarks.peers.contestant import URL, take_part

_AT_ONCE = 10_000


async def _prepare(jobs: int) -> None:
    connection = await asyncpg.connect(URL)
    queries = Queries(AsyncpgDriver(connection))
    await queries.install()
    for done in range(0, jobs, _AT_ONCE):
        some = min(_AT_ONCE, jobs - done)
        await queries.enqueue(["noop"] * some, [None] * some, [0] * some)
    await connection.close()


async def _work() -> None:
    connection = await asyncpg.connect(URL)
    queue = PgQueuer(AsyncpgDriver(connection))

    @queue.entrypoint("noop")
    async def noop(job: Job) -> None:
        """Nothing at all."""

    await queue.qm.run(batch_size=100, mode=QueueExecutionMode.drain)


if __name__ == "__main__":
    logging.getLogger("pgqueuer").setLevel(logging.WARNING)
    take_part(lambda jobs: uvloop.run(_prepare(jobs)), lambda: uvloop.run(_work()))
