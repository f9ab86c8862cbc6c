"""What does an MCP server say that its tool is, and is it still what was approved?"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Found:
    """A tool as its server defines it, word for word: nothing of this is to be trusted before a person has seen it.

    `annotations` are the server's own praise (`readOnlyHint` and the like) and decide nothing here.
    """

    name: str
    description: str = ""
    input_schema: Mapping[str, Any] = field(default_factory=dict, repr=False)
    output_schema: Mapping[str, Any] = field(default_factory=dict, repr=False)
    annotations: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def fingerprint(self) -> str:
        """SHA-256, in hexadecimal, of the definition as JSON with its keys in order: another one is another tool."""
        definition = {
            "name": self.name,
            "description": self.description,
            "inputSchema": self.input_schema,
            "outputSchema": self.output_schema,
            "annotations": self.annotations,
        }
        text = json.dumps(definition, sort_keys=True, separators=(",", ":"))
        return sha256(text.encode()).hexdigest()
