"""The job of django_tasks_peer.py: Django Tasks find a job by its module."""

from django_tasks import task


@task
def noop() -> None:
    """Nothing at all."""
