"""In which forms a document is written."""

from enum import StrEnum


class Form(StrEnum):
    YAML = "yaml"
    JSON = "json"
