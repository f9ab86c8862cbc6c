"""SharedConsumer: several processes of a group work on its events at the same time, in no order.

The classic way of Redis: a consumer group, whose pending entries are given to another process when nobody has
acknowledged them for a minute. Redis may lose the group, and the stream may be trimmed past it, so what everybody
has done is written to Postgres every few seconds, and what is missing in the stream is read from there.
"""

import logging
import os
import socket
import threading
import time
from typing import Any, Final

import redis
from django.db import Error, connection

from tasks_app.events import deadletters, history, positions
from tasks_app.events.consumer import Handler, missed
from tasks_app.events.deadletters import MOST_DELIVERIES, HandlerDied
from tasks_app.events.event import Event
from tasks_app.events.positions import LONGEST_GROUP, Start
from tasks_app.events.reading import parsed
from tasks_app.events.stream import STREAM, WAIT_SECONDS, blocking_client, newest_pos
from tasks_app.models import DeadLetter
from tasks_app.outages import is_outage

BATCH: Final = 50
IDLE_SECONDS: Final = 60.0
_ROUND_SECONDS: Final = 10.0  # between looks at what others left pending, and between notes of what is done
_REFILL_SECONDS: Final = 60

# One step, so that no trimming comes between: either the group is behind the stream's first entry (answers where it
# is, and that entry), or it is given what comes next.
_TAKE: Final = """
if redis.call('EXISTS', KEYS[1]) == 0 then return redis.error_reply('NOGROUP the stream is gone') end
local at = nil
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local told = {}
  for i = 1, #group, 2 do told[group[i]] = group[i + 1] end
  if told['name'] == ARGV[1] then at = tonumber(string.match(told['last-delivered-id'], '^(%d+)')) end
end
if at == nil then return redis.error_reply('NOGROUP the group is gone') end
local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)
if #first > 0 then
  local pos = tonumber(string.match(first[1][1], '^(%d+)'))
  if pos > at + 1 then return {at, pos} end
end
local new = redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', ARGV[3], 'STREAMS', KEYS[1], '>')
return {-1, 0, new and new[1][2] or {}}
"""

# Only from where the group was found: a refill may outlast its lock, and a group that was made anew meanwhile begins
# where everything is done, which may be before what this process has just handled.
_MOVE_ON: Final = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local told = {}
  for i = 1, #group, 2 do told[group[i]] = group[i + 1] end
  if told['name'] == ARGV[1] and string.match(told['last-delivered-id'], '^(%d+)') == ARGV[2] then
    redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], ARGV[3])
    return 1
  end
