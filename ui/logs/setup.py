"""Where log lines go, and in which form."""

import logging
import sys
from typing import TextIO

from index.errors import SettingsError
from ui.logs.formatting import JsonLines, TextLines

EVENTS = "onrecord"  # the logger of what happens; every other one only warns

_FORMS: dict[str, type[logging.Formatter]] = {"text": TextLines, "json": JsonLines}


def begin_logging(form: str, stream: TextIO | None = None) -> None:
    """Write log lines to ``stream``, standard error by default. Raises SettingsError for an unknown ``form``."""
    if form not in _FORMS:
        raise SettingsError(f"log_format is text or json, not {form!r}.")
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_FORMS[form]())
    handler.addFilter(_matters)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(EVENTS).setLevel(logging.INFO)


def _matters(record: logging.LogRecord) -> bool:
    """Some libraries set the level of their loggers themselves; what they say below a warning may quote anything."""
    return record.name == EVENTS or record.levelno >= logging.WARNING


def log_event(event: str, **fields: object) -> None:
    """Write that ``event`` happened."""
    logging.getLogger(EVENTS).info("%s", event, extra={"fields": fields})
