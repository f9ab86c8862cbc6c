"""Outgoing webhooks: events are sent to the addresses that agents name, in order, until they are taken.

    wanted    which webhooks want an event: noted in Postgres for all events, in the order of `pos`
    deliver   each webhook that wants something is delivered by one thread of one process at a time, under a lease

A webhook's position moves in the transaction that notes what was delivered, guarded by the lease's term. Who dies after
sending and before that leaves the event to be sent again, under the same id.
"""
