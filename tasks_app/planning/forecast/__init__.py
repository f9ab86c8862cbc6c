"""What the tasks will do in a window of time: the production engine on a virtual clock. No clock, no chance, no writing.

subject.py   one task as it is forecast                 plain values
remembered.py  a schedule that is evaluated once
reading.py   the tasks and how long their runs last     a few queries, read only
engine.py    from instant to instant, by `decide_on`    the virtual clock
workers.py   where runs wait, begin and end             slots, lanes, concurrency keys
tally.py     what is counted on the way                 hours, minutes, collisions
peaks.py     the minutes with the most runs
spread.py    which jitter would lower them              proposed, then forecast anew
told.py      all of it in plain values                  for the API and the command
"""
