"""Observability: `/metrics` for Prometheus."""
