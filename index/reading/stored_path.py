"""Convert paths to the text that the index stores, and back: paths may hold any bytes, stored text only characters."""

import os
import re
from pathlib import Path

_ESCAPED_BYTE = re.compile(r"\\u(dc[89a-f][0-9a-f])")


def to_stored_path(path: Path) -> str:
    r"""Return the file's absolute path as text; bytes that are no UTF-8 become ``\udcXX``."""
    return real_to_stored_path(path.resolve().as_posix())


def real_to_stored_path(real: str) -> str:
    """Return the same for a path that is absolute and without links already."""
    return real.replace(os.sep, "/").encode("utf-8", "backslashreplace").decode()


def from_stored_path(name: str) -> Path:
    """Return the path that ``to_stored_path`` was given."""
    return Path(_ESCAPED_BYTE.sub(lambda m: chr(int(m[1], 16)), name))
