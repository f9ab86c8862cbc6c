"""Runs are planned, and go on when it is their turn: done to the queue and to the oracle."""

from datetime import datetime
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tasks_app import queue
from tasks_app.models import Task
from tasks_app.models.clock import database_now
from tasks_app.queue import NewRun
from tasks_app.states import Trigger
from tests.integration.queue.drawn import ASKS, NEW_RUN
from tests.integration.queue.invariants import ComparedQueue
from tests.integration.queue.oracle import Expected
from tests.integration.queue.seen import Commit, seen_runs
from tests.unit.queue_model.statements import WAIT, Row


class PlannedQueue(ComparedQueue):
    """`overlooked`: since nobody has asked who goes on, or not again, not everybody does who may."""

    tasks: list[Task]
    overlooked: bool

    @rule(wanted=st.lists(NEW_RUN, min_size=1, max_size=4), asks=ASKS)
    def enqueue(self, wanted: list[dict[str, Any]], asks: bool) -> None:
        asked = database_now()
        new = [self._new(asked, **fields) for fields in wanted]
        with Commit(asks=asks):
            planned = queue.enqueue(new)
            taken = {(run.task, run.scheduled_for) for run in self.oracle.runs.values() if run.scheduled_for}
            expected = []
            for each in new:
                if each.scheduled_for is None or (each.task, each.scheduled_for) not in taken:
                    expected.append(each)
                    taken.add((each.task, each.scheduled_for))
            assert len(planned) == len(expected)
            for run, each in zip(planned, expected, strict=True):
                self._plan(run, each, late=bool(each.start and each.start > asked))
            self._learn_times()
        self._settle_admission(asks)

    @rule(nth=st.integers(0, 2), asks=ASKS)
    def leave_lane(self, nth: int, asks: bool) -> None:
        task = self.tasks[nth]
        with Commit(asks=asks):
            queue.change_lane(task.pk, old=_lane(task), new="")
        self.oracle.leave_lane(task.pk, _lane(task))
        self._settle_admission(asks)

    def _new(self, asked: datetime, **fields: Any) -> NewRun:
        task = self.tasks[fields["task"]]
        return NewRun(
            task=task.pk,
            task_version=1,
            agent=task.created_by_id,
            priority=fields["priority"],
            trigger=Trigger.SCHEDULE if fields["scheduled_for"] else Trigger.RUN_NOW,
            scheduled_for=fields["scheduled_for"],
            start=fields["start"] and asked + fields["start"],
            lane=_lane(task) if fields["in_lane"] else "",
            takes_turn=fields["in_lane"] and fields["takes_turn"],
            concurrency_key=fields["key"],
            concurrency_limit=fields["limit"],
        )

    def _plan(self, run: UUID, new: NewRun, *, late: bool) -> None:
        ruled = new.takes_turn or bool(new.concurrency_key)
        state = "waiting" if late or ruled else "queued"
        self.oracle.runs[run] = Expected(
            run, new.task, new.agent, new.priority, Row(state=state, left=WAIT if late else 0),
            new.lane, new.takes_turn, new.concurrency_key, new.concurrency_limit, new.scheduled_for,
            turn=ruled and not late, took_turns=new.takes_turn,
        )  # fmt: skip

    def _learn_times(self) -> None:
        for run, row in seen_runs().items():
            self.oracle.runs[run].run_at, self.oracle.runs[run].fair_at = row.run_at, row.fair_at

    def _settle_admission(self, asks: bool) -> None:
        """Where nobody asks, or not again, not everybody goes on who may, until the overlooked are let in."""
        self.overlooked |= not asks
        if self.overlooked:
            self._adopt_admissions()
        else:
            self.oracle.admit()
            self.overlooked = self.oracle.somebody_may_go_on()

    def _adopt_admissions(self) -> None:
        """Some that could be let in were: believe the database as to whom, and nothing else."""
        for nth, row in seen_runs().items():
            run = self.oracle.runs[nth]
            if run.takes_turn and not row.takes_turn:
                assert run.turn
                run.takes_turn = False
            if run.turn and row.counted.state == "queued":
                assert not run.takes_turn
                run.turn = False
                run.row = run.row._replace(state="queued", left=0)
                run.events.append("run.queued")


def _lane(task: Task) -> str:
    return f"task:{task.pk}"
