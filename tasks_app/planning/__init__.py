"""From a task's instants to its runs: when it is due, what is decided about each instant, and how that is written down.

timing.py    which instants a task has               schedules.Timing
standing.py  what goes on of it already              one query for many tasks
decide.py    run or ledger, by the task's policies   plain values, no database
advance.py   the decisions as rows                   one transaction, under the tasks' locks
answer.py    the same for events and conditions     what happens now instead of what was foreseen
cursor.py    which instant is looked at next
ahead.py     which instants are still to come        for the preview: what it shows is what ticks will find
"""
