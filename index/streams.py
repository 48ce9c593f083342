"""The standard streams of a program, fit to carry whatever a document says."""

import codecs
import io
import json
import os
import sys
from typing import TextIO

_ESCAPED = "onrecord.escaped"
_RAISING = frozenset({"strict", "surrogateescape"})
_NO_JSON = frozenset({"backslashreplace"})  # writes \xe9 and \U0001f600, which JSON has not


def prepare_streams() -> None:
    r"""Have output and errors write what their encoding lacks as ``\u2192``, which JSON reads back.

    Whoever chose another way by PYTHONIOENCODING keeps it. A stream that was closed before the program began is
    opened on nothing, so that no file of ours takes its number.
    """
    codecs.register_error(_ESCAPED, _escaped)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123  # open until the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in _RAISING | _NO_JSON:
            stream.reconfigure(errors=_ESCAPED)


def flush_streams() -> str:
    """Write what output and errors still hold. Give back why output could not be written; empty where it was.

    A reader that went away, as `head` does, is no fault. What cannot be written is not tried again at the end.
    """
    why = ""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            _write_nowhere(stream)
            if stream is sys.stdout and not isinstance(error, BrokenPipeError):
                why = error.strerror or str(error)
    return why


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def _write_nowhere(stream: TextIO) -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, stream.fileno())
    os.close(nothing)
