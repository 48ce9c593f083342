"""Recognise the names that files use for a title, a date, an author, …"""

from collections.abc import Iterable

from index.text.dates import iso_date
from index.text.normalize import one_line

_FIELD_NAMES = {
    "title": "title",
    "headline": "title",
    "date": "date",
    "published": "date",
    "pubdate": "date",
    "date published": "date",
    "publication date": "date",
    "author": "author",
    "authors": "author",
    "by": "author",
    "byline": "author",
    "outlet": "outlet",
    "source": "outlet",
    "publisher": "outlet",
    "publication": "outlet",
    "newspaper": "outlet",
    "site": "outlet",
    "site name": "outlet",
    "url": "url",
    "link": "url",
    "canonical url": "url",
    "lang": "lang",
    "language": "lang",
}


def is_metadata_field(name: str) -> bool:
    """Tell whether this name before a colon states a metadata field."""
    return _key(name) in _FIELD_NAMES


def read_fields(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Read metadata from pairs of name and value, under the document's own names.

    A field stated twice, differently, is left out, and so is a date that cannot be read for sure.
    """
    stated: dict[str, set[str]] = {}
    for name, value in pairs:
        field = _FIELD_NAMES.get(_key(name))
        text: str | None = one_line(value)
        if field == "outlet" and text and text.startswith(("http://", "https://")):
            field = "url"
        if field == "date":
            text = iso_date(value)
        if field and text:
            stated.setdefault(field, set()).add(text)
    return {field: values.pop() for field, values in stated.items() if len(values) == 1}


def _key(name: str) -> str:
    return name.strip().lower().replace("_", " ").replace("-", " ")
