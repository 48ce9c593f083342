"""The control above the question box that sets which documents are searched: by collection, outlet and date."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from index.errors import OnrecordError
from index.schema import DocumentInfo
from index.text.dates import parse_date_range
from rag.question.scope import Scope, list_outlets, parse_scope
from ui.core.gradio_behaviours import enclosing_tab
from ui.core.protocols import Groups, Library

if TYPE_CHECKING:
    import gradio

_DATE_FORM = "YYYY-MM-DD"


def _no_documents(names: Sequence[str]) -> Sequence[str]:
    """Return the members of a collection where there are no collections."""
    return ()


@dataclass(frozen=True, slots=True)
class SourceFilter:
    """The values of the control, as the reader entered them."""

    outlets: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    collections: tuple[str, ...] = ()
    documents_of: Callable[[Sequence[str]], Sequence[str]] = field(default=_no_documents, repr=False, compare=False)

    def scope(self) -> Scope:
        """Return the scope they mean. Raises ScopeError for an invalid date and for collections without documents."""
        documents = self.documents_of(self.collections) if self.collections else ()
        return parse_scope(self.since, self.until, outlets=self.outlets, documents=documents)


@dataclass(frozen=True, slots=True)
class SourceFilterComponents:
    """The components; ``box`` holds the others. ``groups`` are the collections to choose from."""

    box: "gradio.Accordion"
    outlets: "gradio.Dropdown"
    since: "gradio.Textbox"
    until: "gradio.Textbox"
    collections: "gradio.Dropdown"
    groups: Groups | None = None

    @property
    def inputs(self) -> list[Any]:
        """The inputs of an event, in the order in which ``read_filter`` takes them."""
        return [self.outlets, self.since, self.until, self.collections]


def read_filter(
    outlets: Sequence[str] | None,
    since: str | None,
    until: str | None,
    collections: Sequence[str] | None = None,
    *,
    groups: Groups | None = None,
) -> SourceFilter:
    """Return the filter from the values of ``SourceFilterComponents.inputs``; hidden or empty ones are None."""
    documents_of = groups.documents_of if groups else _no_documents
    dates = (since or "").strip(), (until or "").strip()
    return SourceFilter(tuple(outlets or ()), *dates, tuple(collections or ()), documents_of)


def add_source_filter(library: Library, groups: Groups | None = None) -> SourceFilterComponents:
    """Draw the control, hidden when there is nothing to choose, and keep its heading up to date."""
    import gradio as gr

    def refresh(*chosen: Any) -> tuple[Any, ...]:
        """Return the present choices, and remove what is no longer there from what is chosen."""
        held = _documents(library)
        names, dated = list_outlets(held), _any_dated(held)
        grouped = _collection_names(groups)
        dates = gr.update(visible=dated)
        still = read_filter(*chosen)
        return (
            gr.update(visible=bool(names or grouped) or dated),
            gr.update(choices=list(names), visible=bool(names), **_drop_missing(still.outlets, names)),
            dates,
            dates,
            gr.update(choices=list(grouped), visible=bool(grouped), **_drop_missing(still.collections, grouped)),
        )

    with gr.Accordion(heading(SourceFilter()), open=False, elem_id="sources-control", visible=False) as box, gr.Row():
        collections = gr.Dropdown(
            label="Collections", elem_id="collections", choices=[], multiselect=True, scale=2, min_width=160,
            filterable=True,
        )  # fmt: skip
        outlets = gr.Dropdown(
            label="Outlets", elem_id="outlets", choices=[], multiselect=True, scale=2, min_width=160, filterable=True
        )
        since, until = (
            gr.Textbox(label=label, elem_id=name, placeholder=_DATE_FORM, max_lines=1, scale=1, min_width=120)
            for label, name in (("Published from", "since"), ("to", "until"))
        )
    control = SourceFilterComponents(box, outlets, since, until, collections, groups)
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
    shown = [box, *control.inputs]
    gr.on(None, refresh, control.inputs, shown, **quiet)
    tab = enclosing_tab(box)
    if tab is not None:
        tab.select(refresh, control.inputs, shown, **quiet)
    for one in control.inputs:
        one.change(lambda *given: gr.update(label=heading(read_filter(*given))), control.inputs, box, **quiet)
    return control


def heading(chosen: SourceFilter) -> str:
    """Return what is chosen, on one line: ``"Sources: Reuters, AP, from 2025-02"``."""
    parts = [
        *chosen.collections,
        *chosen.outlets,
        f"from {chosen.since}" if chosen.since else "",
        f"to {chosen.until}" if chosen.until else "",
    ]
    return f"Sources: {', '.join(part for part in parts if part) or 'all'}"


def _drop_missing(chosen: Sequence[str], there: Sequence[str]) -> dict[str, Any]:
    """Return a new value where something chosen is gone; else none, which would undo a choice made meanwhile."""
    kept = [name for name in chosen if name in there]
    return {} if len(kept) == len(chosen) else {"value": kept}


def _collection_names(groups: Groups | None) -> Sequence[str]:
    try:
        return groups.names() if groups else ()
    except OnrecordError:
        return ()


def _documents(library: Library) -> Sequence[DocumentInfo]:
    try:
        return library.documents()
    except OnrecordError:
        return ()


def _any_dated(held: Sequence[DocumentInfo]) -> bool:
    return any(parse_date_range(info.metadata.get("date", "")) for info in held)
