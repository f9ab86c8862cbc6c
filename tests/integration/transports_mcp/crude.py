"""A stdio server of few words and bad manners; `python crude.py <manner> [text]`. It needs no package, so it starts at once."""

import json
import os
import subprocess
import sys
import time
from typing import Any


def say(text: str) -> None:
    os.write(1, text.encode() + b"\n")


def answer(request: dict[str, Any], result: dict[str, Any]) -> None:
    say(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}))


def serve(manner: str) -> None:
    for line in sys.stdin:
        request = json.loads(line)
        method = request["method"]
        if method == "server/discover":
            error = {"code": -32601, "message": "Method not found"}
            say(json.dumps({"jsonrpc": "2.0", "id": request["id"], "error": error}))
        elif method == "initialize":
            info = {"name": "crude", "version": "1"}
            version = request["params"]["protocolVersion"]
            answer(request, {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info})
        elif method == "tools/list":
            page = int((request.get("params") or {}).get("cursor") or 0)
            tools = [{"name": f"tool-{page}-{number}", "inputSchema": {"type": "object"}} for number in range(30)]
            answer(request, {"tools": tools, "nextCursor": str(page + 1)})
        elif method == "tools/call":
            called(request, manner)


def called(request: dict[str, Any], manner: str) -> None:
    if manner == "garbled":
        while True:
            say("this is no JSON")
    if manner == "exits":
        os._exit(3)
    text = {"type": "text", "text": json.dumps({"pid": os.getpid(), "parent": os.getppid(), "group": os.getpgid(0)})}
    answer(request, {"content": [text]})
    if manner == "deaf":
        time.sleep(600)


def main(manner: str) -> None:
    if manner == "banner":
        say("Welcome to the crude server!")
    if manner == "mute":
        time.sleep(600)
    if manner == "gone":
        sys.exit("no licence")
    if manner == "family":  # a child that is not told of anything
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], stdin=subprocess.DEVNULL)
    serve(manner)


if __name__ == "__main__":
    main(sys.argv[1])
