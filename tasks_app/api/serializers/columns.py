"""Rows that are answers as they are: the columns that a serializer describes, read without making models of them."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Self
from uuid import UUID

from django.db import connection, models
from rest_framework import serializers

from tasks_app.models import Agent
from tasks_app.models.owned import OwnedQuerySet

_KEY: Final = UUID(int=1)  # they stand in a statement for what is asked later
_OWNER: Final = UUID(int=2)


@dataclass(frozen=True)
class Columns:
    """What to read so that a row is an answer as it is: exactly the fields that a serializer describes."""

    plain: tuple[str, ...]
    renamed: dict[str, models.F]

    @classmethod
    def of(cls, serializer: type[serializers.ModelSerializer[Any]]) -> Self:
        sources = {name: str(field.source) for name, field in serializer().fields.items()}
        plain = tuple(name for name, source in sources.items() if name == source)
        return cls(plain, {name: models.F(source) for name, source in sources.items() if name != source})

    def read(self, rows: models.QuerySet[Any, Any], *more: str) -> models.QuerySet[Any, dict[str, Any]]:
        return rows.values(*self.plain, *more, **self.renamed)


class RowOfOwner:
    """Reads one row of `rows` by its key, as `columns` say; what it asks is put together once, not at every request."""

    def __init__(self, columns: Columns, rows: OwnedQuerySet[Any]) -> None:
        self._columns = columns
        self._rows = rows
        self._asked = cache(self._put_together)

    def read(self, pk: UUID, *, agent: Agent) -> dict[str, Any]:
        """Raises the model's `DoesNotExist` unless `agent` may change it."""
        statement, parameters, readers = self._asked(agent.is_admin)
        known = {_KEY: pk, _OWNER: agent.pk}
        with connection.cursor() as cursor:
            cursor.execute(statement, [known.get(each, each) for each in parameters])
            row = cursor.fetchone()
        if row is None:
            raise self._rows.model.DoesNotExist
        return {name: read(value) if read else value for value, (name, read) in zip(row, readers, strict=True)}

    def _put_together(self, is_admin: bool) -> tuple[str, tuple[Any, ...], list[tuple[str, Any]]]:
        """The statement, its parameters, and of each column its name and what makes a value of it."""
        asking = Agent(pk=_OWNER, scopes=["admin"] if is_admin else [])
        found = self._columns.read(self._rows.owned_by(asking).filter(pk=_KEY).order_by())
        statement, parameters = found.query.sql_with_params()
        names = (*self._columns.plain, *self._columns.renamed)
        return statement, parameters, [(name, _reader(self._rows.model, name)) for name in names]


def _reader(model: type[models.Model], name: str) -> Any:
    """How Django makes a value of what the database gives in this column; None where that is the value."""
    columns = {field.name: field for field in model._meta.concrete_fields}  # noqa: SLF001 - Django documents it
    from_db = getattr(columns.get(name), "from_db_value", None)
    return from_db and (lambda value: from_db(value, None, connection))
