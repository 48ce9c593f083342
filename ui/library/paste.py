"""A pasted text as a file: a saved page as HTML, anything else as plain text with a header."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from index.errors import OnrecordError
from index.reading.title import guess_title
from index.text.dates import iso_date
from index.text.normalize import one_line

FETCHES_NOTHING = "Onrecord fetches nothing by itself"
_PAGE = re.compile(r"\s*(<!doctype html|<html|<head|<body|<article|<main|<div|<p[\s>]|<\?xml)", re.IGNORECASE)
_HEAD = re.compile(r"(?P<begun><head[^>]*>.*?)(?=</head>|<body)", re.IGNORECASE | re.DOTALL)
_ADDRESS = re.compile(r"\s*https?://\S+\s*")
_MAX_NAME_LENGTH = 60


class PasteError(OnrecordError):
    """The pasted text cannot be a document."""


@dataclass(frozen=True, slots=True)
class Paste:
    """A text or the source of a page, with what the reader states about it; all but ``text`` may be empty."""

    text: str
    title: str = ""
    url: str = ""
    date: str = ""
    outlet: str = ""


def pasted_file(paste: Paste) -> tuple[str, bytes]:
    """Return a name and the bytes of the file.

    What the reader states goes before the text as the header that the readers of files understand, or into the page's
    head. Raises PasteError for an empty text, an address alone, and an invalid date.
    """
    if not paste.text.strip():
        raise PasteError("There is nothing to add. Paste a text or the source of a page first.")
    if _ADDRESS.fullmatch(paste.text):
        raise PasteError(
            f"That is an address and not a page, and {FETCHES_NOTHING}. Open it in the browser, then "
            "paste its text here, or save it (Ctrl+S) and drop the file."
        )
    if paste.date.strip() and iso_date(paste.date) is None:
        raise PasteError(f"{paste.date.strip()!r} is not one day: write it as YYYY-MM-DD, such as 2025-02-12.")
    page = _PAGE.match(paste.text) is not None
    said = one_line(paste.title) or ("saved page" if page else guess_title(paste.text.strip()))
    name = re.sub(r"[^\w -]+", " ", said)[:_MAX_NAME_LENGTH].strip() or "pasted"
    text = _page(paste) if page else _text(paste)
    return f"{' '.join(name.split())}{'.html' if page else '.txt'}", text.encode()


def _text(paste: Paste) -> str:
    said = (("Title", paste.title), ("Outlet", paste.outlet), ("Date", paste.date), ("URL", paste.url))
    header = [f"{label}: {one_line(value)}" for label, value in said if value.strip()]
    return "\n".join(header) + ("\n\n" if header else "") + paste.text


def _page(paste: Paste) -> str:
    said = {
        "og:title": one_line(paste.title),
        "og:site_name": one_line(paste.outlet),
        "article:published_time": iso_date(paste.date) or "",
        "og:url": one_line(paste.url),
    }
    meta = Markup('<meta property="{}" content="{}">')
    metas = Markup("").join(meta.format(name, value) for name, value in said.items() if value)
    title = Markup("<title>{}</title>").format(said["og:title"]) if said["og:title"] else ""
    # The bytes are UTF-8 now, whatever the page declared before.
    head = Markup('<meta charset="utf-8">{}{}').format(title, metas)
    found = _HEAD.search(paste.text)
    if found is None:
        return f"<html><head>{head}</head>{paste.text}"
    own = _cleaned_head(found["begun"], said)
    return f"{paste.text[: found.start('begun')]}<head>{head}{own}{paste.text[found.end() :]}"


def _cleaned_head(head: str, said: Mapping[str, str]) -> str:
    """Return the page's own head without what the reader states otherwise."""
    begun = head[head.index(">") + 1 :]
    begun = re.sub(r"<meta[^>]*charset[^>]*>", "", begun, flags=re.IGNORECASE)
    for name, value in said.items():
        if value:
            begun = re.sub(rf"<meta[^>]*{name}[^>]*>", "", begun, flags=re.IGNORECASE)
    return re.sub(r"<title.*?</title>", "", begun, flags=re.IGNORECASE | re.DOTALL) if said["og:title"] else begun
