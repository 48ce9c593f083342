"""The list of documents as an HTML table. Whatever a document says of itself is escaped: it can only show as text."""

from collections.abc import Sequence
from html import escape

from ui.library.listing import COLUMNS, GONE, READY, Row, Wish, shown
from ui.library.trash import Trashed
from ui.web.document.caption import spoken_date
from ui.web.library.words import counted

_NUMBERS = ("size", "passages")


def list_html(
    rows: Sequence[Row], wish: Wish, collections: Sequence[str], trash: Sequence[Trashed] = (), *, may: bool = True
) -> str:
    """The rows that are wanted, with their buttons where the reader ``may`` change them, and what was deleted."""
    found = shown(rows, wish)
    visible = found[: wish.most]
    said = (
        f"{len(found):,} of {counted(len(rows), 'document')}"
        if len(found) < len(rows)
        else counted(len(rows), "document")
    )
    hidden = len(found) - len(visible)
    more = (
        f'<p class="library-note">{counted(hidden, "more document")}. '
        f'<button type="button" data-more="1" data-key="more">Show more</button></p>'
        if hidden
        else ""
    )
    table = _table(visible, wish, may=may) if visible else f'<p class="library-note">{_nothing(rows)}</p>'
    bar = _bar(collections, wish) if may and rows else ""
    return (
        f'<div class="library-list"><p class="library-count" tabindex="-1">{said}</p>{bar}{table}{more}'
        f"{_trash(trash) if may and trash else ''}</div>"
    )


def _nothing(rows: Sequence[Row]) -> str:
    return "No document is like that. Change what you search for." if rows else "No documents yet."


def _bar(collections: Sequence[str], wish: Wish) -> str:
    options = "".join(f'<option value="{escape(name)}"></option>' for name in collections)
    drop = (
        f'<button type="button" data-bulk="drop" data-name="{escape(wish.collection)}" data-key="drop">'
        f"Remove the collection “{escape(wish.collection)}”</button>"
        if wish.collection
        else ""
    )
    return (
        '<div class="library-bulk" role="group" aria-label="With the chosen documents">'
        '<label for="library-name">Collection</label>'
        '<input type="text" id="library-name" list="library-names" autocomplete="off" '
        f'value="{escape(wish.collection)}">'
        f'<datalist id="library-names">{options}</datalist>'
        '<button type="button" data-bulk="put" data-key="put">Put chosen in</button>'
        '<button type="button" data-bulk="take_out" data-key="take_out">Take chosen out</button>'
        '<button type="button" data-bulk="reindex" data-key="bulk-reindex">Re-index chosen</button>'
        '<button type="button" data-bulk="remove" data-key="bulk-remove">Delete chosen</button>'
        f'{drop}<button type="button" data-bulk="all" data-key="all">Re-index all</button></div>'
    )


def _table(rows: Sequence[Row], wish: Wish, *, may: bool) -> str:
    # The roles are said again because narrow screens show rows as blocks, which takes a table's own away.
    choose = (
        '<th role="columnheader" scope="col" class="choose">'
        '<input type="checkbox" class="library-all" data-key="choose-all" aria-label="Choose all that are shown"></th>'
        if may
        else ""
    )
    actions = (
        '<th role="columnheader" scope="col" class="actions"><span class="unseen">Actions</span></th>' if may else ""
    )
    heads = "".join(_head(column, label, wish) for column, label in COLUMNS.items())
    return (
        '<table role="table"><caption class="unseen">Documents. Buttons in the head sort them.</caption>'
        f'<thead role="rowgroup"><tr role="row">{choose}{heads}{actions}</tr></thead>'
        f'<tbody role="rowgroup">{"".join(_row(row, may=may) for row in rows)}</tbody></table>'
    )


def _head(column: str, label: str, wish: Wish) -> str:
    sorted_by = column == wish.sort
    order = ("descending" if wish.falling else "ascending") if sorted_by else "none"
    arrow = ("▼" if wish.falling else "▲") if sorted_by else "↕"
    return (
        f'<th role="columnheader" scope="col" class="{column}" aria-sort="{order}">'
        f'<button type="button" data-sort="{column}" data-key="sort-{column}">{label}'
        f'<span aria-hidden="true"> {arrow}</span></button></th>'
    )


def _row(row: Row, *, may: bool) -> str:
    id_, title = escape(row.id), escape(row.title)
    choose = (
        f'<td role="cell" class="choose"><input type="checkbox" value="{id_}" data-key="choose-{id_}" '
        f'aria-label="Choose {title}"></td>'
        if may
        else ""
    )
    actions = (
        '<td role="cell" class="actions">'
        + _action("reindex", "Re-index", row, disabled=row.status not in (READY, GONE))
        + _action("remove", "Delete", row, disabled=row.status not in (READY, GONE))
        + "</td>"
        if may
        else ""
    )
    groups = "".join(f'<span class="library-group">{escape(name)}</span>' for name in row.collections)
    file = f'<span class="library-file" dir="auto">{escape(row.file)}</span>' if row.file != row.title else ""
    kind = "ready" if row.status == READY else "gone" if row.status == GONE else "busy"
    status = f'<span class="library-status {kind}">{escape(row.status)}</span>'
    size = f'{row.size:,} <span class="unit">characters</span>'
    return (
        f'<tr role="row" data-id="{id_}" data-key="row-{id_}">{choose}'
        f'<th role="rowheader" scope="row" class="title"><button type="button" class="library-open" data-open="{id_}" '
        f'data-key="open-{id_}" dir="auto" aria-controls="library-pane">{title}</button>{file}{groups}</th>'
        f"{_cell('outlet', escape(row.outlet))}{_cell('date', escape(spoken_date(row.date)))}"
        f"{_cell('size', size)}{_cell('passages', f'{row.passages:,}')}"
        f"{_cell('status', status)}{actions}</tr>"
    )


def _cell(column: str, inner: str) -> str:
    empty = "" if inner else " empty"
    return f'<td role="cell" class="{column}{empty}" data-label="{COLUMNS[column]}">{inner}</td>'


def _action(do: str, label: str, row: Row, *, disabled: bool) -> str:
    off = " disabled" if disabled else ""
    return (
        f'<button type="button" data-do="{do}" data-id="{escape(row.id)}" data-key="{do}-{escape(row.id)}" '
        f'aria-label="{label} {escape(row.title)}"{off}>{label}</button>'
    )


def _trash(trash: Sequence[Trashed]) -> str:
    lines = "".join(
        f'<li data-key="trashed-{one.id}"><span dir="auto">{escape(one.title)}</span> '
        f'<span class="library-state">{one.removed:%d %B, %H:%M} UTC</span> '
        f'<button type="button" data-do="restore" data-id="{one.id}" data-key="restore-{one.id}" '
        f'aria-label="Put back {escape(one.title)}">Put back</button></li>'
        for one in trash
    )
    held = counted(len(trash), "document")
    return (
        f'<details class="library-trash"><summary data-key="trash">{held} in the trash</summary>'
        f'<ul>{lines}</ul><p class="library-note">They are kept for 30 days. '
        '<button type="button" data-do="empty" data-key="empty">Empty the trash for good</button></p></details>'
    )
