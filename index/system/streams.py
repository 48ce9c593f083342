"""Prepare the standard streams of a program to carry whatever a document says."""

import codecs
import io
import json
import os
import sys
from typing import TextIO

_ESCAPE_HANDLER = "onrecord.escaped"
_RAISING_HANDLERS = frozenset({"strict", "surrogateescape"})
_NON_JSON_HANDLERS = frozenset({"backslashreplace"})  # writes \xe9 and \U0001f600, which JSON cannot read


def prepare_streams() -> None:
    r"""Make output and errors write characters that their encoding lacks as ``\u2192``, which JSON can read back.

    Another choice made by PYTHONIOENCODING stays. A stream that was closed before the program began is opened on
    nothing, so that no file of ours takes its number.
    """
    codecs.register_error(_ESCAPE_HANDLER, _escape)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123  # open until the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in _RAISING_HANDLERS | _NON_JSON_HANDLERS:
            stream.reconfigure(errors=_ESCAPE_HANDLER)


def flush_streams() -> str:
    """Flush output and errors; returns why output could not be written, or an empty text.

    A reader that went away, as `head` does, is no failure. What cannot be written is not tried again at exit.
    """
    why = ""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            _redirect_to_null(stream)
            if stream is sys.stdout and not isinstance(error, BrokenPipeError):
                why = error.strerror or str(error)
    return why


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def _redirect_to_null(stream: TextIO) -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, stream.fileno())
    os.close(nothing)
