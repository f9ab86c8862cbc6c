"""New rows of any models, in one message to the database."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.db import connection, models
from django.db.models.expressions import DatabaseDefault

_FORMS: Final = 256  # a model has one for each choice of columns that are left to the database


def insert(*rows: models.Model) -> None:
    """Insert new rows in their order, as `save(force_insert=True)` does with each, but without signals, and all together.

    Afterwards they hold what the database gave them. Each INSERT is put together once, where `save` does it for each row.
    """
    forms = [_form(type(row), _left_out(row)) for row in rows]
    values = [value for row, form in zip(rows, forms, strict=True) for value in form.values_of(row)]
    with connection.cursor() as cursor:
        cursor.execute(";\n".join(form.statement for form in forms), values)
        for row, form in zip(rows, forms, strict=True):
            if form.returned:
                _take_over(row, form.returned, cursor.fetchone())
            row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001 - Django documents it
            cursor.nextset()


@dataclass(frozen=True)
class _Form:
    """How rows of one model are inserted: the statement, the fields that it is given, and those that it gives back."""

    statement: str
    given: "tuple[models.Field[Any, Any], ...]"
    returned: "tuple[models.Field[Any, Any], ...]"

    def values_of(self, row: models.Model) -> list[Any]:
        return [field.get_db_prep_save(getattr(row, field.attname), connection) for field in self.given]


@lru_cache(maxsize=_FORMS)
def _form(model: type[models.Model], left_out: frozenset[str]) -> _Form:
    fields = model._meta.concrete_fields  # noqa: SLF001 - Django documents it
    given = tuple(field for field in fields if field.attname not in left_out)
    returned = tuple(field for field in fields if field.attname in left_out)
    places = ", ".join(["%s"] * len(given))
    statement = f'INSERT INTO "{model._meta.db_table}" ({_columns(given)}) VALUES ({places})'  # noqa: S608, SLF001 - names of ours
    if returned:
        statement += f" RETURNING {_columns(returned)}"
    return _Form(statement, given, returned)


def _columns(fields: "tuple[models.Field[Any, Any], ...]") -> str:
    return ", ".join(f'"{field.column}"' for field in fields)


def _left_out(row: models.Model) -> frozenset[str]:
    """What the database gives: keys that count on, and defaults of its own."""
    fields = row._meta.concrete_fields  # noqa: SLF001 - Django documents it
    return frozenset(field.attname for field in fields if _is_given_by_database(row, field))


def _is_given_by_database(row: models.Model, field: "models.Field[Any, Any]") -> bool:
    value = getattr(row, field.attname)
    return isinstance(value, DatabaseDefault) or (value is None and isinstance(field, models.AutoField))


def _take_over(row: models.Model, fields: "tuple[models.Field[Any, Any], ...]", values: tuple[Any, ...]) -> None:
    for field, value in zip(fields, values, strict=True):
        from_db = getattr(field, "from_db_value", None)
        setattr(row, field.attname, from_db(value, None, connection) if from_db else value)
