"""Where runs wait, begin and end, as the queue lets them: a lane's turn, a place under a key, a worker's slot.

    planned ─ start comes ─▶ lane: in turn? ─▶ key: a place? ─▶ ready ─ most urgent first ─▶ slot ─ its duration ─▶ ended

At one instant, what ends comes first, then what is decided, then what begins.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from heapq import heappop, heappush
from uuid import UUID

from tasks_app.models import Task
from tasks_app.planning.decide import Fire
from tasks_app.planning.forecast.subject import Subject
from tasks_app.planning.forecast.tally import Collision, Tally
from tasks_app.planning.standing import NOTHING, Standing, lane_of


class Stage(Enum):
    AHEAD = auto()
    IN_LANE = auto()
    AT_KEY = auto()
    READY = auto()
    RUNNING = auto()
    ENDED = auto()


@dataclass(slots=True, eq=False)
class Lane:
    """The unfinished runs of one lane, the oldest first, and how many of them have not had their turn."""

    runs: "OrderedDict[int, PlannedRun]" = field(default_factory=OrderedDict)
    waiting: int = 0


@dataclass(slots=True, eq=False)
class Key:
    """The runs that hold one concurrency key of one owner, and those that wait for it, the most urgent first."""

    holding: "dict[int, PlannedRun]" = field(default_factory=dict)
    waiting: "list[tuple[int, datetime, int, PlannedRun]]" = field(default_factory=list)
    newcomers: "list[PlannedRun]" = field(default_factory=list)
    collision: Collision | None = None


@dataclass(slots=True, eq=False)
class PlannedRun:
    """A run on its way; numbers are given in the order of planning. takes_turn: until it has had its turn."""

    number: int
    task: Task
    at: datetime
    start: datetime
    lasts: timedelta
    takes_turn: bool
    lane: Lane | None
    key: Key | None
    stage: Stage = Stage.AHEAD
    came_to_key: datetime | None = None


class Workers:
    """`slots` runs go on at a time. `now` is the virtual clock, which only goes forward."""

    def __init__(self, *, slots: int, now: datetime, tally: Tally) -> None:
        self.now = now
        self._free = slots
        self._tally = tally
        self._planned = 0
        self._lanes: dict[str, Lane] = {}
        self._keys: dict[tuple[UUID, str], Key] = {}
        self._changed: dict[Key, None] = {}  # keys with a place or a run more
        self._starts: list[tuple[datetime, int, PlannedRun]] = []
        self._ends: list[tuple[datetime, int, PlannedRun]] = []
        self._ready: list[tuple[int, datetime, int, PlannedRun]] = []
        self._waiting: dict[int, PlannedRun] = {}  # their time has come, and they have not begun

    def standing(self, task: Task) -> Standing:
        """How many of its runs go on now, and wait for their turn."""
        lane = self._lanes.get(lane_of(task))
        if lane is None or not lane.runs:
            return NOTHING
        return Standing(len(lane.runs), lane.waiting)

    def plan(self, subject: Subject, fire: Fire) -> None:
        task = subject.task
        lane = self._lanes.setdefault(name, Lane()) if (name := lane_of(task)) else None
        run = PlannedRun(
            self._planned, task, fire.at, fire.start, subject.lasts, fire.takes_turn, lane, self._key_of(task)
        )
        self._planned += 1
        if lane is not None:
            lane.runs[run.number] = run
            lane.waiting += run.takes_turn
        heappush(self._starts, (fire.start, run.number, run))

    def cancel_all(self, task: Task) -> None:
        """End what goes on of the task."""
        lane = self._lanes.get(lane_of(task))
        for run in list(lane.runs.values()) if lane else []:
            self._tally.canceled += 1
            self._end(run)
        self._admit()

    def live_until(self, moment: datetime) -> None:
        """What ends at `moment` has ended then; what begins at it has not begun."""
        while self.now < moment:
            self._begin()
            coming = (heap[0][0] for heap in (self._starts, self._ends) if heap)
            self.now = min([moment, *coming])
            while self._ends and self._ends[0][0] <= self.now:
                self._end(heappop(self._ends)[-1])
            self._admit()

    def left(self) -> tuple[int, float]:
        """How many wait, and how many seconds the longest of them has. Collisions that go on are told so far."""
        for key in self._keys.values():
            if key.collision is not None:
                self._note_waits(key, [rank[-1] for rank in key.waiting])
        waits = [(self.now - run.start).total_seconds() for run in self._waiting.values()]
        return len(waits), max(waits, default=0.0)

    def _key_of(self, task: Task) -> Key | None:
        if not task.concurrency_key:
            return None
        return self._keys.setdefault((task.created_by_id, task.concurrency_key), Key())

    def _begin(self) -> None:
        """What is to begin now: the places under keys, then the slots, go to the most urgent."""
        while self._starts and self._starts[0][0] <= self.now:
            run = heappop(self._starts)[-1]
            if run.stage is not Stage.ENDED:
                self._arrive(run)
        self._admit()
        while self._free and self._ready:
            run = heappop(self._ready)[-1]
            if run.stage is Stage.READY:
                run.stage = Stage.RUNNING
                self._free -= 1
                del self._waiting[run.number]
                self._tally.began(self.now, self.now - run.start)
                heappush(self._ends, (self.now + run.lasts, run.number, run))
        self._tally.depth(self.now, len(self._waiting))

    def _arrive(self, run: PlannedRun) -> None:
        self._waiting[run.number] = run
        if run.takes_turn and run.lane is not None and next(iter(run.lane.runs)) != run.number:
            run.stage = Stage.IN_LANE
        else:
            self._go_on(run)

    def _go_on(self, run: PlannedRun) -> None:
        """It waits for no turn, or no longer: then for a place under its key, if it has one."""
        if run.takes_turn and run.lane is not None:
            run.takes_turn = False
            run.lane.waiting -= 1
        if run.key is None:
            self._make_ready(run)
            return
        run.stage = Stage.AT_KEY
        run.came_to_key = self.now
        heappush(run.key.waiting, (-run.task.priority, run.start, run.number, run))
        run.key.newcomers.append(run)
        self._changed[run.key] = None

    def _make_ready(self, run: PlannedRun) -> None:
        run.stage = Stage.READY
        heappush(self._ready, (-run.task.priority, self.now, run.number, run))

    def _admit(self) -> None:
        """Give the free places under keys away, and note who finds none."""
        changed, self._changed = self._changed, {}
        for key in changed:
            while key.waiting:
                run = key.waiting[0][-1]
                if run.stage is Stage.AT_KEY:
                    if len(key.holding) >= run.task.concurrency_limit:
                        break
                    key.holding[run.number] = run
                    self._note_waits(key, [run])
                    self._make_ready(run)
                heappop(key.waiting)
            self._note_collision(key)

    def _note_collision(self, key: Key) -> None:
        if not key.waiting:
            if key.collision is not None:
                key.collision.until = self.now
            key.collision = None
        elif key.collision is None:
            key.collision = self._tally.collision(key.waiting[0][-1].task, now=self.now)
            for run in key.holding.values():
                key.collision.involve(run.task, run.at)
        if key.collision is not None:
            for run in key.newcomers:
                if run.stage is Stage.AT_KEY:
                    key.collision.involve(run.task, run.at)
        key.newcomers.clear()

    def _note_waits(self, key: Key, runs: list[PlannedRun]) -> None:
        if key.collision is not None:
            waits = [(self.now - run.came_to_key).total_seconds() for run in runs if run.came_to_key]
            key.collision.longest_wait = max(key.collision.longest_wait, *waits, 0.0)

    def _end(self, run: PlannedRun) -> None:
        if run.stage is Stage.ENDED:
            return
        if run.stage is Stage.RUNNING:
            self._free += 1
        self._waiting.pop(run.number, None)
        was, run.stage = run.stage, Stage.ENDED
        if run.key is not None:
            if was is Stage.AT_KEY:
                self._note_waits(run.key, [run])
            run.key.holding.pop(run.number, None)
            self._changed[run.key] = None
        if run.lane is not None:
            self._leave(run.lane, run)

    def _leave(self, lane: Lane, run: PlannedRun) -> None:
        lane.waiting -= run.takes_turn
        was_oldest = next(iter(lane.runs)) == run.number
        del lane.runs[run.number]
        if was_oldest and lane.runs:
            oldest = next(iter(lane.runs.values()))
            if oldest.stage is Stage.IN_LANE:
                self._go_on(oldest)
