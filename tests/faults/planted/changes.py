"""Changes to modules of the platform: each statement is executed in its module as soon as that has been imported.

tasks_app.maintenance.prune: STREAM_ENTRIES = 1000
tasks_app.queue: import timings; claim = timings.timed(claim)
"""

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any


def after_import(text: str) -> None:
    """Have every line of `module: statement` executed. Several lines may be about one module."""
    statements: dict[str, list[str]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        module, _, statement = line.partition(":")
        statements.setdefault(module, []).append(statement.strip())
    if statements:
        sys.meta_path.insert(0, _Finder(statements))


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, statements: dict[str, list[str]]) -> None:
        self._statements = statements

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self._statements:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._statements[name])
        return spec


class _Loader(importlib.abc.Loader):
    def __init__(self, loader: Any, statements: list[str]) -> None:
        self._loader = loader
        self._statements = statements

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        for statement in self._statements:
            exec(statement, module.__dict__)
