"""How is a value written, so that the same value gives the same bytes, and every reader of YAML reads the same?

Objects keep the order that they come in, texts of several lines are blocks, nothing is folded. A text that a reader of YAML 1.1
or of 1.2 would take for something else (`no`, `12:30:00`, `1e3`, `0o17`) is quoted. UTF-8, LF, a newline at the end.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from tasks_app.services.porting.forms import Form

# YAML 1.2.2, 10.3.2; with the y and n of YAML 1.1, which the library itself takes for text.
_TAKEN_FOR_ANOTHER: Final = re.compile(
    r"""~ | null | Null | NULL | [tT]rue | TRUE | [fF]alse | FALSE | [yYnN]
    | [-+]?[0-9]+ | 0o[0-7]+ | 0x[0-9a-fA-F]+
    | [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? | [-+]?\.(inf|Inf|INF) | \.(nan|NaN|NAN)""",
    re.VERBOSE,
)
_ORDINARY: Final = re.compile(
    "[\\x20-\\x7e\\xa0-\\u1fff\\u2010-\\u2027\\u2030-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010fffd]*"
)
_USUAL_KEY: Final = re.compile(r"[\w.-]{1,60}", re.ASCII)
_WHOLE: Final = 2**63  # greater numbers are written with an exponent: no reader need keep all their digits
_UNFOLDED: Final = 2**31 - 1


def write(value: Any, *, form: Form) -> str:
    """The text of a value of JSON."""
    value = _written(value)
    if form is Form.JSON:
        return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    dumper = _Fast if all(map(_is_written_alike, _texts(value))) else _Plain
    return str(yaml.dump(value, Dumper=dumper, sort_keys=False, allow_unicode=True, width=_UNFOLDED))


def _written(value: Any) -> Any:
    """Whole numbers of more than 64 bits, which a tool may have given, as what every reader takes."""
    if isinstance(value, dict):
        return {key: _written(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_written(inner) for inner in value]
    return float(value) if type(value) is int and not -_WHOLE <= value < _WHOLE else value


def _texts(value: Any) -> Iterator[tuple[str, bool]]:
    """Every text in a value, and whether it is a key."""
    if isinstance(value, str):
        yield value, False
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key, True
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _is_written_alike(found: tuple[str, bool]) -> bool:
    """Whether the library's two dumpers, in C and in Python, give the same bytes: not for unusual keys and for emoji."""
    text, is_key = found
    if is_key:
        return _USUAL_KEY.fullmatch(text) is not None
    return text.isascii() or max(text) < "\U00010000"


def _text(dumper: Any, text: str) -> Any:
    style: str | None
    if _is_block(text):
        style = "|"
    elif not _ORDINARY.fullmatch(text):
        style = '"'
    else:
        style = "'" if _TAKEN_FOR_ANOTHER.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _is_block(text: str) -> bool:
    """Whether a person would write it as lines: none ends in a blank, the first holds something, and no more than one newline ends it."""
    lines = text.split("\n")
    if len(lines) == 1 or not lines[0] or lines[0][0].isspace() or lines[-2:] == ["", ""]:
        return False
    return all(_ORDINARY.fullmatch(line) and line == line.rstrip() for line in lines)


class _Plain(yaml.SafeDumper):
    """The same value twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class _Fast(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    def ignore_aliases(self, data: Any) -> bool:
        return True


_Plain.add_representer(str, _text)
_Fast.add_representer(str, _text)
