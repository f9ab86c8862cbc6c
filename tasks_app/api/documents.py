"""Documents over HTTP: read from a body, written as an answer, in YAML (RFC 9512) or JSON."""

import json
from collections.abc import Mapping
from typing import Any, Final

from rest_framework.renderers import BaseRenderer
from rest_framework.utils.encoders import JSONEncoder

from tasks_app.api.errors import MalformedBody
from tasks_app.api.parsers import StrictJSONParser
from tasks_app.services.porting.forms import Form
from tasks_app.services.porting.reading import UnreadableDocument, read

YAML: Final = "application/yaml"
JSON: Final = "application/json"


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
