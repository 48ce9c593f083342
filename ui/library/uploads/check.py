"""Whether a file that somebody sent may be taken, by what it holds."""

from pathlib import Path

from index.errors import UnreadableFileError
from index.reading.encoding import decode
from index.reading.filetype import TEXTS, detect_kind, is_zip
from ui.library.uploads.archives import check_archive, check_packed
from ui.library.uploads.limits import Limits
from ui.library.uploads.names import shown_name


def check(path: Path, name: str, limits: Limits) -> None:
    """Raise UnreadableFileError where the file at ``path``, called ``name``, is not to be taken, with what to do.

    It must hold what some reader reads, and unpack to no more than ``limits``. What is wrong with one document in an
    archive is for whoever reads it to tell, since the others go on.
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
