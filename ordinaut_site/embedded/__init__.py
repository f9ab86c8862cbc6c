"""The Postgres and Redis that come with the platform, for machines that have none."""
