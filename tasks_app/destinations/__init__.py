"""Destinations: what protects the services that runs call, and the runs from services that fail.

```
 run's thread ── calling ──▶ Guard ── nothing is wrong ────────────────────────────────▶ the call
                               │  a copy of the breakers, a second old; counts
                               │ open, recovering, rate-limited, failed
                               ▼
                             Clerk (one thread and connection a process) ──▶ Postgres: shared by all workers
```

A call on the happy path asks nobody: successes are counted in the process and told once a second. Only a call that
failed, and one to a destination that is in trouble or under a rate limit, waits for a statement.
"""
