"""What is wrong with a request, in plain words: pydantic's findings without its vocabulary and the values sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from ui.core.failures import Failure, printable

_MAX_FAULTS = 3  # faults of one request that are reported
_REQUEST_PARTS = frozenset({("body",), ("query",), ("path",)})  # where FastAPI found the field
WHOLE, OBJECT, TRUTH = "has to be a whole number", "has to be an object", "has to be true or false"
UNKNOWN = "is nothing that can be set here"

_MESSAGES: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": UNKNOWN,
    "string_type": "has to be text",
    "string_unicode": "holds half a character, which is no text",
    "string_too_long": "may have at most {max_length:,} characters",
    "list_type": "has to be a list",
    "too_long": "may have at most {max_length:,} entries",
    "too_short": "is empty",
    "dict_type": OBJECT,
    "model_type": OBJECT,
    "model_attributes_type": OBJECT,
    "int_type": WHOLE,
    "int_parsing": WHOLE,
    "int_from_float": WHOLE,
    "int_parsing_size": "is too large a number",
    "greater_than_equal": "has to be at least {ge:,}",
    "less_than_equal": "may be at most {le:,}",
    "bool_type": TRUTH,
    "bool_parsing": TRUTH,
    "literal_error": "has to be {expected}",
    "value_error": "{error}",
}


def validation_failure(faults: Sequence[Mapping[str, Any]], status: int) -> Failure:
    """Return a failure with ``status`` for the first of pydantic's ``faults``, each with its place in the request."""
    messages = [_message(fault) for fault in faults[:_MAX_FAULTS]]
    if len(faults) > _MAX_FAULTS:
        messages.append(f"and {len(faults) - _MAX_FAULTS} more")
    return Failure(
        status, "invalid_request", printable("; ".join(messages) + "."), printable(_place(faults[0])) if faults else ""
    )


def _message(fault: Mapping[str, Any]) -> str:
    if fault["type"] == "json_invalid":
        return "The body is not JSON that can be read"
    text = _MESSAGES.get(fault["type"], "is not as described").format_map(fault.get("ctx") or {})
    place = _place(fault)
    return f"`{place}` {text}" if place else f"The request {text}"


def _place(fault: Mapping[str, Any]) -> str:
    """Return ``messages[2].content``, with the names that the caller may have made up cut short."""
    loc = fault["loc"][1:] if fault["loc"][:1] in _REQUEST_PARTS else fault["loc"]
    if fault["type"] == "json_invalid":
        return ""
    names = (f"[{part}]" if isinstance(part, int) else f".{str(part)[:60]}" for part in loc[:8])
    return "".join(names).removeprefix(".")
