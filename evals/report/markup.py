"""Pages from elements. Text is escaped by construction: only ``Html`` goes in as it is."""

from collections.abc import Iterable, Sequence
from html import escape

_VOID = frozenset({"br", "hr", "input", "link", "meta"})


class Html(str):
    """Markup made by this module, safe to place in a page."""

    __slots__ = ()


def element(tag: str, /, *children: str, **attributes: object) -> Html:
    """One element. In attribute names a trailing underscore is dropped and the others become hyphens.

    Children that are not ``Html`` are escaped. An attribute that is None or False is left out; True stands
    without a value.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if tag in _VOID:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{joined(*children)}</{tag}>")


def joined(*children: str) -> Html:
    """Children one after another, escaped unless they are ``Html``."""
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children))


def table(
    caption: str, header: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1, notes: int = 0
) -> Html:
    """A table in a box that scrolls by itself. The first cell of a row names it.

    Columns hold figures but for the first ``words`` and the last ``notes``.
    """

    def cells(name: str, row: Sequence[str], **attributes: object) -> list[Html]:
        kinds: list[str | None] = ["number"] * len(row)
        kinds[:words] = [None] * words
        kinds[len(row) - notes :] = ["note"] * notes
        return [element(name, cell, class_=kind, **attributes) for cell, kind in zip(row, kinds, strict=True)]

    head = element("tr", *cells("th", header, scope="col"))
    body = (element("tr", element("th", row[0], scope="row"), *cells("td", row)[1:]) for row in rows)
    whole = element("table", element("caption", caption), element("thead", head), element("tbody", *body))
    return element("div", whole, class_="box", tabindex="0", role="region", aria_label=caption)


def folded(summary: str, *children: str) -> Html:
    """A part of the page that opens on request."""
    return element("details", element("summary", summary), *children)


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value), quote=True)}"'
