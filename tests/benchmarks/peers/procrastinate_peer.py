"""Procrastinate with asynchronous jobs, several of them at once in a process, as its guide to concurrency has it."""

import asyncio
import os

from procrastinate import App, PsycopgConnector

from tests.benchmarks.peers.contestant import URL, take_part

_CONCURRENCY = int(os.environ.get("BENCH_PROCRASTINATE_CONCURRENCY", "10"))
_AT_ONCE = 1_000

app = App(connector=PsycopgConnector(conninfo=URL, min_size=2, max_size=_CONCURRENCY + 2))


@app.task(name="noop")
async def noop() -> None:
    """Nothing at all."""


async def _prepare(jobs: int) -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for done in range(0, jobs, _AT_ONCE):
            await noop.batch_defer_async(*[{}] * min(_AT_ONCE, jobs - done))


async def _work() -> None:
    async with app.open_async():
        await app.run_worker_async(concurrency=_CONCURRENCY, wait=False)


if __name__ == "__main__":
    take_part(lambda jobs: asyncio.run(_prepare(jobs)), lambda: asyncio.run(_work()))
