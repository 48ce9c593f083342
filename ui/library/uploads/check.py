"""Check whether an uploaded file is accepted, by its ending, size and content."""

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from index.errors import UnreadableFileError
from index.reading.encoding import decode
from index.reading.filetype import ENDINGS, TEXTS, detect_kind, has_reader, is_zip
from ui.library.uploads.archives import check_archive, check_packed
from ui.library.uploads.limits import UploadLimits
from ui.library.uploads.names import shown_name

_MAX_FILE_BYTES = 50_000_000  # bytes
_MEGABYTE = 1_000_000


def check_content(path: Path, name: str, limits: UploadLimits) -> None:
    """Raise UnreadableFileError, with what to do, where the content of the file ``name`` is not accepted.

    It must be in a format that can be read, and unpack to no more than ``limits``. An error in one document of an
    archive is reported when that document is read, since the others go on.
    """
    shown = shown_name(name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"{shown} did not arrive whole ({error.strerror}). Upload it again.") from None
    kind = detect_kind(data, Path(shown))
    if kind in TEXTS:
        decode(data, Path(shown))
    elif kind == "zip":
        check_archive(shown, data, limits)
    elif is_zip(data):
        check_packed(shown, data, limits)


def check_file(path: Path, name: str, largest: int = _MAX_FILE_BYTES) -> None:
    """Raise UnreadableFileError, with what to do, where ending or size of the file ``name`` is not accepted."""
    if not has_reader(Path(name)):
        ending = PurePosixPath(name).suffix
        kind = f'"{ending}" files' if ending else "Files without an ending"
        raise UnreadableFileError(f"{kind} cannot be read. These can: {', '.join(ENDINGS)}. Save it as one of them.")
    size = path.stat().st_size
    if size == 0:
        raise UnreadableFileError("The file is empty. Save it again, or leave it out.")
    if size > largest:
        raise UnreadableFileError(
            f"The file has {size / _MEGABYTE:,.0f} MB, and {largest / _MEGABYTE:,.0f} MB are the most. Split it."
        )


def content_check(limits: UploadLimits) -> Callable[[Path, str], None]:
    """Return a check of ending, size and content."""

    def check(path: Path, name: str) -> None:
        check_file(path, name, limits.file_bytes)
        check_content(path, name, limits)

    return check
