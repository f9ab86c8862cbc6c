"""What did somebody mean who wrote JavaScript, Jinja or JSONPath, and how is it written here?"""

import re
from collections.abc import Iterator

_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`(?:\\.|[^`\\])*`", re.DOTALL)
_NAMES = r"(?P<path>[A-Za-z_@][\w.\[\]-]*)"
_PATH = rf"(?<![\w.\[\]-]){_NAMES}"  # from its first character on: a search from each of them takes its time
_LENGTH = re.compile(rf"{_PATH}\.\s*length\b(?!\s*[.(\[])|\.\s*length\b(?!\s*[.(\[])")
_METHOD = re.compile(rf"{_PATH}\.(?P<method>[A-Za-z]+)\s*\(")
_SECRETS = re.compile(r"(?<![\w.\[\]-])secrets\s*\(")
NO_SECRETS = (
    "a pipeline holds no secrets: bring a tool (POST /api/v1/tools) whose settings say ${secrets('name')}, and use that"
)
_METHODS = {
    "map": "{path}[].name",
    "forEach": "{path}[].name",
    "flatMap": "{path}[].names[]",
    "filter": "{path}[?price > 20]",
    "find": "{path}[?price > 20] | [0]",
    "some": "{path}[?price > 20] | length > 0",
    "reduce": "{path}[].price | sum",
    "includes": "contains({path}, 'x')",
    "indexOf": "contains({path}, 'x')",
    "startsWith": "starts_with({path}, 'x')",
    "endsWith": "ends_with({path}, 'x')",
    "slice": "{path}[0:3]",
    "sort": "sort({path})",
    "reverse": "reverse({path})",
    "keys": "keys({path})",
    "values": "values({path})",
    "get": "{path}.name || 'x'",
    "join": "{path} | join(', ')",
    "split": "{path} | split(',')",
    "upper": "{path} | upper",
    "lower": "{path} | lower",
    "toUpperCase": "{path} | upper",
    "toLowerCase": "{path} | lower",
    "toFixed": "{path} | round(2)",
    "toString": "to_string({path})",
    "toISOString": "{path} | iso",
    "isoformat": "{path} | iso",
    "strftime": "{path} | date('%d.%m.%Y')",
}
_FORMS = [
    (re.compile(pattern), form)
    for pattern, form in (
        (rf"\$\.?{_NAMES}", "{path}"),
        (rf"\btypeof\s*\(?\s*{_PATH}", "type({path})"),
        (r"\bnew\s+Date\b|\bDate\s*\.\s*now\b", "now"),
        (rf"\bJSON\.stringify\s*\(\s*{_PATH}", "{path} | json"),
        (rf"\bMath\.round\s*\(\s*{_PATH}", "{path} | round"),
        (rf"\b(?:parseInt|parseFloat|Number)\s*\(\s*{_PATH}", "to_number({path})"),
        (rf"\bString\s*\(\s*{_PATH}", "to_string({path})"),
        (rf"{_PATH}\s+is\s+(?:not\s+defined|none|None)\b", "{path} == null"),
        (rf"{_PATH}\s+is\s+(?:defined|not\s+(?:none|None))\b", "{path} != null"),
        (rf"{_PATH}\s*\?\?", "{path} | default('x')"),
        (rf"{_PATH}\?\.", "{path}.name || 'x'"),
        (r"^(?P<yes>.{1,80}?)\sif\s(?P<condition>.{1,80}?)\selse\s(?P<no>.+)", "{condition} ? {yes} : {no}"),
        (rf"(?P<item>\S+)\s+in\s+{_PATH}", "contains({path}, {item})"),
        (r"=>", "params.items[?price > 20].name"),
        (r"\{%|%\}", "params.ready ? 'yes' : 'no'"),
    )
]


def foreign_form(text: str) -> str | None:
    """Why `text`, which JMESPath might even accept, is refused in any case; None if it is not."""
    for quoted in _quoted(text):
        if quoted.startswith("`") and "${" in quoted:
            return f"a text with templates has no backticks; write {quoted[1:-1].strip()[:60]} as the value itself"
    plain = _without_texts(text)
    if "Math.round(" in plain:  # round() is a function here
        return cure_for(text)
    if _SECRETS.search(plain):
        return NO_SECRETS
    found = _LENGTH.search(plain)
    if found is None:
        return None
    path = found["path"] or "params.items"
    return f'a list\'s length is written ${{{path} | length}}; a field called length is read by ${{{path}."length"}}'


def cure_for(text: str) -> str | None:
    """How what is no expression is written here, if it is another language's; else None."""
    plain = _without_texts(text)
    for method in _METHOD.finditer(plain):
        if method["method"] in _METHODS:
            return _written(_METHODS[method["method"]].format(path=method["path"]))
    for pattern, form in _FORMS:
        if found := pattern.search(plain):
            parts = {name: part.strip() for name, part in found.groupdict().items()}
            return _written(form.format(**parts))
    return None


def _written(form: str) -> str:
    return f"here it is written ${{{form[:120]}}}"


def _quoted(text: str) -> Iterator[str]:
    return (found.group() for found in _QUOTED.finditer(text))


def _without_texts(text: str) -> str:
    """`text` with its quoted parts cut short, so that nothing in them passes for code."""
    return _QUOTED.sub("'…'", text)
