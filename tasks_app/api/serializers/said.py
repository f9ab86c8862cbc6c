"""What the OpenAPI document says of the fields that a model gives: `Meta.extra_kwargs`, with nothing but texts."""

from typing import Any


def said(**texts: str) -> dict[str, dict[str, Any]]:
    return {name: {"help_text": text} for name, text in texts.items()}
