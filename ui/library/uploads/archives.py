"""Check ZIP archives without believing what members state about their size or place.

The sizes that an archive states are a first check; a document that is an archive itself is unpacked without being
written, and counted while it is read. Members that share bytes are refused, which is how an archive of a few megabytes
holds terabytes (Fifield, "A better zip bomb", WOOT 2019).
"""

import io
import zipfile
import zlib
from pathlib import Path

from index.errors import UnreadableFileError
from index.reading.filetype import has_reader
from ui.library.uploads.limits import MEGABYTE, UploadLimits

OVERLAPPING = "files in it share the same bytes"
_CHUNK = 1 << 16
_UNLIMITED_BYTES = 1_000_000  # bytes below which any compression ratio is accepted
_MIN_HEADER_BYTES = 30  # the least bytes of a member's local header
_MAX_MEMBERS = 10_000
_ENCRYPTED = 0x1


def check_archive(name: str, data: bytes, limits: UploadLimits) -> None:
    """Raise UnreadableFileError for an archive of documents that is damaged, malicious, or over the limits.

    Each document in it is checked when it is read (``index.reading.containers``), which takes out no more than is
    stated here.
    """
    archive = _open(name, data, limits)
    documents = sum(has_reader(Path(info.filename)) for info in archive.infolist())
    if documents > limits.files:
        raise UnreadableFileError(
            f"{name} holds {documents:,} files; {limits.files:,} are taken at once. Upload fewer."
        )


def check_packed(name: str, data: bytes, limits: UploadLimits) -> None:
    """Unpack a document that is an archive itself, without writing it. Raises UnreadableFileError."""
    with _open(name, data, limits) as archive:
        if any(info.flag_bits & _ENCRYPTED for info in archive.infolist()):
            raise UnreadableFileError(f"{name} is encrypted. Save it without a password and upload it again.")
        left = limits.total_bytes
        for info in archive.infolist():
            try:
                left -= _unpacked_size(archive, info, name, limits, left)
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
                raise UnreadableFileError(f"{name} is damaged. Save it anew and upload it again.") from None


def _open(name: str, data: bytes, limits: UploadLimits) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError, UnicodeDecodeError):
        raise UnreadableFileError(f"{name} is a damaged archive. Pack it anew and upload it again.") from None
    if len(infos) > _MAX_MEMBERS:
        raise UnreadableFileError(
            f"{name} holds {len(infos):,} files; {_MAX_MEMBERS:,} are taken at once. Upload fewer."
        )
    if sum(info.file_size for info in infos) > limits.total_bytes:
        raise UnreadableFileError(f"{name} unpacks to more than {_mb(limits.total_bytes)}. Upload less at once.")
    ends = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < ends:
            raise UnreadableFileError(f"{name} is refused: {OVERLAPPING}, as only made-up archives do.")
        ends = info.header_offset + _MIN_HEADER_BYTES + info.compress_size
    return archive


def _unpacked_size(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, limits: UploadLimits, left: int) -> int:
    """Return how many bytes a member really holds. Raises UnreadableFileError above the limits."""
    most = min(limits.file_bytes, left)
    packed = max(1, info.compress_size)
    size = 0
    with archive.open(info) as member:
        while chunk := member.read(_CHUNK):
            size += len(chunk)
            if size > most:
                raise UnreadableFileError(f"{name} unpacks to more than is taken ({_mb(most)}). Upload less at once.")
            if size > _UNLIMITED_BYTES and size > limits.ratio * packed:
                raise UnreadableFileError(f"{name} is refused: it unpacks to over {limits.ratio} times its size.")
    return size


def _mb(size: int) -> str:
    return f"{max(1, size // MEGABYTE):,} MB"