end
return 0
"""

_UNLOCK: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"

logger = logging.getLogger(__name__)


class SharedConsumer:
    """Calls `handle` with every event at least once, in any order, in as many processes as there are of it.

    An event is done when `handle` returns. One whose handler raises, or whose process dies, is given to any process a
    minute later; after five deliveries it becomes a dead letter. `event.id` tells a repetition. A handler that needs
    more than a minute is given its event twice. Where order matters, use `Consumer`.

    group: at most 100 characters, and of no `Consumer`. start: where a group begins that is new, behind the newest
    event or before the oldest that is kept. idle: after how many seconds another process takes a pending event.
    """

    def __init__(
        self, group: str, handle: Handler, *, start: Start = "newest", batch: int = BATCH, idle: float = IDLE_SECONDS
    ) -> None:
        if not 0 < len(group) <= LONGEST_GROUP:
            raise ValueError(f"A group's name has 1 to {LONGEST_GROUP} characters, not {len(group)}.")
        self.group = group
        self._handle = handle
        self._start: Start = start
        self._batch = batch
        self._idle = idle
        self._name = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
        self._client = blocking_client()
        self._round_at = 0.0
        self._began = False
        self._undelivered: DeadLetter | None = None

    def run(self, stop: threading.Event) -> None:
        """Handle events until `stop` is set; what is being handled then is ended first. It outlives Redis and Postgres."""
        try:
            while not stop.is_set():
                try:
                    if not self.run_once(stop):
                        self._wait_for_news()
                except (redis.RedisError, ConnectionError, Error) as error:
                    if isinstance(error, Error) and not is_outage(error):
                        raise
                    logger.warning("%s waits: %s", self.group, error)
                    connection.close()
                    stop.wait(WAIT_SECONDS)
        finally:
            self._leave()
            connection.close()

    def run_once(self, stop: threading.Event) -> int:
        """One batch of what is next for this process; answers how many events were handled, or tried."""
        if not self._began:
            positions.begin(self.group, start=self._start)
            self._began = True
        try:
            if time.monotonic() >= self._round_at:
                self._look_around(stop)
            return self._take(stop)
        except redis.ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            self._begin_group()
            return 0

    def _look_around(self, stop: threading.Event) -> None:
        """What is due now and then beside reading: nobody else does it while the others are busy."""
        self._round_at = time.monotonic() + _ROUND_SECONDS
        self._note_what_is_done()
        self._deliver_letters(stop)
        self._reclaim(stop)

    def _take(self, stop: threading.Event) -> int:
        at, first, *entries = self._client.eval(_TAKE, 1, STREAM, self.group, self._name, str(self._batch))
        if not entries:
            return self._refill(after=at, before=first, stop=stop)
        for entry_id, fields in entries[0]:
            if stop.is_set():
                break  # it stays pending, for whoever comes next
            self._do(entry_id, dict(zip(fields[::2], fields[1::2], strict=True)))
        return len(entries[0])

    def _begin_group(self) -> None:
        """Make the group anew where everything before it is known to be done; not while there is no stream."""
        if newest_pos() == 0:
            return
        try:
            self._client.xgroup_create(STREAM, self.group, id=f"{positions.low_water(self.group)}-0")
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):  # another process of the group was quicker
                raise

    def _refill(self, *, after: int, before: int, stop: threading.Event) -> int:
        """Handle what was trimmed before the group had it; one process does so, the others wait for it."""
        lock = f"ordinaut:refill:{self.group}"
        if not self._client.set(lock, self._name, nx=True, ex=_REFILL_SECONDS):
            stop.wait(WAIT_SECONDS)
            return 0
        try:
            found = [event for event in history.events(after, self._batch) if event.pos < before]
            for event in found:
                self._handle_or_bury(event)
            # Behind the last one only: a process that dies here leaves the rest to the next.
            reached = found[-1].pos if len(found) == self._batch else before - 1
            moved = self._client.eval(_MOVE_ON, 1, STREAM, self.group, str(after), f"{reached}-0")
            if moved and (lost := reached - after - len(found)):
                missed.labels(self.group).inc(lost)
                logger.error(
                    "%s was away too long: %s events up to %s are not kept any more", self.group, lost, reached
                )
        finally:
            self._client.eval(_UNLOCK, 1, lock, self._name)
        return len(found)

    def _reclaim(self, stop: threading.Event) -> None:
        """Take over what nobody has acknowledged for long.

        Not by XAUTOCLAIM: from version 7 on it forgets pending entries that were trimmed before we have handled them.
        """
        start = "-"
        while not stop.is_set():
            pending: Any = self._client.xpending_range(
                STREAM, self.group, min=start, max="+", count=self._batch, idle=int(self._idle * 1000)
            )
            for each in pending:
                self._take_over(each["message_id"], deliveries=int(each["times_delivered"]))
            if len(pending) < self._batch:
                return
            start = f"({pending[-1]['message_id']}"

    def _take_over(self, entry_id: str, *, deliveries: int) -> None:
        if deliveries >= MOST_DELIVERIES:
            self._give_up(entry_id, deliveries=deliveries)
        elif not self._client.xrange(STREAM, entry_id, entry_id):
            self._do(entry_id, None)
        else:
            claimed: Any = self._client.xclaim(STREAM, self.group, self._name, int(self._idle * 1000), [entry_id])
            for claimed_id, fields in claimed:  # none when another process was quicker
                self._do(claimed_id, fields)

    def _do(self, entry_id: str, fields: dict[str, str] | None) -> None:
        """Handle an entry and acknowledge it; one that fails stays pending, unless the stream has it no more."""
        event = parsed((entry_id, fields)) or self._kept(entry_id)
        if event is None:
            logger.error("%s: event %s is not kept any more", self.group, entry_id)
        elif fields is None:
            self._handle_or_bury(event)
        elif self._failure_of(event) is not None:
            return
        self._client.xack(STREAM, self.group, entry_id)

    def _give_up(self, entry_id: str, *, deliveries: int) -> None:
        event = self._kept(entry_id)
        if event is not None:
            ended = HandlerDied(f"{deliveries} deliveries ended without success; the log has their errors")
            deadletters.bury(self.group, event, ended, deliveries=deliveries)
        self._client.xack(STREAM, self.group, entry_id)

    def _kept(self, entry_id: str) -> Event | None:
        """The event of a position, as Postgres or else the stream has it."""
        pos = int(entry_id.partition("-")[0])
        found = [event for event in history.events(pos - 1, 1) if event.pos == pos]
        entries: Any = [] if found else self._client.xrange(STREAM, entry_id, entry_id)
        return next((event for event in [*found, *map(parsed, entries)] if event), None)

    def _handle_or_bury(self, event: Event) -> None:
        """For what Redis cannot deliver again: one failure is enough."""
        if (error := self._failure_of(event)) is not None:
            deadletters.bury(self.group, event, error, deliveries=1)

    def _failure_of(self, event: Event) -> Exception | None:
        try:
            self._handle(event)
        except Exception as error:
            if is_outage(error):
                raise  # the database's fault: it stays pending
            logger.warning("%s could not handle event %s", self.group, event.pos, exc_info=True)
            return error
        return None

    def _deliver_letters(self, stop: threading.Event) -> None:
        if self._undelivered:
            deadletters.want_again(self._undelivered)
            self._undelivered = None
        while not stop.is_set() and (letter := deadletters.next_asked_for(self.group)):
            try:
                if deadletters.begin_delivery(letter):
                    self._deliver_letter(letter)
            except Exception:
                self._undelivered = letter  # the wish is off the letter already: it is put back when that can be done
                raise

    def _deliver_letter(self, letter: DeadLetter) -> None:
        if (error := self._failure_of(Event.read(letter.event))) is None:
            letter.delete()
        else:
            deadletters.note_failure(letter, error)

    def _note_what_is_done(self) -> None:
        with self._client.pipeline(transaction=True) as asked:
            asked.xinfo_groups(STREAM)
            asked.xpending(STREAM, self.group)
            groups, pending = asked.execute(raise_on_error=False)
        if isinstance(groups, Exception) or isinstance(pending, Exception):
            return  # no stream or no group: nothing is known to be done
        delivered = next(each["last-delivered-id"] for each in groups if each["name"] == self.group)
        oldest = _pos_of(pending["min"]) - 1 if pending["min"] else _pos_of(delivered)
        positions.raise_to(self.group, oldest)

    def _wait_for_news(self) -> None:
        self._client.xread({STREAM: "$"}, count=1, block=int(WAIT_SECONDS * 1000))

    def _leave(self) -> None:
        """Take the process off the group's list, unless something is pending under its name."""
        try:
            mine = self._client.xpending_range(STREAM, self.group, min="-", max="+", count=1, consumername=self._name)
            if not mine:
                self._client.xgroup_delconsumer(STREAM, self.group, self._name)
        except redis.RedisError as error:  # only tidy: an empty name in a list costs nothing
            logger.info("%s stays on the list of %s: %s", self._name, self.group, error)
        self._client.close()


def _pos_of(entry_id: object) -> int:
    return int(str(entry_id).partition("-")[0])
