"""However many runs kill their process, no bystander is taken for one that does."""

import random
import uuid
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks_app.conf import Conf
from tasks_app.execution.held import HeldRun
from tasks_app.execution.suspects import AT_ONCE, Suspects
from tasks_app.execution.worker import Worker
from tasks_app.states import LOST_WORKERS_UNTIL_DEAD
from tests.unit.tasks_app.test_held import held


def test_few_of_those_lost_once_are_under_way_at_one_time() -> None:
    suspects, runs = Suspects(), [held(losses=1) for _ in range(AT_ONCE + 2)]
    for run in runs:
        suspects.add(run)

    assert suspects.ready(others=500) == runs[:AT_ONCE]
    for run in runs[:AT_ONCE]:
        suspects.begin(run)
    assert suspects.ready(others=500) == []
    suspects.end(runs[0])

    assert suspects.ready(others=500) == [runs[AT_ONCE]]
    assert (suspects.begun, suspects.waiting) == (AT_ONCE - 1, 2)


def test_those_that_wait_take_the_places_of_runs_that_others_could_begin() -> None:
    worker = Worker(name="worker", conf=Conf(worker_threads=20))
    assert worker._appetite(finishing=0) == 20

    for _ in range(20):
        worker._suspects.add(held(losses=1))

    assert worker._appetite(finishing=0) == 0


def test_one_lost_twice_waits_until_it_is_alone_and_stays_so() -> None:
    suspects, neighbour, last_chance, behind = Suspects(), held(losses=1), held(losses=2), held(losses=1)
    suspects.begin(neighbour)
    suspects.add(behind)
    suspects.add(last_chance)

    assert suspects.one_wants_to_be_alone
    assert suspects.ready(others=1) == suspects.ready(others=0) == []
    suspects.end(neighbour)
    assert suspects.ready(others=1) == []
    assert suspects.ready(others=0) == [last_chance]

    suspects.begin(last_chance)
    assert suspects.one_is_alone
    assert suspects.one_wants_to_be_alone
    assert suspects.ready(others=0) == []
    suspects.end(last_chance)
    assert suspects.ready(others=0) == [behind]
    assert not suspects.one_wants_to_be_alone


def test_those_that_wait_are_taken_back_and_those_that_began_are_not() -> None:
    suspects, begun, first, second = Suspects(), held(losses=1), held(losses=2), held(losses=1)
    suspects.begin(begun)
    suspects.add(first)
    suspects.add(second)
    assert first in suspects
    assert begun not in suspects

    assert suspects.take_back() == [first, second]

    assert (suspects.waiting, suspects.begun) == (0, 1)


@dataclass
class SimulatedRun:
    poisonous: bool
    losses: int = 0
    over: bool = False


@dataclass
class Process:
    """Begins what it holds by the rule of `Suspects`, and dies as soon as a poisonous run begins."""

    suspects: Suspects = field(default_factory=Suspects)
    ordinary: list[HeldRun] = field(default_factory=list)

    def under_way(self) -> list[HeldRun]:
        return [*self.ordinary, *self.suspects._begun]


def simulate(runs: dict[uuid.UUID, SimulatedRun], *, processes: int, batch: int, chance: random.Random) -> int:
    """Let the pool work until every run is over; answers in how many rounds."""
    pool = [Process() for _ in range(processes)]
    queued = list(runs)
    chance.shuffle(queued)
    for rounds in range(10_000):
        if all(run.over for run in runs.values()):
            return rounds
        process = chance.choice(pool)
        begin_some(process, runs, queued, batch=batch)
        if chance.random() < 0.5:
            finish_some(process, runs, chance)
        if any(runs[run.claimed.id].poisonous for run in process.under_way()):
            queued += bury(process, runs)
            chance.shuffle(queued)
            pool[pool.index(process)] = Process()
        elif chance.random() < 0.7:
            finish_some(process, runs, chance)
    raise AssertionError("some run is never over")


def begin_some(process: Process, runs: dict[uuid.UUID, SimulatedRun], queued: list[uuid.UUID], *, batch: int) -> None:
    if not process.suspects.one_wants_to_be_alone:
        for number in [queued.pop(0) for _ in range(min(batch, len(queued)))]:
            run = held(losses=runs[number].losses, number=number)
            process.suspects.add(run) if runs[number].losses else process.ordinary.append(run)
    elif not process.suspects.one_is_alone:
        queued += [run.claimed.id for run in process.under_way()]  # handed back to make room
        process.ordinary.clear()
        for run in list(process.suspects._begun):
            process.suspects.end(run)
    for run in process.suspects.ready(others=len(process.ordinary)):
        process.suspects.begin(run)


def finish_some(process: Process, runs: dict[uuid.UUID, SimulatedRun], chance: random.Random) -> None:
    for run in process.under_way():
        if not runs[run.claimed.id].poisonous and chance.random() < 0.5:
            runs[run.claimed.id].over = True
            process.suspects.end(run)
            process.ordinary = [each for each in process.ordinary if each is not run]


def bury(process: Process, runs: dict[uuid.UUID, SimulatedRun]) -> list[uuid.UUID]:
    """What the queue does with a dead worker's runs; answers those that go on."""
    waiting = [run.claimed.id for run in process.suspects.take_back()]
    for run in process.under_way():
        lost = runs[run.claimed.id]
        lost.losses += 1
        lost.over = lost.losses >= LOST_WORKERS_UNTIL_DEAD
    return waiting + [run.claimed.id for run in process.under_way() if not runs[run.claimed.id].over]


@settings(max_examples=60, deadline=None)
@given(
    ordinary=st.integers(0, 60),
    poisonous=st.integers(0, 15),
    processes=st.integers(1, 4),
    batch=st.integers(1, 30),
    seed=st.integers(0, 10_000),
)
def test_every_poison_dies_of_its_third_process_and_nobody_else_ever(
    ordinary: int, poisonous: int, processes: int, batch: int, seed: int
) -> None:
    runs = {uuid.UUID(int=n): SimulatedRun(poisonous=n < poisonous) for n in range(ordinary + poisonous)}

    simulate(runs, processes=processes, batch=batch, chance=random.Random(seed))

    assert all(run.losses == LOST_WORKERS_UNTIL_DEAD for run in runs.values() if run.poisonous)
    assert all(run.losses < LOST_WORKERS_UNTIL_DEAD for run in runs.values() if not run.poisonous)
