"""Rows as a spreadsheet reads them: CSV (RFC 4180) in which no text is taken for a formula."""

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import StringIO
from typing import Any, Final

from rest_framework.renderers import BaseRenderer
from rest_framework.utils.encoders import JSONEncoder

from tasks_app.models.clock import as_text

_BEGINS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


class CsvRenderer(BaseRenderer):
    """Of a list of rows, of which the view's `csv_columns` are shown; anything else is a problem, and told as JSON."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        if not isinstance(data, list):
            return json.dumps(data, cls=JSONEncoder).encode()
        assert renderer_context is not None
        columns: Sequence[str] = renderer_context["view"].csv_columns
        written = StringIO()
        rows = csv.writer(written)
        rows.writerow(columns)
        rows.writerows([_cell(row[name]) for name in columns] for row in data)
        return written.getvalue().encode()


def _cell(value: Any) -> str:
    """As text; with an apostrophe before what a spreadsheet would calculate."""
    if isinstance(value, datetime):
        return as_text(value)
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping | list) else str(value)
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text
