"""E-mails: who wrote to whom and when, the words, and the names of what is attached."""

import re
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

MAX_PARTS = 1_000
MAX_BOUNDARIES = 50_000  # lines that may part a mail; each costs the parser time, in forwards in forwards
MAX_HEADER_CHARACTERS = 4_000  # characters; the parser takes more than linear time over a header
_HEADS = ("From", "To", "Cc", "Date")
_ENCRYPTED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
_QUOTED_HEAD = re.compile(rb"^(?:From |>From )[^\r\n]*\r?\n")


class _ShortHeaders(EmailPolicy):
    """The default rules, over headers cut to a length that can be parsed in no time."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:MAX_HEADER_CHARACTERS]


def read(data: bytes, path: Path) -> Reading:
    """Reads a mail as RFC 5322 and MIME have it: its subject is the title, its sender the author.

    The plain text is taken, else the HTML. Attachments are named here, and read as documents of their own
    (``index.reading.containers``).

    Raises:
        UnreadableFileError: encrypted, no mail, or so broken that the parser gives up.
    """
    message = parsed(data, path)
    # The parser meets arbitrary mails here; whatever it trips over, the file is at fault.
    try:
        blocks = (*_heads(message), *_body(message, path), *_attached(message))
        title = _header(message, "Subject")
        metadata = {"author": _names(message, "From"), "date": _day(message)}
    except UnreadableFileError:
        raise
    except Exception as error:
        raise UnreadableFileError(
            f"{path} cannot be read as a mail ({type(error).__name__}). Save its text as .txt and index that."
        ) from error
    return Reading(blocks, title, metadata)


def parsed(data: bytes, path: Path) -> EmailMessage:
    """The message. Raises UnreadableFileError where it is none, encrypted, or made to keep the parser busy."""
    if data.count(b"\n--") > MAX_BOUNDARIES:
        raise UnreadableFileError(
            f"{path} has more than {MAX_BOUNDARIES:,} parts. Save its text as .txt and index that."
        )
    try:
        parser = BytesParser(EmailMessage, policy=_ShortHeaders())
        message = cast(EmailMessage, parser.parsebytes(_QUOTED_HEAD.sub(b"", data, count=1)))
        kind = message.get_content_type()
        is_mail = any(message.get(name) for name in ("From", "Subject", "Date", "Received"))
    except Exception as error:
        raise UnreadableFileError(f"{path} cannot be read as a mail. Save its text as .txt and index that.") from error
    if not is_mail:
        raise UnreadableFileError(
            f"{path} is no mail: it has no sender, subject or date. Give it the ending of what it is."
        )
    if kind in _ENCRYPTED and "signed" not in str(message.get("Content-Type", "")):
        raise UnreadableFileError(
            f"{path} is an encrypted mail. Save it decrypted, or its text as .txt, and index that."
        )
    return message


def attachments(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of what is attached, in order; what has no name gets one."""
    for number, part in enumerate(_attachments(message), 1):
        content = part.get_payload(0) if part.get_content_type() == "message/rfc822" and part.is_multipart() else None
        if content is not None:
            yield _name(part) or f"{number}.eml", content.as_bytes()  # type: ignore[union-attr]
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield _name(part) or f"{number}", payload


def _attachments(message: EmailMessage) -> Iterator[EmailMessage]:
    body = {id(message.get_body(("plain",))), id(message.get_body(("html",)))}
    stack = [message]
    seen = 0
    while stack and seen < MAX_PARTS:
        part = stack.pop()
        seen += 1
        if part.get_content_maintype() == "multipart":
            stack += [child for child in reversed(list(part.iter_parts())) if isinstance(child, EmailMessage)]
        elif id(part) not in body and part is not message and (_name(part) or part.is_multipart()):
            yield part


def _name(part: EmailMessage) -> str:
    try:
        return " ".join((part.get_filename() or "").split())
    except Exception:  # a name that breaks the rules in ways the parser does not know
        return ""


def _heads(message: EmailMessage) -> Iterator[Block]:
    for name in _HEADS:
        value = _header(message, name)
        if value:
            yield Block(f"{name}: {value}", tight=name != _HEADS[0])


def _body(message: EmailMessage, path: Path) -> Iterator[Block]:
    for wanted in ("plain", "html"):
        body = message.get_body((wanted,))
        payload = body.get_payload(decode=True) if body is not None else None
        if body is None or not isinstance(payload, bytes) or not payload.strip():
            continue
        text = decode(payload, path, body.get_content_charset())
        if wanted == "plain":
            yield from (Block(part) for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n")))
        else:
            from index.reading.formats.markup.html import visible_blocks

            yield from visible_blocks(text)
        return


def _attached(message: EmailMessage) -> Iterator[Block]:
    for name, _ in attachments(message):
        yield Block(f"Attachment: {name}")


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())
    except Exception:  # headers that break the rules in ways the parser does not know
        return ""


def _names(message: EmailMessage, header: str) -> str:
    return ", ".join(name or address for name, address in getaddresses([_header(message, header)]) if name or address)


def _day(message: EmailMessage) -> str:
    try:
        return parsedate_to_datetime(_header(message, "Date")).date().isoformat()
    except (TypeError, ValueError, IndexError, OverflowError):
        return ""
