"""What is wrong with a request, in words: what pydantic found, without its language and without what was sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from ui.doors.failures import Failure, sound

_SHOWN = 3  # faults of one request that are told
_PARTS = frozenset({("body",), ("query",), ("path",)})  # where FastAPI found what it names
_WHOLE, _OBJECT, _TRUTH = "has to be a whole number", "has to be an object", "has to be true or false"

_SAID: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "is nothing that can be set here",
    "string_type": "has to be text",
    "string_unicode": "holds half a character, which is no text",
    "string_too_long": "may have at most {max_length:,} characters",
    "list_type": "has to be a list",
    "too_long": "may have at most {max_length:,} entries",
    "too_short": "is empty",
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": "is too large a number",
    "greater_than_equal": "has to be at least {ge:,}",
    "less_than_equal": "may be at most {le:,}",
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "literal_error": "has to be {expected}",
    "value_error": "{error}",
}


def faults_of(faults: Sequence[Mapping[str, Any]], status: int) -> Failure:
    """A failure with ``status`` that tells the first of pydantic's ``faults``, each by the place it was found at."""
    told = [_told(fault) for fault in faults[:_SHOWN]]
    if len(faults) > _SHOWN:
        told.append(f"and {len(faults) - _SHOWN} more")
    return Failure(status, "invalid_request", sound("; ".join(told) + "."), sound(_place(faults[0])) if faults else "")


def _told(fault: Mapping[str, Any]) -> str:
    if fault["type"] == "json_invalid":
        return "The body is not JSON that can be read"
    said = _SAID.get(fault["type"], "is not as described").format_map(fault.get("ctx") or {})
    place = _place(fault)
    return f"`{place}` {said}" if place else f"The request {said}"


def _place(fault: Mapping[str, Any]) -> str:
    """``messages[2].content``: the names are ours, but for what the caller made up, which is as long as they like."""
    loc = fault["loc"][1:] if fault["loc"][:1] in _PARTS else fault["loc"]
    if fault["type"] == "json_invalid":
        return ""
    names = (f"[{part}]" if isinstance(part, int) else f".{str(part)[:60]}" for part in loc[:8])
    return "".join(names).removeprefix(".")
