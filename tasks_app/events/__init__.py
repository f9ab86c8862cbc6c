"""Typed events, the outbox they are kept in, the stream they are published to, and wake-ups."""
