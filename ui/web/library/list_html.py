"""The list of documents as an HTML table. ``Markup.format`` escapes what documents state, so it shows as text only."""

from collections.abc import Sequence

from markupsafe import Markup

from index.text.plural import plural
from rag.answer.caption import spoken_date
from ui.library.listing import COLUMNS, FILE_GONE, READY, ListQuery, Row, filter_rows
from ui.library.trash import TrashEntry
from ui.web.library import words

_NOTHING = Markup("")
_LIST = Markup(
    '<div class="library-list"><p class="library-count" tabindex="-1">{count}</p>{bar}{table}{more}{trash}</div>'
)
_NOTE = Markup('<p class="library-note">{}</p>')
_MORE = Markup('<p class="library-note">{}. <button type="button" data-more="1" data-key="more">Show more</button></p>')
_OPTION = Markup('<option value="{}"></option>')
_DROP = Markup(
    '<button type="button" data-bulk="drop" data-name="{0}" data-key="drop">Remove the collection “{0}”</button>'
)
_BAR = Markup(
    '<div class="library-bulk" role="group" aria-label="With the chosen documents">'
    '<label for="library-name">Collection</label>'
    '<input type="text" id="library-name" list="library-names" autocomplete="off" value="{collection}">'
    '<datalist id="library-names">{options}</datalist>'
    '<button type="button" data-bulk="put" data-key="put">Put chosen in</button>'
    '<button type="button" data-bulk="take_out" data-key="take_out">Take chosen out</button>'
    f'<button type="button" data-bulk="reindex" data-key="bulk-reindex">{words.REINDEX_CHOSEN}</button>'
    f'<button type="button" data-bulk="remove" data-key="bulk-remove">{words.DELETE_CHOSEN}</button>'
    f'{{drop}}<button type="button" data-bulk="all" data-key="all">{words.REINDEX_ALL}</button></div>'
)
# The roles are stated again because narrow screens show rows as blocks, which takes a table's own away.
_TABLE = Markup(
    '<table role="table"><caption class="unseen">Documents. Buttons in the head sort them.</caption>'
    '<thead role="rowgroup"><tr role="row">{choose}{heads}{actions}</tr></thead>'
    '<tbody role="rowgroup">{rows}</tbody></table>'
)
_CHOOSE_ALL = Markup(
    '<th role="columnheader" scope="col" class="choose">'
    f'<input type="checkbox" class="library-all" data-key="choose-all" aria-label="{words.CHOOSE_ALL}"></th>'
)
_ACTIONS_HEAD = Markup('<th role="columnheader" scope="col" class="actions"><span class="unseen">Actions</span></th>')
_HEAD = Markup(
    '<th role="columnheader" scope="col" class="{column}" aria-sort="{order}">'
    '<button type="button" data-sort="{column}" data-key="sort-{column}">{label}'
    '<span aria-hidden="true"> {arrow}</span></button></th>'
)
_ROW = Markup(
    '<tr role="row" data-id="{id}" data-key="row-{id}">{choose}'
    '<th role="rowheader" scope="row" class="title"><button type="button" class="library-open" data-open="{id}" '
    'data-key="open-{id}" dir="auto" aria-controls="library-pane">{title}</button>{file}{collections}</th>'
    "{cells}{actions}</tr>"
)
_CHOOSE = Markup(
    '<td role="cell" class="choose"><input type="checkbox" value="{id}" data-key="choose-{id}" '
    f'aria-label="{words.CHOOSE} {{title}}"></td>'
)
_CELL = Markup('<td role="cell" class="{column}{empty}" data-label="{label}">{inner}</td>')
_ACTIONS = Markup('<td role="cell" class="actions">{}{}</td>')
_ACTION = Markup(
    '<button type="button" data-do="{do}" data-id="{id}" data-key="{do}-{id}" '
    'aria-label="{label} {title}"{off}>{label}</button>'
)
_TRASH = Markup(
    '<details class="library-trash"><summary data-key="trash">{count} in the trash</summary>'
    '<ul>{entries}</ul><p class="library-note">They are kept for 30 days. '
    '<button type="button" data-do="empty" data-key="empty">Empty the trash for good</button></p></details>'
)
_TRASH_ENTRY = Markup(
    '<li data-key="trashed-{id}"><span dir="auto">{title}</span> '
    '<span class="library-state">{removed:%d %B, %H:%M} UTC</span> '
    '<button type="button" data-do="restore" data-id="{id}" data-key="restore-{id}" '
    f'aria-label="{words.PUT_BACK} {{title}}">{words.PUT_BACK}</button></li>'
)


