"""F29: expressions, patterns and recurrences that would take for ever, among the runs of others."""

from datetime import timedelta

import pytest

from tests.faults.conftest import SceneOf
from tests.faults.histories import History, Run
from tests.faults.load import pure_pipeline
from tests.faults.results import Row

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
LIMIT = 1.0  # seconds that a step of pure expressions is given; its budget is smaller
STUCK = 4  # seconds without any Python after which a process is ended (ORDINAUT_STUCK_SECONDS)
ROUNDS = 3
PLANTED = "tasks_app.catalogue: import bombs; _right = _builtin; _builtin = cache(lambda a: bombs.with_pattern_tool(_right(a)))"
TENFOLD = " | [@,@,@,@,@,@,@,@,@,@][]" * 4
LARGE = {"n": {"v": list(range(10_000))}, "m": {"v": [*range(9_999), -1]}, "t": "x" * 50_000}
EXPRESSIONS = (
    f"length([params.n]{TENFOLD} | [*].length(to_string(@)))",
    f"length([params.n]{TENFOLD} | [*].sum(v))",
    f"length([params.n]{TENFOLD} | [?@ == @])",
    f"{{l: [params.n]{TENFOLD}, m: params.m}} | contains(l, m)",
    f"length(sort([params.t, params.t]{TENFOLD}))",
    "params" + ".[@,@]" * 80 + " == params" + ".[@,@]" * 80,
    "params.n.v[].[@,@,@,@,@,@,@,@,@,@,@,@][]",
    "join('', params.[t,t,t,t,t,t,t,t,t,t,t,t,t,t,t,t,t,t,t,t,t,t])",
)
RULES = (
    "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;BYSETPOS=366",
    "FREQ=MINUTELY;INTERVAL=1439;BYHOUR=3;BYMINUTE=7;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU;BYSETPOS=-1",
)


@pytest.mark.fault("F29", "expressions, templates and recurrences that grow without bound, in one run of a hundred")
def test_expressions_that_explode_fail_their_own_step_and_no_other_run(scene_of: SceneOf, row: Row) -> None:
    with scene_of(workers=1) as scene:
        steps = [[{"id": "bomb", "uses": "debug.echo", "with": {"value": f"${{{text}}}"}}] for text in EXPRESSIONS]
        payloads = [{"params": LARGE, "pipeline": step} for step in steps]
        bombs = [
            scene.load.add_task(step, payload=payload)["id"] for step, payload in zip(steps, payloads, strict=True)
        ]
        answers = [scene.platform.api.ask("POST", "/api/v1/tasks", recurring(rule)) for rule in RULES]
        scene.under_load(seconds=3)
        for _ in range(ROUNDS):
            for bomb in bombs:
                scene.load.run_now(bomb)
                scene.go_on(1)
        history = scene.settled()
        missed = scene.platform.api.metric("orchestrator_heartbeats_missed_total")

    row.measure("longest run of a bomb", longest(history, bombs), unit="s", at_most=LIMIT + 2)
    row.measure("bombs that did not fail", sum(run.state != "failed" for run in of(history, bombs)), at_most=0)
    row.measure("longest answer to a recurrence", max(each.seconds for each in answers), unit="s", at_most=LIMIT + 2)
    row.measure("heartbeats missed", missed, at_most=0)
    row.measure("others that did not succeed", not_well(history, bombs), at_most=0)
    row.measure("leases lost", sum(each.outcome == "lost" for each in history.attempts), at_most=0)
    row.judge(history)


@pytest.mark.fault("F29", "a pattern in a tool's schema that stops every thread of its process")
def test_a_pattern_that_never_ends_costs_its_process_and_its_own_run_only(scene_of: SceneOf, row: Row) -> None:
    with scene_of(workers=2, ORDINAUT_STUCK_SECONDS=str(STUCK), FAULTS_AFTER_IMPORT=PLANTED) as scene:
        steps = [{"id": "bomb", "uses": "bombs.pattern", "with": {"text": "${params.text}"}}]
        payload = {"params": {"text": "a" * 60 + "!"}, "pipeline": steps}
        bomb = scene.load.add_task(steps, payload=payload)["id"]
        scene.under_load(seconds=3)
        run = scene.load.run_now(bomb)
        scene.platform.until(
            lambda: scene.platform.api.must("GET", f"/api/v1/runs/{run}")["status"] in ("dead", "failed")
        )
        history = scene.settled()

    row.measure("longest attempt of it", longest_attempt(history, run), unit="s", at_most=STUCK + LIMIT + 2)
    row.measure("others that did not succeed", not_well(history, [bomb]), at_most=0)
    row.measure("workers lost by one of the others", max(each.losses for each in history.runs if each.id != run))
    row.judge(history)


def recurring(rule: str) -> dict[str, object]:
    rules = {"schedule_kind": "rrule", "schedule_expr": rule}
    return {"title": "Bomb", "payload": {"pipeline": pure_pipeline()}} | rules


def of(history: History, tasks: list[str]) -> list[Run]:
    return [run for run in history.runs if run.task in tasks]


def not_well(history: History, bombs: list[str]) -> int:
    return sum(run.state != "succeeded" for run in history.runs if run.task not in bombs)


def longest(history: History, bombs: list[str]) -> float:
    """Seconds from claim to end, of the run of a bomb that took the longest."""
    runs = [run.id for run in history.runs if run.task in bombs]
    return max(longest_attempt(history, run) for run in runs)


def longest_attempt(history: History, run: str) -> float:
    times = [attempt.finished_at - attempt.started_at for attempt in history.attempts_of[run]]
    return max(times, default=timedelta()).total_seconds()
