"""Where log lines go and in which format; events, and errors that nobody foresaw."""

import logging
import secrets
import sys
from typing import TextIO

from index.errors import SettingsError
from ui.logs.formatting import JsonLines, TextLines

WENT_WRONG = "Something went wrong"  # how every message about an unforeseen error begins
SEE_LOG = "The server's log says what"
EVENTS = "onrecord"  # the logger of events; every other one logs only warnings

_FORMATTERS: dict[str, type[logging.Formatter]] = {"text": TextLines, "json": JsonLines}


def begin_logging(form: str, stream: TextIO | None = None) -> None:
    """Write log lines to ``stream``, by default standard error. Raises SettingsError for an unknown ``form``."""
    if form not in _FORMATTERS:
        raise SettingsError(f"log_format is text or json, not {form!r}.")
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_FORMATTERS[form]())
    handler.addFilter(_is_wanted)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(EVENTS).setLevel(logging.INFO)


def _is_wanted(record: logging.LogRecord) -> bool:
    """Return whether to write the record: some libraries set the level of their own loggers, and may quote anything."""
    return record.name == EVENTS or record.levelno >= logging.WARNING


def log_event(event: str, **fields: object) -> None:
    """Write that ``event`` happened, with its fields."""
    logging.getLogger(EVENTS).info("%s", event, extra={"fields": fields})


def log_incident(log: logging.Logger, what: str, error: BaseException) -> str:
    """Log an unforeseen ``error`` under a number, and return the sentence with that number for the user."""
    number = secrets.token_hex(4)
    log.error("%s (incident %s)", what, number, exc_info=error)
    return f"{WENT_WRONG}. {SEE_LOG}, as incident {number}; try again."
