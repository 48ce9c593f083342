"""An error that nobody foresaw: what it is stands in the log, under a number that can be told to whoever met it."""

import logging
import secrets


def incident(log: logging.Logger, what: str, error: BaseException) -> str:
    """Log that ``what`` happened, with ``error``, and give back the sentence for whoever was served."""
    number = secrets.token_hex(4)
    log.error("%s (incident %s)", what, number, exc_info=error)
    return f"Something went wrong. The server's log says what, as incident {number}; try again."
