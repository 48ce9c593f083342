"""Unpack files that hold files: archives, mailboxes, mails with attachments, dumps of articles.

A member is named by a path through its container, ``archive.zip!/folder/report.pdf``, and never written to disk.
"""

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from index.errors import UnreadableFileError
from index.reading.filetype import detect_kind, has_reader
from index.reading.formats.zip_package import is_bomb

CONTAINER_MARK = "!"  # stands after the container's name in the path of a member
MAX_UNPACKED_BYTES = 2_000_000_000  # bytes of everything that one file holds, at any depth
MAX_MEMBER_BYTES = 500_000_000  # bytes
MAX_MEMBERS = 500_000
MAX_DEPTH = 4  # containers inside containers

_MAIL_BEGINS = re.compile(rb"^From [^\r\n]*\r?\n", re.MULTILINE)
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Member:
    """One thing that can be read: its path, and its bytes or the reason why it cannot be read."""

    path: Path
    data: bytes = b""
    failure: str = ""


@dataclass(slots=True)
class _Budget:
    """How much may still be unpacked of one file."""

    file: Path
    bytes: int = MAX_UNPACKED_BYTES
    members: int = MAX_MEMBERS

    def spend(self, size: int) -> None:
        self.bytes -= size
        self.members -= 1
        if self.bytes < 0 or self.members < 0:
            raise UnreadableFileError(
                f"{self.file} unpacks to more than {MAX_UNPACKED_BYTES / 1e9:.0f} GB or {MAX_MEMBERS:,} parts. "
                "Unpack it and add the folder."
            )


def container_of(path: Path) -> Path:
    """Return the file on disk that ``path`` leads to or through: of ``a.zip!/b.txt`` the archive."""
    for n, part in enumerate(path.parts):
        if part.endswith(CONTAINER_MARK) and n + 1 < len(path.parts) and not Path(*path.parts[: n + 1]).exists():
            return Path(*path.parts[:n], part.removesuffix(CONTAINER_MARK))
    return path


def unpack(path: Path, data: bytes) -> Iterator[Member]:
    """Yield all that can be read in one file: the file itself, or the documents it holds, in their order.

    Within archives, hidden files and those without a reader are left out, as in folders. What cannot be read comes with
    the reason: encrypted members, links, names that lead out of the archive, bombs.

    Raises:
        UnreadableFileError: the file as a whole cannot be opened, or holds more than it should.
    """
    yield from _unpack(path, data, _Budget(path), 0)


def _unpack(path: Path, data: bytes, budget: _Budget, depth: int) -> Iterator[Member]:
    try:
        kind = detect_kind(data, path)
    except UnreadableFileError:
        if depth == 0:
            raise
        return  # an attachment without a reader is named by its mail
    held = _MEMBER_READERS.get(kind)
    inner = None if held is None else held(path, data)
    if inner is None:
        yield Member(path, data)
        return
    if depth >= MAX_DEPTH:
        yield Member(
            path, failure=f"{path} lies in more than {MAX_DEPTH} files in files. Unpack it and add the folder."
        )
        return
    if kind == "mail":
        yield Member(path, data)
    yield from _unpack_members(path, inner, budget, depth)


def _unpack_members(path: Path, inner: Iterator[Member], budget: _Budget, depth: int) -> Iterator[Member]:
    for member in inner:
        budget.spend(len(member.data))
        if member.failure:
            yield member
            continue
        try:
            yield from _unpack(member.path, member.data, budget, depth + 1)
        except UnreadableFileError as error:
            if budget.bytes < 0 or budget.members < 0:
                raise
            yield Member(member.path, failure=str(error))


def member_path(path: Path, name: str) -> Path:
    """Return the path of the member ``name`` of the file at ``path``."""
    return path.with_name(path.name + CONTAINER_MARK) / name


def _read_zip(path: Path, data: bytes) -> Iterator[Member]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, IndexError, UnicodeError) as error:
        raise UnreadableFileError(
            f"{path} is no whole ZIP archive: it is damaged or cut off. Fetch it anew."
        ) from error
    seen: set[Path] = set()
    for info in archive.infolist():
        place = _safe_member_path(path, info.filename)
        if place is None:
            yield Member(
                member_path(path, "?"), failure=f"{path}: {info.filename!r} leads out of the archive. It is left out."
            )
        elif not info.is_dir() and place not in seen and not _is_hidden(info.filename) and has_reader(place):
            seen.add(place)
            yield _read_zip_member(archive, info, place)


