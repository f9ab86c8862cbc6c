"""What a worker does with a run that it holds: begin it, renew its lease, start effects, and write how it goes on."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tests.unit.queue_model import statements
from tests.unit.queue_model.statements import Guard, Row
from tests.unit.queue_model.world import Asked, Doing, Hold, Property, Setup, Step, Worker, World, changed

WRITTEN: Final = ("succeed", "checkpoint", "retry", "park", "release")  # `fail` and `time_out` are like `succeed`
RARE: Final = frozenset({"checkpoint", "park", "release"})


class View(NamedTuple):
    """One worker's hold of one run, and what it leads to."""

    world: World
    nth: int
    run: int
    hold: Hold
    setup: Setup

    @property
    def row(self) -> Row:
        return self.world.rows[self.run]

    @property
    def worker(self) -> Worker:
        return self.world.workers[self.nth]

    @property
    def kills(self) -> bool:
        return self.run in self.setup.kills

    @property
    def current(self) -> bool:
        return self.row.fence == self.hold.fence

    def says(self, what: str) -> str:
        return f"worker {self.nth} {what} run {self.run}"

    def duty(self, name: str) -> str:
        return name if self.current else f"{name} of a zombie"

    def becomes(self, hold: Hold | tuple[()], row: Row | None = None) -> World:
        world = self.world.with_worker(self.nth, self.worker.holding(self.run, hold))
        return world if row is None else world.with_row(self.run, row)


def holding(view: View) -> Iterator[Step]:
    """Everything that can happen next to what one worker holds of one run, but that its worker dies."""
    hold = view.hold
    yield from _renewing(view)
    if hold.doing == Doing.WAITING:
        yield from _beginning(view)
        yield from _writing(view, kinds=("release",))
    elif hold.doing == Doing.RESTING:
        yield from _effect(view)
        if hold.trust == 0:
            yield Step(view.says("gives up"), view.becomes(()), view.duty("give up"))
        if view.setup.in_flight:
            yield Step(
                view.says("sends a move of"), view.becomes(hold._replace(doing=Doing.WRITING)), view.duty("send")
            )
        else:
            yield from _writing(view)
    elif hold.doing == Doing.WRITING:
        yield from _writing(view)
    else:
        resting = view.becomes(hold._replace(doing=Doing.RESTING))
        yield Step(view.says("starts an effect of"), resting, view.duty("effect"), broken=_broken_by_effect(view))


def _beginning(view: View) -> Iterator[Step]:
    """That a suspect begins is recorded before it does."""
    if not _may_begin(view):
        return
    begun = view.hold._replace(doing=Doing.RESTING)
    if Guard.SUSPECT_RECORDED in view.setup.without:
        yield Step(view.says("begins, and tells nobody,"), view.becomes(begun), view.duty("begin"))
        return
    asked = Asked(view.row, "begin_suspect", view.current)
    after = statements.begin_suspect(view.row, fence=view.hold.fence, without=view.setup.without)
    if after is None:
        yield Step(view.says("is refused to begin"), view.becomes(()), view.duty("begin"), asked=asked)
        return
    broken = _broken_by_write(view, after)
    yield Step(view.says("begins"), view.becomes(begun, after), view.duty("begin"), broken=broken, asked=asked)
    if view.setup.in_flight:
        unknown = view.becomes(view.hold, after)
        yield Step(view.says("records the beginning, and hears no answer, of"), unknown, rare=True, broken=broken)


def _may_begin(view: View) -> bool:
    others = [hold for run, hold in enumerate(view.worker.holds) if hold and run != view.run]
    if view.hold.alone:
        return not any(each.begun for each in others)
    return not any(each.alone for each in others)


def _effect(view: View) -> Iterator[Step]:
    if view.hold.trust == 0 and Guard.TRUST_LOOK not in view.setup.without:
        return
    if view.setup.in_flight:
        starting = view.becomes(view.hold._replace(doing=Doing.STARTING))
        yield Step(view.says("looks at its trust of"), starting, rare=True)
    else:
        yield Step(view.says("starts an effect of"), view.world, rare=True, broken=_broken_by_effect(view))


def _broken_by_effect(view: View) -> str:
    """A worker learns of a cancel from its next heartbeat or write: until then it may start an effect."""
    fine = view.current and (view.row.leased or view.row.state == "canceled")
    return "" if fine else Property.EFFECT


def _renewing(view: View) -> Iterator[Step]:
    hold, setup = view.hold, view.setup
    if hold.renewal == "granted":
        trust = hold.renewed_trust if Guard.TRUST_FROM_SENDING not in setup.without else setup.fresh_trust
        learnt = hold._replace(trust=trust, renewal="", renewed_trust=0)
        yield Step(view.says("learns of its renewal of"), view.becomes(learnt))
        return
    if setup.in_flight and hold.renewal == "":
        sent = hold._replace(renewal="sent", renewed_trust=setup.fresh_trust)
        yield Step(view.says("sends a renewal of"), view.becomes(sent))
        return
    asked = Asked(view.row, "renew", view.current)
    after = statements.renew(view.row, fence=hold.fence, without=setup.without)
    if after is None:
        stopped = hold._replace(trust=0, renewal="", renewed_trust=0)
        left = () if hold.doing == Doing.RESTING else stopped
        yield Step(view.says("is refused a renewal of"), view.becomes(left), asked=asked)
        return
    broken = changed(view.row, after)
    if view.row.left == 0:
        broken = Property.REVIVED
    if not view.current:
        broken = Property.STALE_WRITE
    granted = hold._replace(renewal="granted") if setup.in_flight else hold._replace(trust=setup.fresh_trust)
    yield Step(view.says("renews its lease of"), view.becomes(granted, after), broken=broken, asked=asked)


def _writing(view: View, *, kinds: Sequence[str] = WRITTEN) -> Iterator[Step]:
    resting = view.hold._replace(doing=Doing.RESTING)
    for kind in kinds:
        rare = kind in RARE
        if (kind == "retry" and view.row.failures >= view.setup.retries) or (view.kills and not rare):
            continue
        asked = Asked(view.row, kind, view.current)
        after = statements.move(view.row, fence=view.hold.fence, kind=kind, without=view.setup.without)
        if after is None:
            yield Step(view.says("is refused a move of"), view.becomes(()), view.duty("write"), asked=asked)
            return
        broken = _broken_by_write(view, after)
        known = view.becomes(resting if kind == "checkpoint" else (), after)
        yield Step(
            view.says(f"writes {kind} of"), known, "" if rare else view.duty("write"), rare, broken=broken, asked=asked
        )
        if view.setup.in_flight and view.hold.begun:
            unknown = view.becomes(view.hold, after)
            yield Step(view.says(f"writes {kind}, and hears no answer, of"), unknown, rare=True, broken=broken)


def _broken_by_write(view: View, after: Row) -> str:
    if not view.current:
        return Property.STALE_WRITE
    if view.row.finished:
        return changed(view.row, after)
    return "" if view.row.state == "running" else Property.UNLEASED_WRITE
