"""Every reachable state, breadth first, so that a violation is found by a shortest way.

States that differ only in what nobody compares are one: workers and runs are interchangeable, fences are only compared with
each other, nothing reads how many attempts there were, and of a finished run only whether it was canceled.

Safety is looked at on each step and each state. That no run is lost is looked at on the whole graph, twice:

- From each state, some way leads to one in which all runs have finished (backwards from those).
- Under fairness, every way does. Each duty (claim, write, give up, reap, promote, a tick, ...) is weakly fair: whoever could
  do it all the time does it at last. Crashes, lost answers, hand-backs, sleeps and further effects are rare: they may happen
  anywhere, but in one run's life only so often, so for ever without them. A run could then go on for ever only inside one
  strongly connected component of the graph without those steps; and it fairly can if each duty is either done within the
  component or cannot be done in some state of it. A component is as unfair as its largest one, so looking at the maximal
  ones is enough; doing nothing counts as a step from each state to itself, so a deadlock is such a component, too.
  Since workers are folded, the duties are those of whoever can: that at least one live worker keeps acting is assumed, that
  both do is not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import permutations

from tests.unit.queue_model.machine import Asked, Property, Setup, Worker, World, broken_in, finished, steps
from tests.unit.queue_model.statements import Row


@dataclass(frozen=True)
class Violation:
    property: str
    trace: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([f"{self.property}:", *(f"{nth:3} {what}" for nth, what in enumerate(self.trace, 1))])


@dataclass
class Exploration:
    setup: Setup
    states: list[World] = field(default_factory=list)
    edges: list[list[tuple[int, str, bool]]] = field(default_factory=list)  # to which state, the duty, whether rare
    asked: set[Asked] = field(default_factory=set)
    violation: Violation | None = None
    _numbers: dict[World, int] = field(default_factory=dict)
    _parents: list[tuple[int, str]] = field(default_factory=list)

    @property
    def transitions(self) -> int:
        return sum(map(len, self.edges))

    def run(self) -> "Exploration":
        self._number(self.setup.beginning(), (-1, ""))
        at = 0
        while at < len(self.states) and self.violation is None:
            self._follow(at)
            at += 1
        return self

    def check_that_runs_end(self) -> "Exploration":
        """After `run` found nothing: that every run ends, if those who act keep acting."""
        ends = self._can_end()
        lost = next((number for number in range(len(self.states)) if number not in ends), None)
        if lost is not None:
            self.violation = Violation(Property.LOST, self._trace(lost))
            return self
        for component in self._components():
            if self._may_stay_in(component):
                trace = (*self._trace(min(component)), f"... and then among {len(component)} states for ever")
                self.violation = Violation(Property.LIVELOCK, trace)
                break
        return self

    def _follow(self, at: int) -> None:
        outgoing = []
        for step in steps(self.states[at], self.setup):
            if step.asked:
                self.asked.add(step.asked._replace(row=step.asked.row._replace(fence=0, attempt=0, worker=0)))
            known = len(self.states)
            number = self._number(folded(step.world), (at, step.what))
            outgoing.append((number, step.duty, step.rare))
            broken = step.broken or (broken_in(step.world) if number == known else "")
            if broken and self.violation is None:
                self.violation = Violation(broken, (*self._trace(at), step.what))
        self.edges.append(outgoing)

    def _number(self, world: World, parent: tuple[int, str]) -> int:
        number = self._numbers.setdefault(world, len(self.states))
        if number == len(self.states):
            self.states.append(world)
            self._parents.append(parent)
        return number

    def _trace(self, number: int) -> tuple[str, ...]:
        trace = []
        while number > 0:
            number, what = self._parents[number]
            trace.append(what)
        return tuple(reversed(trace))

    def _can_end(self) -> set[int]:
        before: list[list[int]] = [[] for _ in self.states]
        for number, outgoing in enumerate(self.edges):
            for after, _, _ in outgoing:
                before[after].append(number)
        ends = {number for number, world in enumerate(self.states) if finished(world)}
        open_ends = list(ends)
        while open_ends:
            for number in before[open_ends.pop()]:
                if number not in ends:
                    ends.add(number)
                    open_ends.append(number)
        return ends

    def _may_stay_in(self, component: list[int]) -> bool:
        inside = set(component)
        can = [{duty for _, duty, _ in self.edges[number] if duty} for number in component]
        always_possible = set.intersection(*can)
        done_inside = {duty for number in component for after, duty, rare in self.edges[number] if after in inside}
        return always_possible <= done_inside

    def _components(self) -> Iterator[list[int]]:
        """Tarjan's, without recursion, of the unfinished states and the steps that are not rare."""
        unfinished = [not finished(world) for world in self.states]
        after = [[number for number, _, rare in outgoing if not rare and unfinished[number]] for outgoing in self.edges]
        index: dict[int, int] = {}
        low: dict[int, int] = {}
        stack: list[int] = []
        on_stack: set[int] = set()
        for root in range(len(self.states)):
            if not unfinished[root] or root in index:
                continue
            index[root] = low[root] = len(index)
            stack.append(root)
            on_stack.add(root)
            work = [(root, iter(after[root]))]
            while work:
                number, following = work[-1]
                following_number = next(following, None)
                if following_number is None:
                    work.pop()
                    if work:
                        low[work[-1][0]] = min(low[work[-1][0]], low[number])
                    if low[number] == index[number]:
                        where = stack.index(number) if stack[-1] != number else len(stack) - 1
                        component = stack[where:]
                        del stack[where:]
                        on_stack.difference_update(component)
                        yield component
                elif following_number not in index:
                    index[following_number] = low[following_number] = len(index)
                    stack.append(following_number)
                    on_stack.add(following_number)
                    work.append((following_number, iter(after[following_number])))
                elif following_number in on_stack:
                    low[number] = min(low[number], index[following_number])


