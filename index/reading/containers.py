"""Files that hold files: archives, mailboxes, mails with attachments, dumps of articles.

What lies in one is named by a path through it, ``archive.zip!/folder/report.pdf``, which is never written to disk.
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
from index.reading.filetype import detect_kind, readable
from index.reading.formats.zip_package import is_bomb

MARK = "!"  # after the name of a file that holds others, in the path of what it holds
MAX_UNPACKED_BYTES = 2_000_000_000  # bytes, of all that one file holds, whatever lies in what
MAX_MEMBER_BYTES = 500_000_000  # bytes
MAX_MEMBERS = 500_000
DEEPEST = 4  # files in files in files

_MAIL_BEGINS = re.compile(rb"^From [^\r\n]*\r?\n", re.MULTILINE)
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Member:
    """One thing that can be read: its path, and its bytes, or why it cannot be read."""

    path: Path
    data: bytes = b""
    failure: str = ""


@dataclass(slots=True)
class _Budget:
    """What may still be unpacked of one file."""

    file: Path
    bytes: int = MAX_UNPACKED_BYTES
    members: int = MAX_MEMBERS

    def spend(self, size: int) -> None:
        self.bytes -= size
        self.members -= 1
        if self.bytes < 0 or self.members < 0:
            raise UnreadableFileError(
                f"{self.file} unpacks to more than {MAX_UNPACKED_BYTES / 1e9:.0f} GB or {MAX_MEMBERS:,} parts. "
                "Unpack it and index the folder."
            )


def holder(path: Path) -> Path:
    """The file on disk that ``path`` leads to or through: of ``a.zip!/b.txt`` the archive."""
    for n, part in enumerate(path.parts):
        if part.endswith(MARK) and n + 1 < len(path.parts) and not Path(*path.parts[: n + 1]).exists():
            return Path(*path.parts[:n], part.removesuffix(MARK))
    return path


def unfold(path: Path, data: bytes) -> Iterator[Member]:
    """All that can be read in one file: itself, or the documents it holds, in their order.

    Within archives, what is hidden or has no reader is left out as in folders. What cannot be read comes with the
    reason: encrypted members, links, names that lead out of the archive, bombs.

    Raises:
        UnreadableFileError: the file as a whole cannot be opened, or holds more than it should.
    """
    yield from _unfolded(path, data, _Budget(path), 0)


def _unfolded(path: Path, data: bytes, budget: _Budget, depth: int) -> Iterator[Member]:
    try:
        kind = detect_kind(data, path)
    except UnreadableFileError:
        if depth == 0:
            raise
        return  # an attachment without a reader is named by its mail
    held = _HELD.get(kind)
    inner = None if held is None else held(path, data)
    if inner is None:
        yield Member(path, data)
        return
    if depth >= DEEPEST:
        yield Member(
            path, failure=f"{path} lies in more than {DEEPEST} files in files. Unpack it and index the folder."
        )
        return
    if kind == "mail":
        yield Member(path, data)
    yield from _inside(path, inner, budget, depth)


def _inside(path: Path, inner: Iterator[Member], budget: _Budget, depth: int) -> Iterator[Member]:
    for member in inner:
        budget.spend(len(member.data))
        if member.failure:
            yield member
            continue
        try:
            yield from _unfolded(member.path, member.data, budget, depth + 1)
        except UnreadableFileError as error:
            if budget.bytes < 0 or budget.members < 0:
                raise
            yield Member(member.path, failure=str(error))


def within(path: Path, name: str) -> Path:
    """The path of what is called ``name`` in the file at ``path``."""
    return path.with_name(path.name + MARK) / name


def _zip(path: Path, data: bytes) -> Iterator[Member]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, IndexError, UnicodeError) as error:
        raise UnreadableFileError(
            f"{path} is no whole ZIP archive: it is damaged or cut off. Fetch it anew."
        ) from error
    seen: set[Path] = set()
    for info in archive.infolist():
        place = _place(path, info.filename)
        if place is None:
            yield Member(
                within(path, "?"), failure=f"{path}: {info.filename!r} leads out of the archive. It is left out."
            )
        elif not info.is_dir() and place not in seen and not _hidden(info.filename) and readable(place):
            seen.add(place)
            yield _unpacked(archive, info, place)


def _place(path: Path, name: str) -> Path | None:
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\x00" in name:
        return None
    return within(path, "/".join(part for part in parts if part not in ("", ".")))


def _hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: Path) -> Member:
    if info.flag_bits & _ENCRYPTED:
        return Member(
            place, failure=f"{place} is encrypted. Unpack the archive with its password and index the folder."
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        return Member(place, failure=f"{place} is a link to another file, which is not followed. Index that file.")
    if is_bomb(info) or info.file_size > MAX_MEMBER_BYTES:
        return Member(
            place, failure=f"{place} unpacks to {info.file_size / 1e6:,.0f} MB. Unpack it and index the folder."
        )
    try:
        return Member(place, archive.read(info))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        return Member(place, failure=f"{place} is damaged in its archive ({type(error).__name__}). Fetch it anew.")


def _mbox(path: Path, data: bytes) -> Iterator[Member]:
    """Mails as RFC 4155 keeps them: each begins with a line ``From …`` after an empty one."""
    begun = [m for m in _MAIL_BEGINS.finditer(data) if _after_a_blank_line(data, m.start())]
    if not begun:
        raise UnreadableFileError(
            f"{path} is no mailbox: no line begins with “From ”. Give it the ending of what it is."
        )
    ends = [*(m.start() for m in begun[1:]), len(data)]
    for n, (start, end) in enumerate(zip((m.end() for m in begun), ends, strict=True), 1):
        mail = _QUOTED_FROM.sub(rb"\1", data[start:end])
        yield Member(within(path, f"{n}.eml"), mail)


def _after_a_blank_line(data: bytes, place: int) -> bool:
    return place == 0 or data[max(0, place - 4) : place].endswith((b"\n\n", b"\n\r\n"))


def _attachments(path: Path, data: bytes) -> Iterator[Member] | None:
    from index.reading.formats.mail import attachments, parsed

    try:
        held = list(attachments(parsed(data, path)))
    except Exception:  # its reader says what is wrong with it
        return None
    names: dict[str, int] = {}
    members = []
    for name, content in held:
        safe = name.replace("/", "_").replace("\\", "_").replace("\x00", "").strip(". ") or "attachment"
        names[safe] = names.get(safe, 0) + 1
        place = within(path, safe if names[safe] == 1 else f"{names[safe]}-{safe}")
        if readable(place):
            members.append(Member(place, content))
    return iter(members) if members else None


def _lines(path: Path, data: bytes) -> Iterator[Member]:
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            yield Member(within(path, f"{number}.json"), line.strip())


def _articles(path: Path, data: bytes) -> Iterator[Member] | None:
    import json

    from index.reading.encoding import decode
    from index.reading.formats.json import parsed, records

    found = records(parsed(decode(data, path), path))
    if found is None:
        return None
    return (
        Member(within(path, f"{number}.json"), json.dumps(record, ensure_ascii=False).encode("utf-8", "replace"))
        for number, record in enumerate(found, 1)
    )


def _table_of_articles(path: Path, data: bytes) -> Iterator[Member] | None:
    """Rows that are articles, as news dumps have them: a table with a column for the text and one for the title."""
    import json

    from index.reading.formats.csv import rows
    from index.reading.formats.json import article

    table = rows(data, path)
    names = [name.strip() for name in next(iter(table), ())]
    words = article(dict.fromkeys(names, "x"))
    if len(names) < 2 or words is None or not words.title:  # noqa: PLR2004
        return None
    return (
        Member(
            within(path, f"{number}.json"),
            json.dumps(dict(zip(names, row, strict=False)), ensure_ascii=False).encode("utf-8", "replace"),
        )
        for number, row in enumerate(table, 2)
        if any(cell.strip() for cell in row)
    )


_HELD: Mapping[str, Callable[[Path, bytes], Iterator[Member] | None]] = {
    "zip": _zip,
    "mbox": _mbox,
    "mail": _attachments,
    "jsonl": _lines,
    "json": _articles,
    "csv": _table_of_articles,
}
