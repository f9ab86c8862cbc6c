"""JSON as the API answers it: written by orjson, or, where that cannot, as the framework does."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from rest_framework.renderers import JSONRenderer

_FORMAT: Final = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


class FastJSONRenderer(JSONRenderer):
    """The same values in the same words: instants end in Z, what JSON does not know is told as the framework's encoder has it."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        context = dict(renderer_context or {})
        if data is None or self.get_indent(accepted_media_type or "", context):
            return super().render(data, accepted_media_type, context)
        try:
            return orjson.dumps(data, default=self.encoder_class().default, option=_FORMAT)
        except orjson.JSONEncodeError:  # an integer over 64 bits, half of a surrogate pair
            return super().render(data, accepted_media_type, context)
