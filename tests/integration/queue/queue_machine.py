"""QueueMachine: anything that can be done to the queue, each thing done to an oracle, too."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tasks_app import admission, queue
from tasks_app.admission import Openings
from tasks_app.execution.recorded import recorded_steps
from tasks_app.models import Run
from tasks_app.models.clock import database_now
from tasks_app.models.run import Lease
from tasks_app.queue import ClaimedRun
from tasks_app.states import FINISHED
from tests.integration.queue.acts import WRITE
from tests.integration.queue.drawn import ASKS, KINDS, NEW_RUN, STEP_STATES
from tests.integration.queue.oracle import FINAL, Expected, Oracle
from tests.integration.queue.planned import PlannedQueue
from tests.integration.queue.seen import Commit
from tests.making import LEASE, claim, make_agent, make_task, step
from tests.unit.queue_model.statements import LEASE as TICKS
from tests.unit.queue_model.statements import Blame


class QueueMachine(PlannedQueue):
    @initialize(wanted=st.lists(NEW_RUN, min_size=3, max_size=6))
    def begin(self, wanted: list[dict[str, Any]]) -> None:
        """With work under way, else most sequences would end before there is any."""
        self.savepoint = transaction.savepoint()
        first = make_agent()
        self.tasks = [make_task(created_by=first), make_task(created_by=first), make_task()]
        self.oracle = Oracle()
        self.leases: list[tuple[Lease, ClaimedRun]] = []
        self.overlooked = False
        self.finished = {}
        self.recorded = 0
        self.enqueue(wanted, asks=True)
        self._learn_times()  # being let in changes them
        self.claim(worker=0, limit=3)

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            transaction.savepoint_rollback(self.savepoint)

    # Workers.

    @rule(worker=st.integers(0, 2), limit=st.integers(1, 4))
    def claim(self, worker: int, limit: int) -> None:
        claimed = claim(f"worker {worker}", limit=limit)
        expected = self.oracle.claim(limit=limit, worker=worker)

        assert [run.id for run in claimed] == [run.id for run in expected]
        for run, wanted in zip(claimed, expected, strict=True):
            row = wanted.row
            assert (run.fence, run.attempt, run.losses, run.failures) == (
                row.fence,
                row.attempt,
                row.losses,
                row.failures,
            )
            self.leases.append((run.lease, run))
        self._check_what_need_not_be_done_again(expected)

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), asks=ASKS)
    def write(self, data: st.DataObject, asks: bool) -> None:
        """Several moves in one statement, of leases that may be long lost."""
        chosen = self._some_leases(data)
        moves, expected, openings = [], set(), Openings()
        for lease, claimed in chosen:
            kind = data.draw(KINDS)
            made = WRITE[kind](lease)
            # A step that waits is recorded with a move that says so.
            steps = [each for each in self._steps(data) if made.event or each[1] != "waiting"]
            moves.append(_with_steps(made, steps))
            if self.oracle.write(lease.run_id, fence=lease.fence, kind=kind, steps=steps):
                expected.add(lease.run_id)
                self._note_opening(openings, claimed, made.state)
        assert queue.move(moves) == expected
        if asks:
            admission.admit(openings)
        self._settle_admission(asks)

    @precondition(lambda self: self._recorded_for_good())
    @rule(data=st.data(), state=st.sampled_from(["succeeded", "failed", "skipped"]))
    def record_again(self, data: st.DataObject, state: str) -> None:
        """As a worker does that could not know what was recorded of a step."""
        lease, name = data.draw(st.sampled_from(self._recorded_for_good()))
        self.recorded += 1
        steps = [(name, state, self.recorded)]

        assert queue.move([_with_steps(queue.checkpoint(lease, steps=()), steps)]) == {lease.run_id}
        assert self.oracle.write(lease.run_id, fence=lease.fence, kind="checkpoint", steps=steps)

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        leases = [lease for lease, _ in self._some_leases(data)]
        ours = {lease.run_id for lease in leases if self._holds(lease)}

        assert queue.renew(leases, lease=LEASE * 100) == queue.Renewal(ours, {lease.run_id for lease in leases} - ours)

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def begin_suspects(self, data: st.DataObject) -> None:
        leases = [lease for lease, _ in self._some_leases(data)]
        still_ours = queue.still_ours(leases)

        begun = {each.run_id for each in leases if self.oracle.begin_suspect(each.run_id, fence=each.fence)}
        assert queue.begin_suspects(leases) == still_ours == begun

    @precondition(lambda self: self.leases)
    @rule(worker=st.integers(0, 2), data=st.data(), asks=ASKS)
    def bury(self, worker: int, data: st.DataObject, asks: bool) -> None:
        """An obituary may name what the worker held long ago, and what another has."""
        blamed = {lease: data.draw(st.integers(0, 3)) == 0 for lease, _ in self._some_leases(data)}
        blame = [queue.Blame(lease, "worker_lost", "This one.", timed_out=late) for lease, late in blamed.items()]
        with Commit(asks=asks):
            buried = queue.bury(worker=f"worker {worker}", blame=blame, message="Another.")
        fences = {lease.run_id: Blame(lease.fence, late) for lease, late in blamed.items()}
        assert sorted(buried) == self.oracle.bury(worker=worker, blame=fences)
        self._settle_admission(asks)

    # Time, and those who watch it.

    @precondition(lambda self: self._in_state("running"))
    @rule(data=st.data())
    def expire(self, data: st.DataObject) -> None:
        running = self._in_state("running")
        several = min(2, len(running))  # else there is seldom a choice whom to put back first
        for run in data.draw(st.lists(st.sampled_from(running), unique_by=id, min_size=several)):
            Run.objects.filter(pk=run.id).update(lease_until=database_now() - timedelta(minutes=1))
            run.row = run.row._replace(left=0)

    @precondition(lambda self: self._in_state("running"))
    @rule(limit=st.sampled_from([1, 1, 2, 100]), asks=ASKS)
    def reap(self, limit: int, asks: bool) -> None:
        ends = dict(Run.objects.filter(state="running").values_list("pk", "lease_until"))
        with Commit(asks=asks):
            reaped = queue.reap(limit=limit)
        assert sorted(reaped) == self.oracle.reap(limit=limit, ends=ends)
        self._settle_admission(asks)

    @precondition(lambda self: self._in_state("waiting"))
    @rule(data=st.data())
    def wait_over(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(self._in_state("waiting")))
        if not run.turn:
            Run.objects.filter(pk=run.id).update(run_at=database_now() - timedelta(minutes=1))
            run.row = run.row._replace(left=0)

    @rule(limit=st.sampled_from([1, 2, 100]), asks=ASKS)
    def promote(self, limit: int, asks: bool) -> None:
        with Commit(asks=asks):
            promoted = queue.promote(limit=limit)
        assert promoted == self.oracle.promote(limit=limit)
        self._settle_admission(asks)

    @rule()
    def admit_the_overlooked(self) -> None:
        self.oracle.admit()
        admission.admit(admission.overlooked(limit=100))
        while self.oracle.somebody_may_go_on():
            self._learn_times()
            self.oracle.admit()
            admission.admit(admission.overlooked(limit=100))
        self.overlooked = False
        assert not admission.overlooked(limit=100)

    # People.

    @precondition(lambda self: self.oracle.runs)
    @rule(data=st.data(), asks=ASKS)
    def cancel(self, data: st.DataObject, asks: bool) -> None:
        runs = data.draw(st.lists(st.sampled_from(sorted(self.oracle.runs)), unique=True, min_size=1, max_size=3))
        with Commit(asks=asks):
            canceled = queue.cancel(runs, reason="enough")
        assert set(canceled) == self.oracle.cancel(runs)
        self._settle_admission(asks)

    # How it is done.

    def _check_what_need_not_be_done_again(self, claimed: list[Expected]) -> None:
        recorded = recorded_steps([run.id for run in claimed])
        for run in claimed:
            done = {name: each.output for name, each in run.steps.items() if each.state != "failed"}
            assert {name: each.output for name, each in recorded.get(run.id, {}).items()} == done

    def _in_state(self, state: str) -> list[Expected]:
        return [run for run in self.oracle.runs.values() if run.row.state == state]

    def _holds(self, lease: Lease) -> bool:
        """Whether a renewal is granted, which makes the lease a long one."""
        run = self.oracle.runs[lease.run_id]
        held = run.row.fence == lease.fence and run.row.leased
        if held:
            run.row = run.row._replace(left=TICKS)
        return held

    def _some_leases(self, data: st.DataObject) -> list[tuple[Lease, ClaimedRun]]:
        chosen = st.lists(st.sampled_from(self.leases), unique_by=lambda each: each[0].run_id, min_size=1, max_size=3)
        return data.draw(chosen)

    def _steps(self, data: st.DataObject) -> list[tuple[str, str, int]]:
        """Steps with what came out of them, each time something else, whether they were recorded before or not."""
        chosen = data.draw(st.lists(st.sampled_from("abc"), unique=True, max_size=2))
        first = self.recorded
        self.recorded += len(chosen)
        return [(name, data.draw(st.sampled_from(STEP_STATES)), first + nth) for nth, name in enumerate(chosen)]

    def _recorded_for_good(self) -> list[tuple[Lease, str]]:
        """The steps of the running runs that are."""
        return [
            (Lease(run.id, run.row.fence), name)
            for run in self._in_state("running")
            for name, recorded in run.steps.items()
            if recorded.state in FINAL
        ]

    def _note_opening(self, openings: Openings, run: ClaimedRun, state: str) -> None:
        """As the worker does, from what it knew of the run when it claimed it."""
        if state in FINISHED:
            openings.add(run.lane, run.agent, run.concurrency_key, run.agent_limited)
        elif state == "waiting":
            openings.add("", run.agent, run.concurrency_key, run.agent_limited)


def _with_steps(move: queue.Move, steps: list[tuple[str, str, int]]) -> queue.Move:
    recorded = [step(name, state=state, output=output) for name, state, output in steps]
    return queue.Move(
        move.lease,
        move.state,
        move.outcome,
        move.event,
        recorded,
        move.error,
        move.waiting_for,
        move.delay,
        move.failures,
    )
