"""Check the files of a data folder that nothing can derive, as far as their kind can tell."""

import json
from collections.abc import Iterator
from pathlib import Path

from index.maintenance.backup import list_backed_up_files
from index.storage.sqlite_file import is_sound

_INDEX_FOLDER = "chroma/"  # checked by ``check_index`` itself


def find_damaged_files(data_dir: Path) -> Iterator[str]:
    """Name each file that is damaged and say what to do about it."""
    for name in list_backed_up_files(data_dir):
        if not name.startswith(_INDEX_FOLDER) and not _is_whole(data_dir / name):
            yield f"{name} is damaged: restore it from a backup, or move it away and lose what it held"


def _is_whole(path: Path) -> bool:
    try:
        if path.suffix == ".sqlite3":
            return is_sound(path)
        if path.suffix in (".json", ".jsonl"):
            _read_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def _read_json(text: str) -> None:
    """Parse one JSON value, or one a line. Raises ValueError."""
    try:
        json.loads(text)
    except ValueError:
        for line in text.splitlines():
            if line.strip():
                json.loads(line)
