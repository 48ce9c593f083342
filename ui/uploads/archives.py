"""ZIP archives opened with suspicion: no member is believed about its size, its place or its kind.

What sizes an archive states are a first check; what comes out is counted as it comes. Members that share bytes are
refused, which is how an archive of a few megabytes holds terabytes (Fifield, "A better zip bomb", WOOT 2019).
"""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from ui.uploads.limits import Limits
from ui.uploads.names import shown_name
from ui.uploads.schema import BadUpload, Refused

_CHUNK = 1 << 16
_FREE = 1_000_000  # bytes that may be packed as tightly as they like
_HEADER = 30  # bytes of a member's own header, at least
_MOST_MEMBERS = 10_000
_ENCRYPTED = 0x1
_NO_DOCUMENTS = ("__MACOSX", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive, by its whole path."""

    path: str
    data: bytes


def members(name: str, data: bytes, limits: Limits) -> Iterator[Member | Refused]:
    """The files in the archive one after another, those that cannot be taken refused.

    Raises BadUpload for an archive that cannot be taken at all, before or while it is read.
    """
    with _opened(name, data, limits, limits.files) as archive:
        left = limits.total_bytes
        for info in archive.infolist():
            path = f"{shown_name(name)}/{shown_name(info.filename)}"
            if info.is_dir() or _left_out(info.filename):
                continue
            if why := _unsafe(info):
                yield Refused(path, f"{path} {why}")
            elif info.file_size > limits.file_bytes:
                yield Refused(path, f"{path} has {_mb(info.file_size)}; {_mb(limits.file_bytes)} are taken.")
            else:
                try:
                    content = _read(archive, info, path, limits, left)
                except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
                    yield Refused(path, f"{path} cannot be unpacked: it is damaged or packed in a way not known here.")
                    continue
                left -= len(content)
                yield Member(info.filename, content)


def check_packed(name: str, data: bytes, limits: Limits) -> None:
    """Unpack a document that is an archive itself, to nowhere. Raises BadUpload where it is too large or damaged."""
    with _opened(name, data, limits, _MOST_MEMBERS) as archive:
        left = limits.total_bytes
        for info in archive.infolist():
            try:
                left -= len(_read(archive, info, name, limits, left))
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
                raise BadUpload(f"{name} is damaged. Save it anew and upload it again.") from None


def _opened(name: str, data: bytes, limits: Limits, most: int) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError, UnicodeDecodeError):
        raise BadUpload(f"{name} is a damaged archive. Pack it anew and upload it again.") from None
    if len([info for info in infos if not info.is_dir()]) > most or len(infos) > _MOST_MEMBERS:
        raise BadUpload(f"{name} holds {len(infos):,} files; {most:,} are taken at once. Upload fewer.")
    if sum(info.file_size for info in infos) > limits.total_bytes:
        raise BadUpload(f"{name} unpacks to more than {_mb(limits.total_bytes)}. Upload less at once.")
    ends = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < ends:
            raise BadUpload(f"{name} is refused: files in it share the same bytes, as only made-up archives do.")
        ends = info.header_offset + _HEADER + info.compress_size
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        raise BadUpload(f"{name} is encrypted. Pack it without a password and upload it again.")
    return archive


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, limits: Limits, left: int) -> bytes:
    most = min(limits.file_bytes, left)
    packed = max(1, info.compress_size)
    found = bytearray()
    with archive.open(info) as member:
        while chunk := member.read(_CHUNK):
            found += chunk
            if len(found) > most:
                raise BadUpload(f"{path} unpacks to more than is taken ({_mb(most)}). Upload less at once.")
            if len(found) > _FREE and len(found) > limits.ratio * packed:
                raise BadUpload(f"{path} is refused: it unpacks to over {limits.ratio} times its size.")
    return bytes(found)


def _unsafe(info: zipfile.ZipInfo) -> str:
    """What is wrong with where a member would go or what it is; empty where nothing is."""
    path = info.filename.replace("\\", "/")
    if path.startswith("/") or path[1:2] == ":" or ".." in PurePosixPath(path).parts or "\0" in info.orig_filename:
        return "would be put outside its folder. Pack it anew without such paths."
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "is a link to another file. Pack the file itself."
    return "" if kind in {0, stat.S_IFREG} else "is no ordinary file. Pack only files."


def _left_out(path: str) -> bool:
    """Whether the system that packed it put it there, rather than a person."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    hidden = any(part.startswith(".") and set(part) != {"."} for part in parts)
    return hidden or any(part in _NO_DOCUMENTS for part in parts)


def _mb(size: int) -> str:
    return f"{max(1, size // 1_000_000):,} MB"
