"""A connection to one platform as one agent: what the generated operations are asked through."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx

from ordinaut_client.generated.client import AuthenticatedClient
from ordinaut_client.generated.models import Problem
from ordinaut_client.patience import Patient
from ordinaut_client.refusals import Unreachable, refusal
from ordinaut_client.stream import Event, Missed, follow
from ordinaut_client.tokens import Bearer, InMemory, Keeper, Secret, Tokens

SECONDS: Final = 30.0  # that a request may take, and that it waits for a platform that is busy
Answer = TypeVar("Answer")


def told(answer: Answer | Problem | None) -> Answer:
    """The answer of an operation asked through `Ordinaut`, which raises what is a problem before."""
    assert answer is not None
    assert not isinstance(answer, Problem)
    return answer


class Ordinaut:
    """The platform at `url`, asked as one agent. Safe to share between threads.

        with Ordinaut(url, agent_id=..., agent_secret=...) as platform:
            told(tasks_get.sync(task_id, client=platform.client))

    Logs in when it is first asked for something, renews its tokens by itself, and asks again what is answered with 429 or
    503 and a time to come back, for `patience` seconds in all. Requests raise `Refused`, `NotLoggedIn`, `Unreachable`.
    """

    def __init__(  # noqa: PLR0913 - all by name, none needed
        self,
        url: str,
        *,
        agent_id: str = "",
        agent_secret: str = "",
        scopes: Sequence[str] = (),
        keeper: Keeper | None = None,
        patience: float = SECONDS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """keeper: where tokens are kept that outlive this object; with them, no secret is needed as long as they last."""
        self.url = url.rstrip("/")
        self._keeper = keeper or InMemory()
        secret = Secret(agent_id, agent_secret, tuple(scopes)) if agent_secret else None
        self._bearer = Bearer(self.url, self._keeper, secret)
        self._http = _Http(
            base_url=self.url,
            auth=self._bearer,
            timeout=SECONDS,
            transport=Patient(transport or httpx.HTTPTransport(), seconds=patience),
        )
        self.client = AuthenticatedClient(base_url=self.url, token="").set_httpx_client(self._http)

    def login(self) -> Tokens:
        """The tokens as they are from now on: renewed, or of a new login. Raises `NotLoggedIn`."""
        with closing(self._bearer.good(instead_of=self._keeper.tokens())) as asking:
            try:
                request = next(asking)
                while True:
                    request = asking.send(self._http.send(request, auth=None, refused=False))
            except StopIteration as end:
                tokens: Tokens = end.value
                return tokens

    def logout(self) -> None:
        """End the login, everywhere and at once."""
        if tokens := self._keeper.tokens():
            self._http.send(self._http.build_request("POST", "/auth/revoke", json={"token": tokens.refresh}), auth=None)

    def send(self, method: str, path: str, body: object) -> dict[str, Any]:
        """JSON as it was written by somebody; what is wrong in it is the platform's to say."""
        told: dict[str, Any] = self._http.request(method, path, json=body).json()
        return told

    def text(self, path: str, asked: Mapping[str, object]) -> str:
        """What is answered, as it is; of what is `asked`, None is left out."""
        return self._http.get(path, params=_said(asked)).text

    def send_text(self, path: str, content: bytes, *, kind: str, asked: Mapping[str, object]) -> dict[str, Any]:
        """The answer to a text of the media type `kind`."""
        sent = self._http.post(path, params=_said(asked), content=content, headers={"Content-Type": kind})
        told: dict[str, Any] = sent.json()
        return told

    def follow(
        self, *, types: Sequence[str] = (), aggregate: str = "", last_event_id: str = ""
    ) -> Iterator[Event | Missed]:
        """Events as they happen, without an end; after `last_event_id`, those that happened since come first.

        A broken connection is taken up again behind the last event that was read. `Missed` says that events are gone for good.
        """
        return follow(self._http, types=types, aggregate=aggregate, last_event_id=last_event_id)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _said(asked: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in asked.items() if value is not None}


class _Http(httpx.Client):
    """Raises what goes wrong; a POST that is sent twice is done once (`Idempotency-Key`)."""

    def send(self, request: httpx.Request, *, refused: bool = True, **options: Any) -> httpx.Response:
        """refused: whether an answer of 400 and above is raised."""
        if request.method == "POST" and request.url.path.startswith("/api/"):
            request.headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
        try:
            answer = super().send(request, **options)
            if answer.is_error:
                answer.read()
        except httpx.TransportError as error:
            raise Unreachable(f"{self.base_url} does not answer: {error or type(error).__name__}.") from error
        if answer.is_error and refused:
            raise refusal(answer)
        return answer
