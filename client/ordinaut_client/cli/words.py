"""What is written on the command line, read: JSON, whole or in a file, and names with values."""

import json
import sys
from pathlib import Path
from typing import Any

import click


class Json(click.ParamType[Any]):
    """JSON, `@file` for what a file holds, `-` or `@-` for what comes in."""

    name = "json|@file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return json.loads(_text(value))
        except OSError as error:
            self.fail(f"{value.removeprefix('@')} cannot be read: {error.strerror}.", param, ctx)
        except ValueError as error:
            self.fail(f"This is no JSON: {error}.", param, ctx)


class JsonObject(Json):
    """A JSON object, given alike."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        found = super().convert(value, param, ctx)
        if not isinstance(found, dict):
            self.fail("Give a JSON object.", param, ctx)
        return found


def _text(value: str) -> str:
    if value in {"-", "@-"}:
        return sys.stdin.read()
    return Path(value[1:]).read_text() if value.startswith("@") else value
