"""Note rounds: write down when each duty of this beat last ended a round well, so that others see whether beat works."""

import json
import os
import socket
from typing import Final

from django.db import connection

from schedules.beat import duties

# Their ages travel, not their times: this host's clock is not the database's. The latest of all beats is kept.
_NOTE: Final = """
INSERT INTO tasks_dutyround AS known (name, ended_at, beat)
SELECT name, clock_timestamp() - age * interval '1 second', %s
  FROM json_to_recordset(%s) AS told (name text, age float8)
 ORDER BY name
    ON CONFLICT (name) DO UPDATE
   SET ended_at = excluded.ended_at, beat = excluded.beat
 WHERE known.ended_at < excluded.ended_at
"""


def run_once() -> dict[str, int]:
    told = [{"name": name, "age": age} for name, age in duties.seconds_since_rounds().items()]
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [f"{socket.gethostname()}:{os.getpid()}", json.dumps(told)])
        return {"noted": cursor.rowcount}
