"""One run, from its lease to its outcome, and the process that carries out many at once.

```
 doorbell: a hint in Redis ────────┐                       ┌── thread ─ pipelines.execute ─ tools
 every second or two ──────────────┤                       │      │
                                   ▼                       │      │ moves, checkpoints
        claim ◀────────── dispatcher (one thread) ──▶ crew ┼── thread ...
        moves ──▶ Postgres     ▲                           │
                               └──── inbox ◀───────────────┘
        renew ──▶ Postgres  heartbeat (one thread)
```

One connection claims and writes for all threads of a process, so what many runs finish together is written
together. Runs need no connection of their own while they wait for the world.
"""