def folded(world: World) -> World:
    """The one that stands for all that are like it."""
    for run in range(len(world.rows)):
        world = _with_run_folded(world, run)
    if len(world.rows) == 1:
        return World(world.rows, tuple(sorted(world.workers)))
    return min(
        _rearranged(world, workers, runs)
        for workers in permutations(range(len(world.workers)))
        for runs in permutations(range(len(world.rows)))
    )


def _rearranged(world: World, workers: tuple[int, ...], runs: tuple[int, ...]) -> World:
    rows = [world.rows[run] for run in runs]
    after = [world.workers[nth] for nth in workers]
    return World(
        tuple([row._replace(worker=workers.index(row.worker)) for row in rows]),
        tuple([Worker(each.claiming, tuple([each.holds[run] for run in runs])) for each in after]),
    )


def _with_run_folded(world: World, run: int) -> World:
    fences = {world.rows[run].fence} | {hold.fence for each in world.workers if (hold := each.holds[run])}
    if max(fences) >= len(fences):
        world = _with_fences(world, run, {fence: place for place, fence in enumerate(sorted(fences))})
    row = world.rows[run]
    if row.finished:
        row = Row("canceled" if row.state == "canceled" else "succeeded", fence=row.fence)
    elif row.attempt:
        row = row._replace(attempt=0)
    return World((*world.rows[:run], row, *world.rows[run + 1 :]), world.workers)


def _with_fences(world: World, run: int, rank: dict[int, int]) -> World:
    workers = []
    for claiming, holds in world.workers:
        hold = holds[run]
        known = hold and hold._replace(fence=rank[hold.fence])
        workers.append(Worker(claiming, (*holds[:run], known, *holds[run + 1 :])))
    row = world.rows[run]._replace(fence=rank[world.rows[run].fence])
    return World((*world.rows[:run], row, *world.rows[run + 1 :]), tuple(workers))
