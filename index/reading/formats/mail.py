"""Read e-mails: who wrote to whom and when, the words, and the names of attachments."""

import logging
import re
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import EmailPolicy
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path
from typing import cast

from index.errors import UnreadableFileError
from index.reading.encoding import decode
from index.reading.formats.base import Block, Reading

_log = logging.getLogger(__name__)

MAX_PARTS = 1_000
_MIN_SHARED = 0.5  # of the words of a fuller HTML part; with fewer in the text part, that is a stub
MAX_BOUNDARIES = 50_000  # lines that may begin a part; each costs the parser time, more so in nested forwards
MAX_HEADER_CHARACTERS = 4_000  # characters; the parser takes more than linear time over a header
_SHOWN_HEADERS = ("From", "To", "Cc", "Date")
_ENCRYPTED_TYPES = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
_MBOX_LINE = re.compile(rb"^(?:From |>From )[^\r\n]*\r?\n")


class _ShortHeaders(EmailPolicy):
    """The default policy, over headers cut to a length that is parsed quickly."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:MAX_HEADER_CHARACTERS]


def read(data: bytes, path: Path) -> Reading:
    """Read a mail (RFC 5322, MIME): its subject is the title, its sender the author.

    The plain text is taken, or the HTML where it says more in other words. Attachments are named here, and read as
    documents of their own (``index.reading.containers``).

    Raises:
        UnreadableFileError: encrypted, no mail, or so broken that the parser gives up.
    """
    message = parse_mail(data, path)
    # The parser meets arbitrary mails here; whatever it trips over, the file is at fault.
    try:
        blocks = (*_header_blocks(message), *_body_blocks(message, path), *_attachment_blocks(message))
        title = _header(message, "Subject")
        metadata = {"author": _names(message, "From"), "date": _read_day(message)}
    except UnreadableFileError:
        raise
    except Exception as error:
        raise UnreadableFileError(
            f"{path} cannot be read as a mail ({type(error).__name__}). Save its text as .txt and add that."
        ) from error
    return Reading(blocks, title, metadata)


def parse_mail(data: bytes, path: Path) -> EmailMessage:
    """Parse a message. Raises UnreadableFileError if it is none, encrypted, or made to keep the parser busy."""
    if data.count(b"\n--") > MAX_BOUNDARIES:
        raise UnreadableFileError(f"{path} has more than {MAX_BOUNDARIES:,} parts. Save its text as .txt and add that.")
    try:
        parser = BytesParser(EmailMessage, policy=_ShortHeaders())
        message = cast(EmailMessage, parser.parsebytes(_MBOX_LINE.sub(b"", data, count=1)))
        kind = message.get_content_type()
        is_mail = any(message.get(name) for name in ("From", "Subject", "Date", "Received"))
    except Exception as error:
        raise UnreadableFileError(f"{path} cannot be read as a mail. Save its text as .txt and add that.") from error
    if not is_mail:
        raise UnreadableFileError(
            f"{path} is no mail: it has no sender, subject or date. Give it the ending of what it is."
        )
    if kind in _ENCRYPTED_TYPES and "signed" not in str(message.get("Content-Type", "")):
        raise UnreadableFileError(f"{path} is an encrypted mail. Save it decrypted, or its text as .txt, and add that.")
    return message


def attachments(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    """Yield the name and bytes of each attachment, in order; one without a name gets one."""
    for number, part in enumerate(_attached_parts(message), 1):
        content = part.get_payload(0) if part.get_content_type() == "message/rfc822" and part.is_multipart() else None
        if content is not None:
            yield _file_name(part) or f"{number}.eml", content.as_bytes()  # type: ignore[union-attr]
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield _file_name(part) or f"{number}", payload


def _attached_parts(message: EmailMessage) -> Iterator[EmailMessage]:
    body = {id(message.get_body(("plain",))), id(message.get_body(("html",)))}
    stack = [message]
    seen = 0
    while stack and seen < MAX_PARTS:
        part = stack.pop()
        seen += 1
        if part.get_content_maintype() == "multipart":
            stack += [child for child in reversed(list(part.iter_parts())) if isinstance(child, EmailMessage)]
        elif id(part) not in body and part is not message and (_file_name(part) or part.is_multipart()):
            yield part


def _file_name(part: EmailMessage) -> str:
    try:
        return " ".join((part.get_filename() or "").split())
    except Exception:  # a name that breaks the rules in ways the parser does not know
        return ""


def _header_blocks(message: EmailMessage) -> Iterator[Block]:
    for name in _SHOWN_HEADERS:
        value = _header(message, name)
        if value:
            yield Block(f"{name}: {value}", tight=name != _SHOWN_HEADERS[0])


def _body_blocks(message: EmailMessage, path: Path) -> list[Block]:
    """Read the plain text, or the HTML where that says more in other words: then the text asks for another program."""
    plain, marked = (list(_part_blocks(message, path, wanted)) for wanted in ("plain", "html"))
    said, shown = (Counter(re.findall(r"\w+", " ".join(b.text for b in part).casefold())) for part in (plain, marked))
    stub = shown.total() > said.total() and (shown & said).total() < _MIN_SHARED * shown.total()
    if stub and plain:
        _log.info("%s: the HTML part is read, since the text part says less and something else", path)
    return marked if stub else plain


def _part_blocks(message: EmailMessage, path: Path, wanted: str) -> Iterator[Block]:
    body = message.get_body((wanted,))
    payload = body.get_payload(decode=True) if body is not None else None
    if body is None or not isinstance(payload, bytes) or not payload.strip():
        return
    charset = body.get_content_charset()
    if wanted == "plain":
        text = decode(payload, path, charset)
        yield from (Block(part) for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n")))
    else:
        from index.reading.formats.markup.html import declared_encoding, visible_blocks

        yield from visible_blocks(decode(payload, path, charset or declared_encoding(payload)))


def _attachment_blocks(message: EmailMessage) -> Iterator[Block]:
    for name, _ in attachments(message):
        yield Block(f"Attachment: {name}")


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())
    except Exception:  # headers that break the rules in ways the parser does not know
        return ""


def _names(message: EmailMessage, header: str) -> str:
    return ", ".join(name or address for name, address in getaddresses([_header(message, header)]) if name or address)


def _read_day(message: EmailMessage) -> str:
    try:
        return parsedate_to_datetime(_header(message, "Date")).date().isoformat()
    except (TypeError, ValueError, IndexError, OverflowError):
        return ""
