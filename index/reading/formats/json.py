"""Read articles from JSON, however the archive that wrote them names their parts."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index.errors import UnreadableFileError
from index.reading.encoding import decode
from index.reading.formats.base import Block, Reading
from index.reading.metadata import read_fields
from index.text.normalize import one_line

_TEXT_NAMES = (
    *("text", "body", "content", "articlebody", "article_body", "full_text", "fulltext", "article_text", "article"),
    *("maintext", "main_text", "story", "body_text", "bodytext"),
)
_TITLE_NAMES = ("title", "headline", "head_line", "webtitle", "name", "subject")
_DATE_NAMES = (
    *("date", "published", "datepublished", "date_published", "date_publish", "published_at", "publishedat"),
    *("publish_date", "publication_date", "pubdate", "pub_date", "webpublicationdate", "created_at", "timestamp"),
)
_OTHER_NAMES = {
    "author": ("author", "authors", "byline", "creator", "by"),
    "outlet": ("outlet", "publisher", "source", "publication", "site_name", "sitename", "newspaper", "source_domain"),
    "url": ("url", "link", "weburl", "web_url", "permalink", "canonical_url"),
    "lang": ("lang", "language", "inlanguage"),
}
_WRAPPER_NAMES = ("_source", "fields", "article", "document", "data")
MAX_DEPTH = 12
MAX_VALUES = 200_000
_MIN_MILLISECONDS = 1e11  # as seconds this would be beyond the year 5000


def read(data: bytes, path: Path) -> Reading:
    """Read one article: title, text, date, author, outlet and address, by the names that archives give them.

    An object without a text becomes a line ``name: value`` for each of its values. Lists of articles are unpacked
    before (``index.reading.containers``).

    Raises:
        UnreadableFileError: no JSON, or nested deeper than anything sensible.
    """
    value = parse_json(decode(data, path), path)
    found = read_article(value) if isinstance(value, dict) else None
    if found is not None:
        return found
    return Reading(tuple(Block(f"{name}: {text}" if name else text) for name, text in _flatten(value, path)))


def parse_json(text: str, path: Path) -> Any:
    """Parse a JSON value. Raises UnreadableFileError if the text is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise UnreadableFileError(
            f"{path} is no whole JSON{where}: it is damaged or cut off. Fetch it anew."
        ) from error


def read_article(record: Mapping[str, Any]) -> Reading | None:
    """Read the article in a record; None if it has no text of its own."""
    for wrapped in ("", *_WRAPPER_NAMES):
        inner = record.get(wrapped) if wrapped else record
        if not isinstance(inner, dict):
            continue
        named = {str(name).strip().lower(): value for name, value in {**record, **inner}.items()}
        text = next((value for name in _TEXT_NAMES if (value := _text_of(named.get(name)))), "")
        if text:
            return Reading(tuple(_blocks(text)), one_line(_first_named(named, _TITLE_NAMES)), _metadata(named))
    return None


def list_articles(value: Any) -> list[Any] | None:
    """Return the list of articles that a value is, or holds under any name; None if it is one thing."""
    for _ in range(MAX_DEPTH):
        if isinstance(value, list):
            return value if value and all(isinstance(item, dict) for item in value) else None
        if not isinstance(value, dict) or read_article(value) is not None:
            return None
        lists = [held for held in value.values() if isinstance(held, list) and held and isinstance(held[0], dict)]
        nested = [held for held in value.values() if isinstance(held, dict)]
        if len(lists) == 1:
            found = [item for item in lists[0] if isinstance(item, dict)]
            # Objects without text are parts of one record, as a person's addresses are.
            return found if any(read_article(item) is not None for item in found) else None
        if len(nested) != 1:
            return None
        value = nested[0]
    return None


def _blocks(text: str) -> Iterator[Block]:
    if "</p>" in text or "<br" in text:
        from index.reading.formats.markup.html import visible_blocks

        try:
            yield from visible_blocks(text)
        except Exception:  # markup that lxml gives up on is shown as it stands
            yield Block(text)
    else:
        yield Block(text)


def _text_of(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "\n\n".join(value).strip()
    return value.strip() if isinstance(value, str) else ""


def _first_named(named: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((text for name in names if (text := _to_text(named.get(name)))), "")


def _metadata(named: Mapping[str, Any]) -> dict[str, str]:
    stated = read_fields((field, _first_named(named, names)) for field, names in _OTHER_NAMES.items())
    if "url" not in stated or _first_named(named, _OTHER_NAMES["url"]):
        stated |= read_fields([("url", _first_named(named, _OTHER_NAMES["url"]))])
    for name in _DATE_NAMES:
        day = _read_day(named.get(name))
        if day:
            return {**stated, "date": day}
    return stated


def _read_day(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            seconds = value / 1000 if value > _MIN_MILLISECONDS else value
            return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds > 10**8 else ""
        except (ValueError, OverflowError, OSError):
            return ""
    return read_fields([("date", _to_text(value))]).get("date", "")


def _to_text(value: Any, depth: int = 0) -> str:
    if isinstance(value, list) and depth < MAX_DEPTH:
        return ", ".join(filter(None, (_to_text(item, depth + 1) for item in value)))
    if isinstance(value, dict) and depth < MAX_DEPTH:
        return _to_text(next((value[name] for name in ("name", "title", "id") if name in value), ""), depth + 1)
    return "" if value is None or isinstance(value, bool | list | dict) else str(value)


def _flatten(value: Any, path: Path) -> Iterator[tuple[str, str]]:
    stack: list[tuple[str, Any]] = [("", value)]
    for _ in range(MAX_VALUES):
        if not stack:
            return
        name, held = stack.pop()
        if isinstance(held, dict):
            stack += [(f"{name}.{key}" if name else str(key), inner) for key, inner in reversed(held.items())]
        elif isinstance(held, list):
            stack += [(name, inner) for inner in reversed(held)]
        elif held is not None:
            yield name, one_line(str(held))
    raise UnreadableFileError(f"{path} holds more than {MAX_VALUES:,} values. Split it and add the parts.")
