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


def shown_path(source: str, mark: str = "!") -> str:
    """Return the name of a document's file without its folders, which are nobody's business but the owner's.

    ``mark`` stands after the name of a file that holds others, whose path inside it is shown whole.

    >>> shown_path("/home/ada/letters/May.pdf"), shown_path("/srv/news.zip!/2024/may.txt")
    ('May.pdf', 'news.zip/2024/may.txt')
    """
    outer, held, inner = source.partition(f"{mark}/")
    name = outer.rstrip("/").rpartition("/")[2]
    return f"{name}/{inner.replace(f'{mark}/', '/')}" if held else name


def from_stored_path(name: str) -> Path:
    """Return the path that ``to_stored_path`` was given."""
    return Path(_ESCAPED_BYTE.sub(lambda m: chr(int(m[1], 16)), name))
