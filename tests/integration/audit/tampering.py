"""What somebody does who may alter tables: past the triggers."""

from typing import Any

from django.db import connection, transaction

from tasks_app.models import AuditEntry
from tasks_app.services import audit
from tasks_app.services.actor import SYSTEM
from tests.making import make_agent


def write(entries: int) -> list[AuditEntry]:
    """Entries in the order of the chain."""
    agent = make_agent()
    for number in range(entries):
        audit.note("agent.updated", agent, actor=SYSTEM, number=number, word="é\u2028'\"\\")
    connection.check_constraints()  # what a commit does
    return list(AuditEntry.objects.order_by("id"))


def tamper(statement: str, *parameters: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = 'replica'")
        cursor.execute(statement, parameters)
        cursor.execute("SET LOCAL session_replication_role = 'origin'")
