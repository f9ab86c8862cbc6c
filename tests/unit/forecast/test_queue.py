"""Where runs wait in a forecast: for a slot, for a place under a key; and how that is told."""

import random
from datetime import timedelta
from uuid import UUID

from tasks_app.planning.forecast.peaks import peaks
from tasks_app.planning.forecast.tally import MOST_COLLISIONS, MOST_TASKS_OF_ONE
from tests.unit.forecast.foreseeing import at, foresee, starts_of, subject, task


def keyed(number: int, expr: str = "PT1H", *, lasts: float = 600, **fields: object) -> object:
    return subject(task(number, expr, concurrency_key="printer", **fields), lasts=lasts)


def told(collision: object) -> tuple[object, ...]:
    tasks = [(of.title, when) for of, when in collision.tasks]
    return collision.at, collision.until, tasks, collision.longest_wait


def test_two_tasks_with_one_key_wait_for_each_other_and_that_is_told() -> None:
    made = foresee(keyed(1), keyed(2), minutes=30)

    assert [told(each) for each in made.collisions] == [(at(0), at(10), [("task 1", at(0)), ("task 2", at(0))], 600)]
    assert (made.collisions[0].key, made.collisions[0].limit) == ("printer", 1)
    assert made.hours[0].longest_wait == 600


def test_a_collision_lasts_until_nobody_waits_any_more() -> None:
    made = foresee(keyed(1), keyed(2), keyed(3), minutes=60)

    everybody = [(f"task {number}", at(0)) for number in (1, 2, 3)]
    assert [told(each) for each in made.collisions] == [(at(0), at(20), everybody, 1200)]


def test_a_collision_that_goes_on_at_the_end_has_no_end() -> None:
    made = foresee(keyed(1), keyed(2), minutes=5)

    assert told(made.collisions[0])[1:] == (None, [("task 1", at(0)), ("task 2", at(0))], 300)


def test_a_task_can_collide_with_itself() -> None:
    made = foresee(keyed(1, "PT15M", lasts=1200), minutes=30)

    assert told(made.collisions[0]) == (at(15), at(20), [("task 1", at(0)), ("task 1", at(15))], 300)


def test_the_most_urgent_gets_the_place_whoever_comes_first_in_the_list() -> None:
    made = foresee(keyed(1), keyed(2, priority=8), minutes=30)

    assert [of.title for of, _ in made.collisions[0].tasks] == ["task 2", "task 1"]


def test_a_limit_of_two_admits_two() -> None:
    made = foresee(keyed(1, concurrency_limit=2), keyed(2, concurrency_limit=2), minutes=30)

    assert made.collisions == []
    assert made.hours[0].longest_wait == 0


def test_the_keys_of_two_agents_have_nothing_to_do_with_each_other() -> None:
    made = foresee(keyed(1), keyed(2, created_by_id=UUID(int=7)), minutes=30)

    assert made.collisions == []


def test_a_run_that_waits_for_its_turn_does_not_want_its_key_yet() -> None:
    made = foresee(keyed(1, "PT5M", lasts=420, overlap_policy="queue_all"), minutes=15)

    assert made.collisions == []
    assert (made.started, made.waiting) == (3, 0)


def test_collisions_beyond_the_bound_are_counted() -> None:
    made = foresee(
        *(keyed(number, lasts=60) for number in range(MOST_TASKS_OF_ONE + 3)), minutes=60 * (MOST_COLLISIONS + 2)
    )

    assert (len(made.collisions), made.collisions_left_out) == (MOST_COLLISIONS, 2)
    assert (len(made.collisions[0].tasks), made.collisions[0].tasks_left_out) == (MOST_TASKS_OF_ONE, 3)


def test_of_runs_that_wait_for_a_slot_the_most_urgent_begins_first() -> None:
    slow_first = subject(task(1, "PT1H", priority=1), lasts=3000)
    urgent_last = [subject(task(number, "PT1H", priority=number), lasts=60) for number in (2, 3)]

    made = foresee(slow_first, *urgent_last, slots=1, minutes=2)

    assert (made.started, made.waiting, made.longest_waiting) == (2, 1, 120)
    assert (made.hours[0].deepest, made.hours[0].longest_wait) == (2, 60)


def test_hours_in_which_nothing_happens_have_their_row_and_the_depth_they_inherit() -> None:
    # The run of 9:00 goes on until 11:30, the other one waits.
    subjects = [subject(task(number, "P1D", dtstart="2026-03-01T09:00:00"), lasts=9000) for number in (1, 2)]

    made = foresee(*subjects, slots=1, minutes=240)

    assert [hour.start for hour in made.hours] == [at(60 * number) for number in range(4)]
    assert [(hour.fires, hour.started, hour.deepest, hour.longest_wait) for hour in made.hours] == [
        (2, 1, 1, 0),
        (0, 0, 1, 0),
        (0, 1, 1, 9000),
        (0, 0, 0, 0),
    ]


def test_the_budget_ends_the_forecast_before_an_instant_that_not_all_were_looked_at() -> None:
    made = foresee(*(subject(task(number)) for number in (1, 2, 3)), budget=4, minutes=60)

    assert (made.truncated, made.looked_until, made.fires) == (True, at(2), 6)
    assert len(made.hours) == 1


def test_a_budget_that_is_used_up_by_the_way_to_the_window_leaves_nothing_looked_at() -> None:
    far_behind = subject(task(1, "PT1S", max_occurrences=10_000, due_at=at(-10)))

    made = foresee(far_behind, budget=10)

    assert (made.truncated, made.looked_until, made.fires, made.hours) == (True, at(0), 0, [])


def test_a_schedule_that_breaks_on_the_way_is_told_and_stops_nobody() -> None:
    broken, sound = subject(task(1)), subject(task(2))

    class Breaks:
        plain = True

        def after(self, moment: object) -> object:
            import schedules

            raise schedules.InvalidSchedule("schedule_expr", "no end")
            yield

    object.__setattr__(broken, "timing", Breaks())
    made = foresee(broken, sound)

    assert [each.title for each in made.unreadable] == ["task 1"]
    assert made.fires == 5


def test_peaks_are_the_minutes_with_the_most_starts_and_name_the_tasks_with_most_first() -> None:
    made = foresee(
        subject(task(1, "PT10M")),
        subject(task(2, "PT20S")),
        subject(task(3, "PT20M")),
        minutes=21,
    )

    assert [(each.minute, each.fires, list(each.subjects)) for each in peaks(made)[:4]] == [
        (at(0), 5, [1, 0, 2]),
        (at(20), 5, [1, 0, 2]),
        (at(10), 4, [1, 0]),
        (at(1), 3, [1]),
    ]
    assert len(peaks(made)) == 10


def test_a_minute_with_one_run_is_no_peak() -> None:
    assert peaks(foresee(subject(task(1)))) == []


def test_the_order_in_which_the_tasks_are_given_changes_nothing() -> None:
    subjects = [
        subject(
            task(number, "PT5M", concurrency_key="ab"[number % 2], overlap_policy=policy, priority=1 + number % 9),
            lasts=37 * number,
        )
        for number, policy in enumerate(["allow", "skip", "queue_one", "queue_all", "cancel_running"] * 3)
    ]

    made = foresee(*subjects, minutes=90, slots=2)
    random.Random(7).shuffle(subjects)
    again = foresee(*subjects, minutes=90, slots=2)

    assert again.hours == made.hours
    assert [told(each) for each in again.collisions] == [told(each) for each in made.collisions]
    assert again.starts == made.starts
    assert starts_of(made)
    assert made.base + timedelta(minutes=90) == made.looked_until
