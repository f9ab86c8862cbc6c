"""One thread at a time takes from the queue; whoever is about to wait lets another take over."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tasks_app.execution.crew import Crew

SECONDS = 5


class Work:
    """What the crew does: each item is a function of its own."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.changed = threading.Condition()

    def __call__(self, item: Callable[[], str]) -> None:
        name = item()
        with self.changed:
            self.done.append(name)
            self.changed.notify_all()

    def wait_for(self, *names: str) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: set(names) <= set(self.done), SECONDS), self.done


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def make_crew(work: Work) -> Iterator[Callable[..., Crew[Callable[[], str]]]]:
    made = []

    def make(size: int = 3, **options: float) -> Crew[Callable[[], str]]:
        made.append(Crew(work, size=size, **options))
        return made[-1]

    yield make
    for crew in made:
        crew.stop()
        for thread in list(crew._threads):
            thread.join(SECONDS)
            assert not thread.is_alive(), f"{thread.name} never ends"


MakeCrew = Callable[..., Crew[Callable[[], str]]]


def on_thread() -> str:
    return threading.current_thread().name


def blocking(gate: threading.Event, begun: threading.Event, before: Callable[[], object] = bool) -> Callable[[], str]:
    def item() -> str:
        before()
        begun.set()
        assert gate.wait(SECONDS)
        return "blocked"

    return item


def test_quick_items_are_done_by_one_thread_in_their_order(make_crew: MakeCrew, work: Work) -> None:
    crew, threads = make_crew(), set()

    def item(name: str) -> Callable[[], str]:
        return lambda: (threads.add(on_thread()), name)[1]

    names = [str(n) for n in range(50)]
    for name in names:
        crew.put(item(name))
    work.wait_for(*names)

    assert work.done == names
    assert len(threads) == 1


def test_whoever_keeps_the_baton_keeps_the_others_waiting(make_crew: MakeCrew, work: Work) -> None:
    crew, gate, begun = make_crew(), threading.Event(), threading.Event()
    crew.put(blocking(gate, begun))
    crew.put(lambda: "second")
    assert begun.wait(SECONDS)

    assert crew.backlog == 1
    assert work.done == []
    gate.set()
    work.wait_for("blocked", "second")


def test_whoever_steps_aside_lets_another_go_on(make_crew: MakeCrew, work: Work) -> None:
    crew, gate, begun = make_crew(), threading.Event(), threading.Event()
    crew.put(blocking(gate, begun, before=crew.step_aside))
    crew.put(lambda: "second")

    work.wait_for("second")

    assert work.done == ["second"]
    gate.set()
    work.wait_for("blocked")


def test_stepping_aside_twice_passes_one_baton(make_crew: MakeCrew, work: Work) -> None:
    crew, gate, begun = make_crew(), threading.Event(), threading.Event()

    def twice() -> None:
        crew.step_aside()
        crew.step_aside()

    crew.put(blocking(gate, begun, before=twice))
    assert begun.wait(SECONDS)
    other, other_begun = threading.Event(), threading.Event()
    crew.put(blocking(other, other_begun))
    assert other_begun.wait(SECONDS)
    crew.put(lambda: "third")

    assert work.done == [], "a second baton would have let a third thread go on"
    other.set()
    gate.set()
    work.wait_for("blocked", "third")


def test_a_holder_that_is_busy_for_too_long_is_relieved(make_crew: MakeCrew, work: Work) -> None:
    crew, gate, begun = make_crew(), threading.Event(), threading.Event()
    crew.put(blocking(gate, begun))
    assert begun.wait(SECONDS)

    crew.relieve(after=0)
    assert work.done == [], "nobody else waits"
    crew.put(lambda: "second")
    crew.relieve(after=SECONDS)
    assert work.done == [], "it has not been busy for so long"
    crew.relieve(after=0)

    work.wait_for("second")
    gate.set()
    work.wait_for("blocked")


def test_relieving_before_anybody_began_does_nothing(make_crew: MakeCrew, work: Work) -> None:
    crew = make_crew()
    crew.relieve(after=0)

    crew.put(lambda: "first")
    work.wait_for("first")


def test_what_is_taken_back_is_not_worked_on(make_crew: MakeCrew, work: Work) -> None:
    crew, gate, begun = make_crew(size=1), threading.Event(), threading.Event()
    crew.put(blocking(gate, begun))
    assert begun.wait(SECONDS)
    crew.put(lambda: "second")
    crew.put(lambda: "third")

    assert [item() for item in crew.take_back()] == ["second", "third"]

    gate.set()
    work.wait_for("blocked")
    crew.put(lambda: "fourth")
    work.wait_for("fourth")
    assert work.done == ["blocked", "fourth"]


def test_taking_back_does_not_take_the_order_to_end_from_the_threads(make_crew: MakeCrew, work: Work) -> None:
    crew, gate, begun = make_crew(size=2), threading.Event(), threading.Event()
    crew.put(blocking(gate, begun))
    assert begun.wait(SECONDS)
    crew.stop()

    assert crew.take_back() == []

    gate.set()
    for thread in list(crew._threads):
        thread.join(SECONDS)
        assert not thread.is_alive()


def test_a_crew_that_is_stopped_ends_what_it_has_begun(make_crew: MakeCrew, work: Work) -> None:
    crew, gate, begun = make_crew(), threading.Event(), threading.Event()
    crew.put(blocking(gate, begun))
    assert begun.wait(SECONDS)

    crew.stop()
    gate.set()

    work.wait_for("blocked")


def test_a_thread_is_made_when_one_is_needed_and_not_before(make_crew: MakeCrew, work: Work) -> None:
    crew, gate, seats = make_crew(3), threading.Event(), []
    assert crew.threads == 0

    for number in range(1, 4):
        begun = threading.Event()
        crew.put(blocking(gate, begun, before=lambda: (seats.append(crew.seat), crew.step_aside())))
        assert begun.wait(SECONDS)
        assert crew.threads == min(number + 1, 3)

    crew.put(lambda: "the fourth waits")
    assert crew.backlog == 1
    gate.set()
    work.wait_for("the fourth waits")
    assert sorted(seats) == [0, 1, 2]


def test_threads_without_work_end_but_for_the_one_that_waits_for_more(make_crew: MakeCrew, work: Work) -> None:
    crew, gate, begun = make_crew(5, idle=0.05), threading.Event(), threading.Event()
    for _ in range(4):
        crew.put(blocking(gate, begun, before=crew.step_aside))
    assert begun.wait(SECONDS)
    gate.set()
    work.wait_for("blocked")

    deadline = time.monotonic() + SECONDS
    while crew.threads > 1:
        assert time.monotonic() < deadline, "idle threads never end"
    crew.put(lambda: "later")
    work.wait_for("later")
    assert crew.threads == 1


def test_when_the_machine_gives_no_thread_work_waits_until_it_does(
    make_crew: MakeCrew, work: Work, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    crew = make_crew()

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        crew.put(lambda: "first")
    assert (crew.threads, crew.backlog) == (0, 1)
    assert "no further thread" in caplog.text

    crew.put(lambda: "second")
    work.wait_for("first", "second")
