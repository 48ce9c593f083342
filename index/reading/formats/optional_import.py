"""Libraries that read a format, imported when a file of it is met."""

from importlib import import_module
from pathlib import Path
from typing import Any

from index.errors import UnreadableFileError


def needed(module: str, path: Path, install: str) -> Any:
    """The module. Raises UnreadableFileError, which says how to ``install`` it, where it is not there."""
    try:
        return import_module(module)
    except ImportError as error:
        raise UnreadableFileError(
            f'{path}: {module.partition(".")[0]}, which reads it, is not installed. Run: pip install "{install}"'
        ) from error
