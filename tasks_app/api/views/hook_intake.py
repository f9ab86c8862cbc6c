"""`/hooks/{token}`: where other programs send their webhooks. Their signature is all the proof that they bring."""

from collections.abc import Mapping
from typing import IO, Any, Final
from urllib.parse import parse_qsl

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tasks_app.api import methods, parsers, throttles
from tasks_app.api.errors import MalformedBody, PayloadTooLarge
from tasks_app.api.problems import request_id_of
from tasks_app.api.serializers.hook import ReceivedSerializer
from tasks_app.services import hook_intake

MOST_BYTES: Final = 256_000
_MOST_FIELDS: Final = 1_000
_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"


class BytesParser(BaseParser):
    """The body as it was sent, which is what was signed; what it says is read once it is proven."""

    media_type = "*/*"

    def parse(  # type: ignore[override]  # of bytes, where forms are foreseen
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> bytes:
        content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise PayloadTooLarge(f"The body is over {MOST_BYTES} bytes: send less.")
        return content


class HookIntakeView(APIView):
    http_method_names = methods.ANSWERED
    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = (BytesParser,)
    throttle_classes = (throttles.OfHooks,)

    @extend_schema(
        operation_id="hooks_receive",
        request={_JSON: OpenApiTypes.OBJECT, _FORM: OpenApiTypes.OBJECT},
        responses={202: ReceivedSerializer, 200: ReceivedSerializer},
        auth=[],
        description="A webhook of another program: signed as the hook's preset says, it becomes an event. 200 if it had come before.",
    )
    def post(self, request: Request, token: str) -> Response:
        body = request.data if isinstance(request.data, bytes) else b""  # of an empty one nothing is parsed
        received = hook_intake.receive(
            token,
            headers=request.headers,
            body=body,
            read=lambda: payload_of(body, request),
            request_id=request_id_of(request),
        )
        code = status.HTTP_200_OK if received.again else status.HTTP_202_ACCEPTED
        return Response({"id": received.event, "again": received.again}, status=code)


def payload_of(body: bytes, request: Request) -> Mapping[str, Any]:
    """An object as it is; a list or anything else under the name `body`. Raises `MalformedBody`, `UnsupportedMediaType`."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise UnsupportedMediaType(request.headers["Content-Encoding"], "Send the body without a Content-Encoding.")
    kind = request.content_type.partition(";")[0].strip().lower()
    if kind == _JSON or kind.endswith("+json"):
        value = parsers.read(body)
    elif kind == _FORM:
        value = _form(body)
    else:
        raise UnsupportedMediaType(kind, f"Send {_JSON} or {_FORM}.")
    return value if isinstance(value, dict) else {"body": value}


def _form(body: bytes) -> Any:
    """The fields as texts, the last of a name; alone, `payload` is the JSON that GitHub and others put there."""
    try:
        fields = dict(
            parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
        )
    except ValueError as error:
        raise MalformedBody(f"The body is no form in UTF-8 of at most {_MOST_FIELDS} fields.") from error
    if fields.keys() == {"payload"}:
        return parsers.read(fields["payload"].encode())
    parsers.check(fields)
    return fields