def _safe_member_path(path: Path, name: str) -> Path | None:
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\x00" in name:
        return None
    return member_path(path, "/".join(part for part in parts if part not in ("", ".")))


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _read_zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: Path) -> Member:
    if info.flag_bits & _ENCRYPTED:
        return Member(place, failure=f"{place} is encrypted. Unpack the archive with its password and add the folder.")
    if stat.S_ISLNK(info.external_attr >> 16):
        return Member(place, failure=f"{place} is a link to another file, which is not followed. Index that file.")
    if is_bomb(info) or info.file_size > MAX_MEMBER_BYTES:
        return Member(
            place, failure=f"{place} unpacks to {info.file_size / 1e6:,.0f} MB. Unpack it and add the folder."
        )
    try:
        return Member(place, archive.read(info))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        return Member(place, failure=f"{place} is damaged in its archive ({type(error).__name__}). Fetch it anew.")


def _read_mbox(path: Path, data: bytes) -> Iterator[Member]:
    """Yield the mails of a mailbox (RFC 4155): each begins with a line ``From …`` after an empty one."""
    begun = [m for m in _MAIL_BEGINS.finditer(data) if _after_a_blank_line(data, m.start())]
    if not begun:
        raise UnreadableFileError(
            f"{path} is no mailbox: no line begins with “From ”. Give it the ending of what it is."
        )
    ends = [*(m.start() for m in begun[1:]), len(data)]
    for n, (start, end) in enumerate(zip((m.end() for m in begun), ends, strict=True), 1):
        mail = _QUOTED_FROM.sub(rb"\1", data[start:end])
        yield Member(member_path(path, f"{n}.eml"), mail)


def _after_a_blank_line(data: bytes, place: int) -> bool:
    return place == 0 or data[max(0, place - 4) : place].endswith((b"\n\n", b"\n\r\n"))


def _read_mail(path: Path, data: bytes) -> Iterator[Member] | None:
    from index.reading.formats.mail import attachments, parse_mail

    try:
        held = list(attachments(parse_mail(data, path)))
    except Exception:  # its reader says what is wrong with it
        return None
    names: dict[str, int] = {}
    members = []
    for name, content in held:
        safe = name.replace("/", "_").replace("\\", "_").replace("\x00", "").strip(". ") or "attachment"
        names[safe] = names.get(safe, 0) + 1
        place = member_path(path, safe if names[safe] == 1 else f"{names[safe]}-{safe}")
        if has_reader(place):
            members.append(Member(place, content))
    return iter(members) if members else None


def _read_json_lines(path: Path, data: bytes) -> Iterator[Member]:
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            yield Member(member_path(path, f"{number}.json"), line.strip())


def _read_json_articles(path: Path, data: bytes) -> Iterator[Member] | None:
    import json

    from index.reading.encoding import decode
    from index.reading.formats.json import list_articles, parse_json

    found = list_articles(parse_json(decode(data, path), path))
    if found is None:
        return None
    return (
        Member(member_path(path, f"{number}.json"), json.dumps(record, ensure_ascii=False).encode("utf-8", "replace"))
        for number, record in enumerate(found, 1)
    )


def _read_csv_articles(path: Path, data: bytes) -> Iterator[Member] | None:
    """Yield the rows of a table of articles, as news dumps have them; None without columns for text and title."""
    import json

    from index.reading.formats.csv import read_rows
    from index.reading.formats.json import read_article

    table = read_rows(data, path)
    names = [name.strip() for name in next(iter(table), ())]
    words = read_article(dict.fromkeys(names, "x"))
    if len(names) < 2 or words is None or not words.title:  # noqa: PLR2004
        return None
    return (
        Member(
            member_path(path, f"{number}.json"),
            json.dumps(dict(zip(names, row, strict=False)), ensure_ascii=False).encode("utf-8", "replace"),
        )
        for number, row in enumerate(table, 2)
        if any(cell.strip() for cell in row)
    )


_MEMBER_READERS: Mapping[str, Callable[[Path, bytes], Iterator[Member] | None]] = {
    "zip": _read_zip,
    "mbox": _read_mbox,
    "mail": _read_mail,
    "jsonl": _read_json_lines,
    "json": _read_json_articles,
    "csv": _read_csv_articles,
}
