"""Asynchronous work that a thread waits for ends with its time, its run and its failures."""

import threading

import anyio
import pytest

from pipelines.errors import Interrupted
from pipelines.transports.event_loop import OutOfTime, _Job, in_loop


def never_stopped() -> None:
    """Nobody tells the run to stop."""


class Work:
    """Work without an end, which notes how far it came."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.cleaned_up = threading.Event()

    async def do(self) -> None:
        self.begun.set()
        try:
            await anyio.sleep(600)
        finally:
            self.cleaned_up.set()


def test_the_work_is_done_in_another_thread_and_its_result_is_returned() -> None:
    async def work() -> int:
        return threading.get_ident()

    assert in_loop(work, seconds=10, check=never_stopped) != threading.get_ident()


def test_what_the_work_raises_is_raised() -> None:
    async def work() -> None:
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"):
        in_loop(work, seconds=10, check=never_stopped)


def test_a_timeout_of_the_works_own_is_not_taken_for_the_end_of_its_time() -> None:
    async def work() -> None:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        in_loop(work, seconds=10, check=never_stopped)


def test_work_that_is_not_done_in_time_is_canceled() -> None:
    work = Work()

    with pytest.raises(OutOfTime):
        in_loop(work.do, seconds=0.05, check=never_stopped)

    assert work.cleaned_up.wait(10)


def test_work_of_a_run_that_is_told_to_stop_is_canceled() -> None:
    work = Work()

    def check() -> None:
        if work.begun.is_set():
            raise Interrupted

    with pytest.raises(Interrupted):
        in_loop(work.do, seconds=600, check=check)

    assert work.cleaned_up.wait(10)


def test_work_that_is_canceled_before_it_has_begun_does_not_begin() -> None:
    work = Work()
    job = _Job(work.do, 600)
    job.cancel()

    with pytest.raises(OutOfTime):
        anyio.run(job.run)

    assert not work.begun.is_set() or work.cleaned_up.is_set()
