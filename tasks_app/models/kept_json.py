"""KeptJSON: JSON that is written and read as a whole, and never looked into by the database."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class KeptJSONField(models.JSONField):
    """Stored as the text that it came as (`json`): of what is written often, making it a tree costs more than storing it."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "json"

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        return f"{sql}::text", params
