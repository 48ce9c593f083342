"""What of an upload is taken, file by file, archives unpacked."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from ui.uploads.archives import Member, check_packed, members
from ui.uploads.kinds import check_kind, is_zip
from ui.uploads.limits import MEGABYTE, Limits
from ui.uploads.names import another_name, safe_name, shown_name
from ui.uploads.schema import Accepted, BadUpload, Refused, Upload

_ZIP = ".zip"


def check(uploads: Sequence[Upload], limits: Limits, endings: Collection[str]) -> Iterator[Accepted | Refused]:
    """Each file in turn, taken or refused; one at a time, so that no more than one is held in memory.

    ``endings`` are those there are readers for, in small letters. Names are safe and differ, also by case. What is
    wrong with one file is told of that file, and the others go on.
    """
    so_far = _SoFar(limits)
    for upload in uploads:
        name = shown_name(upload.name)
        try:
            data = _read(upload, name, limits)
            yield from _one(upload.name, name, data, so_far, endings, depth=0)
        except BadUpload as error:
            yield Refused(name, str(error))


@dataclass
class _SoFar:
    """What was taken of one upload."""

    limits: Limits
    files: int = 0
    size: int = 0
    unpacked: int = 0
    names: set[str] = field(default_factory=set)

    def take(self, name: str, shown: str, data: bytes) -> Accepted:
        if self.files >= self.limits.files:
            raise BadUpload(f"{shown} is one too many: {self.limits.files:,} files are taken at once. Upload it next.")
        if self.size + len(data) > self.limits.total_bytes:
            most = self.limits.total_bytes // MEGABYTE
            raise BadUpload(f"{shown} would make the upload larger than {most:,} MB. Upload it next.")
        kept = another_name(safe_name(name), self.names)
        self.files += 1
        self.size += len(data)
        self.names.add(kept.casefold())
        return Accepted(kept, data)


def _read(upload: Upload, name: str, limits: Limits) -> bytes:
    try:
        size = upload.file.stat().st_size
        if size > limits.file_bytes:
            most = limits.file_bytes // MEGABYTE
            raise BadUpload(f"{name} has {size / MEGABYTE:,.1f} MB; {most:,} MB are taken. Split it.")
        with upload.file.open("rb") as opened:
            return opened.read(limits.file_bytes)
    except OSError as error:
        raise BadUpload(f"{name} did not arrive whole ({error.strerror}). Upload it again.") from None


def _one(
    name: str, shown: str, data: bytes, so_far: _SoFar, endings: Collection[str], *, depth: int
) -> Iterator[Accepted | Refused]:
    ending = PurePath(safe_name(name)).suffix.lower()
    if ending != _ZIP and ending not in endings:
        what = f'"{ending}" files' if ending else "files without an ending"
        raise BadUpload(f"{shown}: {what} are not read. These are: {', '.join(sorted({*endings, _ZIP}))}")
    check_kind(shown, data)
    if ending != _ZIP:
        if is_zip(data):
            check_packed(shown, data, so_far.limits)
        yield so_far.take(name, shown, data)
        return
    if depth >= so_far.limits.depth:
        raise BadUpload(f"{shown} stands in {depth} other archives. Unpack it and upload what is in it.")
    # All archives of an upload, those in archives too, share what may be unpacked.
    left = replace(so_far.limits, total_bytes=max(0, so_far.limits.total_bytes - so_far.unpacked))
    for found in members(shown, data, left):
        if isinstance(found, Refused):
            yield found
        else:
            so_far.unpacked += len(found.data)
            yield from _member(shown, found, so_far, endings, depth)


def _member(
    archive: str, member: Member, so_far: _SoFar, endings: Collection[str], depth: int
) -> Iterator[Accepted | Refused]:
    shown = f"{archive}/{shown_name(member.path)}"
    try:
        yield from _one(member.path, shown, member.data, so_far, endings, depth=depth + 1)
    except BadUpload as error:
        yield Refused(shown, str(error))
