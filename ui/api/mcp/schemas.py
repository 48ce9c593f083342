"""The input schemas of the tools, in the subset of JSON Schema that every client and model server reads.

Grammars of llama.cpp know no pattern that is not anchored and no long repetition, OpenAI's strict mode no default and
no open object, Gemini no reference: so there are none. What is left out here is checked when the tool is called.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

_KEPT = ("title", "description", "type", "enum", "minimum", "maximum")


def input_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of ``model`` without references, alternatives, patterns, formats, lengths and defaults."""
    whole = model.model_json_schema()
    return _plain(whole, whole.get("$defs", {}))


def _plain(schema: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        schema = {**named[schema["$ref"].rpartition("/")[2]], **schema}
    if "anyOf" in schema:  # one type, or one type and null, which means leaving it out
        schema = {**schema["anyOf"][0], **schema}
    made = {key: schema[key] for key in _KEPT if key in schema}
    if "items" in schema:
        made["items"] = _plain(schema["items"], named)
    if "properties" in schema:
        made["properties"] = {name: _plain(field, named) for name, field in schema["properties"].items()}
        made["required"] = schema["required"]
        made["additionalProperties"] = False
    return made
