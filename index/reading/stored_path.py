"""How the index names a file, and back: paths may hold any bytes, stored text only characters."""

import os
import re
from pathlib import Path

_ODD_BYTE = re.compile(r"\\u(dc[89a-f][0-9a-f])")


def file_name(path: Path) -> str:
    """The file's absolute path as text; bytes that are no UTF-8 stand as ``\\udcXX``."""
    return real_to_stored_path(path.resolve().as_posix())


def real_to_stored_path(real: str) -> str:
    """The same of a path that is real already: absolute, without links."""
    return real.replace(os.sep, "/").encode("utf-8", "backslashreplace").decode()


def from_stored_path(name: str) -> Path:
    """The file that ``file_name`` named."""
    return Path(_ODD_BYTE.sub(lambda m: chr(int(m[1], 16)), name))
