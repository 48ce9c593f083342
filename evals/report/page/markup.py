"""Write HTML from elements. Text is escaped by MarkupSafe: only what is ``Html`` already goes in as it is."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup as Html
from markupsafe import escape

__all__ = ["Html", "details_element", "element", "html_table", "join_html"]

_VOID = frozenset({"br", "hr", "input", "link", "meta"})


def element(tag: str, /, *children: str, **attributes: object) -> Html:
    """Write one element; children that are not ``Html`` are escaped.

    In attribute names a trailing underscore is dropped and the others become hyphens. An attribute that is None or
    False is left out; True stands without a value.

    >>> element("p", "1 < 2", class_="note")
    Markup('<p class="note">1 &lt; 2</p>')
    """
    written = join_html(*(_attribute(key, value) for key, value in attributes.items()))
    if tag in _VOID:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{join_html(*children)}</{tag}>")


def join_html(*children: str) -> Html:
    """Put children one after another, escaped unless they are ``Html``."""
    return Html().join(children)


def html_table(
    caption: str, header: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1, notes: int = 0
) -> Html:
    """Write a table in a box that scrolls by itself; the first cell of a row names it.

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


def details_element(summary: str, *children: str) -> Html:
    """Write a part of the page that opens on request."""
    return element("details", element("summary", summary), *children)


def _attribute(key: str, value: object) -> Html:
    if value is None or value is False:
        return Html()
    name = key.rstrip("_").replace("_", "-")
    return Html(f" {name}" if value is True else f' {name}="{escape(str(value))}"')
