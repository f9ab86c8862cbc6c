"""A process of its own in which there is no Django, Celery or Redis: pipelines are parsed and executed all the same.

Writes, as JSON, what each tool's own example came to, and which of the forbidden packages were asked for.
"""

import importlib
import json
import pkgutil
import sys
from collections.abc import Sequence
from typing import Any

FORBIDDEN = (
    "django",
    "celery",
    "kombu",
    "rest_framework",
    "redis",
    "psycopg",
    "tasks_app",
    "schedules",
    "ordinaut_site",
)
asked: set[str] = set()


class Refusing:
    """The first finder: a forbidden package cannot be imported, whether or not it is installed."""

    def find_spec(self, name: str, _path: Sequence[str] | None = None, _target: Any = None) -> None:
        if name.partition(".")[0] in FORBIDDEN:
            asked.add(name)
            raise ImportError(f"{name} is not to be had here")


def main() -> None:
    sys.meta_path.insert(0, Refusing())  # type: ignore[arg-type]
    import pipelines

    modules = [each.name for each in pkgutil.walk_packages(pipelines.__path__, "pipelines.")]
    for name in modules:
        importlib.import_module(name)
    present = {name for name in sys.modules if name.partition(".")[0] in FORBIDDEN}
    answer = {"modules": len(modules), "came_to": came_to(), "asked": sorted(asked), "present": sorted(present)}
    sys.stdout.write(json.dumps(answer))


def came_to() -> dict[str, Any]:
    """By tool, the outcome of a pipeline that calls it with its own example's input, and the output."""
    from pipelines.simulation import SimulatedCatalogue
    from tests.unit.pipelines.fakes import BUILTIN, run

    found = {}
    for tool in BUILTIN:
        given = tool.examples[0].get("input", {})
        # What would wait, or talk to somebody, is simulated: that is the engine, too.
        tools = BUILTIN if tool.pure else SimulatedCatalogue(BUILTIN)
        ran = run(
            {"id": "first", "uses": "debug.echo", "with": {"at": "${now + 1h}"}},
            {"id": "call", "uses": tool.address, "if": "steps.first.at > now", "with": given},
            tools=tools,
        )
        found[tool.address] = [type(ran.outcome).__name__, ran.record("call").output]
    return found


if __name__ == "__main__":
    main()
