"""Documents over HTTP: read from a body, written as an answer, in YAML (RFC 9512) or JSON."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.utils.encoders import JSONEncoder

from tasks_app.api.errors import MalformedBody
from tasks_app.api.parsers import StrictJSONParser
from tasks_app.services.porting.forms import Form
from tasks_app.services.porting.reading import UnreadableDocument, read

YAML: Final = "application/yaml"
JSON: Final = "application/json"
_OLDER: Final = frozenset({"application/x-yaml", "text/yaml", "text/x-yaml"})  # RFC 9512, 2.1: deprecated aliases


class YAMLByAnyName(DefaultContentNegotiation):
    """YAML is sent and asked for by the names that it had before it was registered, too."""

    def select_parser(self, request: Request, parsers: Iterable[Any]) -> Any:
        older = _modern(request.content_type or "") != request.content_type
        known = list(parsers)
        yaml = [parser for parser in known if parser.media_type == YAML]
        return yaml[0] if older and yaml else super().select_parser(request, known)

    def get_accept_list(self, request: Request) -> list[str]:
        return [_modern(each) for each in super().get_accept_list(request)]


def _modern(kind: str) -> str:
    name, semicolon, rest = kind.partition(";")
    return f"{YAML}{semicolon}{rest}" if name.strip().lower() in _OLDER else kind


class JSONDocumentParser(StrictJSONParser):
    """As any body, but three levels deeper: a task in a document may be as deep as one that comes alone."""

    form = Form.JSON

    def value_in(self, content: bytes) -> Any:
        try:
            return read(content, form=self.form)
        except UnreadableDocument as unreadable:
            raise MalformedBody(str(unreadable), pointer=unreadable.pointer) from None


class YAMLDocumentParser(JSONDocumentParser):
    media_type = YAML
    form = Form.YAML


class JSONDocumentRenderer(BaseRenderer):
    """Of a text that is written already; anything else is a problem, and told as JSON."""

    media_type = JSON
    format = Form.JSON.value
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return (data if isinstance(data, str) else json.dumps(data, cls=JSONEncoder)).encode()


class YAMLDocumentRenderer(JSONDocumentRenderer):
    media_type = YAML
    format = Form.YAML.value