def list_html(
    rows: Sequence[Row],
    query: ListQuery,
    collections: Sequence[str],
    trash: Sequence[TrashEntry] = (),
    *,
    may: bool = True,
) -> Markup:
    """Return the rows that the query asks for, and the trash.

    The buttons that change something are there where the reader ``may`` change the library.
    """
    found = filter_rows(rows, query)
    visible = found[: query.limit]
    count = plural(len(rows), "document")
    hidden = len(found) - len(visible)
    nothing = words.NONE_FOUND if rows else words.NO_DOCUMENTS
    return _LIST.format(
        count=f"{len(found):,} of {count}" if len(found) < len(rows) else count,
        bar=_bar(collections, query) if may and rows else "",
        table=_table(visible, query, may=may) if visible else _NOTE.format(nothing),
        more=_MORE.format(plural(hidden, "more document")) if hidden else "",
        trash=_trash(trash) if may and trash else "",
    )


def _bar(collections: Sequence[str], query: ListQuery) -> Markup:
    return _BAR.format(
        collection=query.collection,
        options=Markup("").join(map(_OPTION.format, collections)),
        drop=_DROP.format(query.collection) if query.collection else "",
    )


def _table(rows: Sequence[Row], query: ListQuery, *, may: bool) -> Markup:
    return _TABLE.format(
        choose=_CHOOSE_ALL if may else "",
        heads=Markup("").join(_head(column, label, query) for column, label in COLUMNS.items()),
        actions=_ACTIONS_HEAD if may else "",
        rows=Markup("").join(_row(row, may=may) for row in rows),
    )


def _head(column: str, label: str, query: ListQuery) -> Markup:
    order, arrow = "none", "↕"
    if column == query.sort:
        order, arrow = ("descending", "▼") if query.descending else ("ascending", "▲")
    return _HEAD.format(column=column, order=order, label=label, arrow=arrow)


def _row(row: Row, *, may: bool) -> Markup:
    busy = row.status not in (READY, FILE_GONE)
    kind = "ready" if row.status == READY else "gone" if row.status == FILE_GONE else "busy"
    cells = {
        "outlet": row.outlet,
        "date": spoken_date(row.date),
        "size": Markup('{:,} <span class="unit">characters</span>').format(row.size),
        "passages": f"{row.passages:,}",
        "status": Markup('<span class="library-status {}">{}</span>').format(kind, row.status),
    }
    file = Markup('<span class="library-file" dir="auto">{}</span>').format(row.file)
    note = Markup('<span class="library-left-out">{}</span>').format(row.note) if row.note else _NOTHING
    actions = (
        _action("reindex", words.REINDEX, row, disabled=busy),
        _action("remove", words.DELETE, row, disabled=busy),
    )
    return _ROW.format(
        id=row.id,
        title=row.title,
        choose=_CHOOSE.format(id=row.id, title=row.title) if may else "",
        file=(file if row.file != row.title else _NOTHING) + note,
        collections=Markup("").join(map(Markup('<span class="library-group">{}</span>').format, row.collections)),
        cells=Markup("").join(_cell(column, inner) for column, inner in cells.items()),
        actions=_ACTIONS.format(*actions) if may else "",
    )


def _cell(column: str, inner: str) -> Markup:
    return _CELL.format(column=column, empty="" if inner else " empty", label=COLUMNS[column], inner=inner)


def _action(do: str, label: str, row: Row, *, disabled: bool) -> Markup:
    off = Markup(" disabled" if disabled else "")
    return _ACTION.format(do=do, id=row.id, label=label, title=row.title, off=off)


def _trash(trash: Sequence[TrashEntry]) -> Markup:
    entries = (_TRASH_ENTRY.format(id=entry.id, title=entry.title, removed=entry.removed) for entry in trash)
    return _TRASH.format(count=plural(len(trash), "document"), entries=Markup("").join(entries))
