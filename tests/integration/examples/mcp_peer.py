"""A server that speaks MCP: over its standard input and output, or over HTTP at the port that it is given.

Over stdio it is a mailbox, over HTTP a calendar, a weather service and a messenger.
"""

import sys
from typing import Any

from mcp.server import MCPServer
from pydantic import BaseModel

server = MCPServer("peer")


class Thread(BaseModel):
    thread_id: str
    subject: str


class Threads(BaseModel):
    items: list[Thread]


class Unread(BaseModel):
    messages: list[str]


class Events(BaseModel):
    start: str
    end: str
    titles: list[str]


class Forecast(BaseModel):
    city: str
    summary: str
    temperature: float


class Sent(BaseModel):
    chat_id: int
    text: str


def find_outbound_without_reply(lookback_days: int, min_age_hours: int) -> Threads:
    """Threads to which nobody has answered."""
    return Threads(items=[Thread(thread_id=f"t{n}", subject=f"Offer {n}") for n in range(1, 4)])


def top_unread(count: int) -> Unread:
    """The newest messages that nobody has read."""
    return Unread(messages=[f"Message {n}" for n in range(1, count + 1)])


def list_events(start: str, end: str) -> Events:
    """What is in the calendar."""
    return Events(start=start, end=end, titles=["Stand-up"])


def forecast(city: str) -> Forecast:
    """The weather of today."""
    return Forecast(city=city, summary="sunny", temperature=21.5)


def send_message(chat_id: int, text: str) -> Sent:
    """Send a message to a chat."""
    return Sent(chat_id=chat_id, text=text)


def serve(transport: str, **where: Any) -> None:
    tools = (find_outbound_without_reply, top_unread) if transport == "stdio" else (list_events, forecast, send_message)
    for tool in tools:
        server.add_tool(tool)
    server.run(transport, **where)  # type: ignore[call-overload]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve("streamable-http", host="127.0.0.1", port=int(sys.argv[1]), stateless_http=True)
    else:
        serve("stdio")
