"""Which files are taken, by default: those there is a reader for, not empty and not huge."""

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from index.errors import UnreadableFileError
from index.reading.filetype import ENDINGS, has_reader
from ui.library.uploads.check import check as look_into
from ui.library.uploads.limits import Limits

_LARGEST = 50_000_000  # bytes
_MILLION = 1_000_000


def check_file(path: Path, name: str, largest: int = _LARGEST) -> None:
    """Raise UnreadableFileError when the file at ``path``, called ``name``, is not to be taken, with what to do."""
    if not has_reader(Path(name)):
        ending = PurePosixPath(name).suffix
        kind = f'"{ending}" files' if ending else "Files without an ending"
        raise UnreadableFileError(f"{kind} cannot be read. These can: {', '.join(ENDINGS)}. Save it as one of them.")
    size = path.stat().st_size
    if size == 0:
        raise UnreadableFileError("The file is empty. Save it again, or leave it out.")
    if size > largest:
        raise UnreadableFileError(
            f"The file has {size / _MILLION:,.0f} MB, and {largest / _MILLION:,.0f} MB are the most. Split it."
        )


def content_check(limits: Limits) -> Callable[[Path, str], None]:
    """A check that also looks into the file: what it holds must be what some reader reads, and be no trap."""

    def check(path: Path, name: str) -> None:
        check_file(path, name, limits.file_bytes)
        look_into(path, name, limits)

    return check
