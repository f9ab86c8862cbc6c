"""A tool whose input schema has a pattern that some texts make go on for ever: what a careless author of tools can do."""

from pipelines.catalogue import Catalogue, Tool

SCHEMA = {"type": "object", "properties": {"text": {"type": "string", "pattern": "^(a|aa)+$"}}}


def with_pattern_tool(known: Catalogue) -> Catalogue:
    return known.with_tools(Tool("bombs.pattern", lambda given, _call: given, input_schema=SCHEMA, pure=True))
