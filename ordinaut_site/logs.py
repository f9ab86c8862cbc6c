"""How every process writes its log: one line a fact, for people or as JSON, never torn and never endless."""

import json
import logging.config
import re
from collections.abc import Mapping
from typing import Any, Final

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

LONGEST_LINE: Final = 8192
# Half a surrogate pair controls nothing, but it has no form in UTF-8: written, it would end in an error of the handler.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CONTROL_IN_TRACEBACK: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

# Of the addresses that are secrets; not `/api/v1/hooks/<id>`, behind which a token is asked for.
_SECRET_PART: Final = re.compile(r"(?<!/api/v1)(/(?:approvals|hooks)/)[^\s?]+")


def without_secret_parts(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Of a link that approves a run, and of a hook's address, the token is not told: whoever reads the log could use it."""
    if isinstance(request := event.get("request"), str):
        event["request"] = _SECRET_PART.sub(r"\1***", request)
    return event


_SHARED: Final[list[Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    without_secret_parts,
]


def configure(options: Mapping[str, Any]) -> None:
    """Set up structlog and the standard library's logging alike. `options`: `level`, a name, and `as_json`.

    What Django names in `LOGGING_CONFIG`, so it runs wherever Django is set up.
    """
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": _SHARED,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.format_exc_info,
                        as_json if options["as_json"] else as_text,
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stderr"], "level": options["level"]},
            "loggers": _QUIETER,
        }
    )


def configure_celery(**_: object) -> None:
    """Receiver of Celery's `setup_logging`: that there is one keeps Celery from setting up logging its own way."""
    from django.conf import settings  # noqa: PLC0415 - the settings may name this module

    configure(settings.LOGGING)


# Each request has its line from django-structlog, its failure too: those of Django and of uvicorn would double it.
_QUIETER: Final[dict[str, Any]] = {
    "django.request": {"level": "CRITICAL"},
    # At DEBUG, all that a page knows, wherever it leaves a variable out: the address of the request, too.
    "django.template": {"level": "INFO"},
    "django.server": {"handlers": [], "propagate": True},
    "django": {"handlers": [], "level": "NOTSET"},
    "uvicorn": {"handlers": [], "level": "NOTSET", "propagate": True},
    "uvicorn.access": {"handlers": [], "level": "WARNING", "propagate": True},
    # What goes wrong with an MCP server is told by its step. Of these, each line is what the server sent, or what it was sent.
    "mcp.client": {"level": "CRITICAL"},
    "mcp.shared": {"level": "CRITICAL"},
    "client": {"level": "CRITICAL"},
    "httpx2": {"level": "WARNING"},
}


def as_text(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """`<time> <level> <what> name=value ...`, then the traceback. Control characters are shown, not sent."""
    said = [str(event.pop("timestamp")), f"{event.pop('level'):<8}", _harmless(event.pop("event"))]
    traceback = event.pop("exception", "")
    line = " ".join([*said, *(f"{_harmless(name)}={_harmless(value)}" for name, value in event.items())])
    if traceback:
        line += "\n" + _CONTROL_IN_TRACEBACK.sub(_shown, str(traceback))
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"


def as_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    line = json.dumps(event, default=str)
    if len(line) <= LONGEST_LINE:
        return line
    room = (LONGEST_LINE - 200) // (len(event) + 1)
    return json.dumps({str(name)[:100]: _cut(value, room) for name, value in event.items()} | {"cut": len(line)})


def _cut(value: object, room: int) -> str:
    """As much of the value as fits into `room` characters of JSON."""
    text = str(value)[:room]
    while len(json.dumps(text)) > room:
        text = text[: len(text) * 3 // 4]
    return text


def _harmless(value: object) -> str:
    return _CONTROL.sub(_shown, str(value))


def _shown(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
