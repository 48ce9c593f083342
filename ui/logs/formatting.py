"""A log record as one line, as text or as JSON.

An exception is written with its type and where it was raised. Its message is not: that may quote the question, a
document or a key.
"""

import json
import logging
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_MAX_FRAMES = 8


class TextLines(logging.Formatter):
    """``2026-01-31T12:00:00.000Z INFO asked visitor=1f… seconds=0.8``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record on one line."""
        row = _row(record)
        head = " ".join(str(row.pop(name)) for name in ("time", "level", "event"))
        return " ".join([head, *(f"{name}={_field_text(value)}" for name, value in row.items())])


class JsonLines(logging.Formatter):
    """The same as one JSON object a line (https://jsonlines.org)."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record on one line."""
        return json.dumps(_row(record), ensure_ascii=False, default=str)


def _row(record: logging.LogRecord) -> dict[str, Any]:
    time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    row: dict[str, Any] = {"time": time, "level": record.levelname}
    fields: Mapping[str, Any] | None = getattr(record, "fields", None)
    if fields is None:
        message = record.getMessage().strip()
        if record.name == "asyncio":
            message = message.partition("\n")[0]  # the lines after it show the error with its message
        row |= {"event": "message", "logger": record.name, "message": message}
    else:
        row |= {"event": record.getMessage(), **fields}
    if record.exc_info and record.exc_info[0] is not None:
        frames = traceback.extract_tb(record.exc_info[2])[-_MAX_FRAMES:]
        row["error"] = record.exc_info[0].__name__
        row["raised"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return row


def _field_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{name}:{_field_text(one)}" for name, one in value.items()) or "-"
    if isinstance(value, float):
        return f"{value:.3f}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if text and text.isprintable() and " " not in text else json.dumps(text, ensure_ascii=False)
