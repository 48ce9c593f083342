"""Open ZIP packages, as Office documents and e-books are, with limits and errors of our own."""

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any

from index.errors import UnreadableFileError
from index.reading.formats.base import import_optional

MAX_MEMBERS = 20_000
MAX_UNPACKED_BYTES = 400_000_000  # bytes, of all members
MAX_MARKUP_BYTES = 80_000_000  # bytes of XML and HTML members, which take several times as much memory once parsed
MAX_RATIO = 400  # unpacked to packed size; a large member with more is a bomb. XML seldom reaches 50
MIN_BOMB_BYTES = 5_000_000  # bytes; a smaller member is never a bomb

_MARKUP = (".xml", ".rels", ".xhtml", ".html", ".htm", ".opf", ".ncx")
_ENCRYPTED = 0x1


def open_package(data: bytes, path: Path, what: str) -> zipfile.ZipFile:
    """Open a package and check its members' sizes before anything is unpacked; ``what`` names the format in errors.

    zipfile never unpacks more of a member than its stated size.

    Raises:
        UnreadableFileError: damaged, encrypted, or larger inside than any document is.
    """
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, IndexError, UnicodeError) as error:
        raise damaged_error(path, what) from error
    members = package.infolist()
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise UnreadableFileError(f"{path} is encrypted. Save a copy without a password and add that.")
    unpacked = sum(member.file_size for member in members)
    markup = sum(member.file_size for member in members if member.filename.lower().endswith(_MARKUP))
    if (
        len(members) > MAX_MEMBERS
        or unpacked > MAX_UNPACKED_BYTES
        or markup > MAX_MARKUP_BYTES
        or any(map(is_bomb, members))
    ):
        raise UnreadableFileError(
            f"{path} unpacks to {unpacked / 1e6:,.0f} MB in {len(members):,} parts, more than {what} should. "
            "If you trust it, save it as text and add that."
        )
    return package


def load_office_library(module: str, data: bytes, path: Path, what: str) -> Any:
    """Import the library that reads an office file, which is checked first as ``open_package`` does.

    Raises UnreadableFileError for a damaged file, and where the library is missing.
    """
    library = import_optional(module, path, "onrecord[formats]")
    open_package(data, path, what).close()
    return library


def is_bomb(member: zipfile.ZipInfo) -> bool:
    """Tell whether a member is packed tighter than documents are."""
    return member.file_size > MIN_BOMB_BYTES and member.file_size > MAX_RATIO * max(member.compress_size, 1)


def read_member(package: zipfile.ZipFile, name: str, path: Path, what: str) -> bytes:
    """Read the bytes of one member. Raises UnreadableFileError if it is missing or damaged."""
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
        raise damaged_error(path, what) from error


def damaged_error(path: Path, what: str) -> UnreadableFileError:
    """Make the error for a package that cannot be read."""
    return UnreadableFileError(
        f"{path} is no whole {what} file: it is damaged, cut off, or something else. "
        "Fetch it anew, or open it in its program, save it anew and add that."
    )
