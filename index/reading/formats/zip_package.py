"""ZIP packages, as Office documents and e-books are: opened with limits, read with errors of our own."""

import io
import zipfile
import zlib
from pathlib import Path

from index.errors import UnreadableFileError

MAX_MEMBERS = 20_000
MAX_UNPACKED_BYTES = 400_000_000  # bytes, of all members
MAX_MARKUP_BYTES = 80_000_000  # bytes, of the members that hold XML or HTML, which becomes several times as much
MAX_RATIO = 400  # unpacked to packed, above which a member of some size is a bomb; XML seldom has 50
SMALL = 5_000_000  # bytes; a member below is never a bomb

_MARKUP = (".xml", ".rels", ".xhtml", ".html", ".htm", ".opf", ".ncx")
_ENCRYPTED = 0x1


def opened(data: bytes, path: Path, what: str) -> zipfile.ZipFile:
    """The package, its members' sizes checked before anything is unpacked; ``what`` names the format in errors.

    zipfile never unpacks more of a member than its stated size.

    Raises:
        UnreadableFileError: damaged, encrypted, or larger inside than any document is.
    """
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, IndexError, UnicodeError) as error:
        raise damaged(path, what) from error
    members = package.infolist()
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise UnreadableFileError(f"{path} is encrypted. Save a copy without a password and index that.")
    unpacked = sum(member.file_size for member in members)
    markup = sum(member.file_size for member in members if member.filename.lower().endswith(_MARKUP))
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED_BYTES or markup > MAX_MARKUP_BYTES or any(map(is_bomb, members)):
        raise UnreadableFileError(
            f"{path} unpacks to {unpacked / 1e6:,.0f} MB in {len(members):,} parts, more than {what} should. "
            "If you trust it, save it as text and index that."
        )
    return package


def is_bomb(member: zipfile.ZipInfo) -> bool:
    """Whether a member is packed tighter than documents are."""
    return member.file_size > SMALL and member.file_size > MAX_RATIO * max(member.compress_size, 1)


def part(package: zipfile.ZipFile, name: str, path: Path, what: str) -> bytes:
    """The bytes of one member. Raises UnreadableFileError where it is missing or damaged."""
    try:
        return package.read(name)
    except (
        KeyError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise damaged(path, what) from error


def damaged(path: Path, what: str) -> UnreadableFileError:
    """What is said of a package that cannot be read."""
    return UnreadableFileError(
        f"{path} is no whole {what} file: it is damaged, cut off, or something else. "
        "Fetch it anew, or open it in its program, save it anew and index that."
    )
