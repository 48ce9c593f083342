"""The control above the question box that says which documents are searched: by collection, outlet and date."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from index.errors import OnrecordError
from index.schema import DocumentInfo
from index.text.dates import parse_date_range
from rag.question.scope import Scope, list_outlets, parse_scope
from ui.core.protocols import Groups, Library
from ui.web.tab_of import tab_around

if TYPE_CHECKING:
    import gradio

_FORM = "YYYY-MM-DD"


def _none_of(names: Sequence[str]) -> Sequence[str]:
    """What is in a collection where there are no collections."""
    return ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader has put into the control, as it stands there."""

    outlets: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    collections: tuple[str, ...] = ()
    documents_of: Callable[[Sequence[str]], Sequence[str]] = field(default=_none_of, repr=False, compare=False)

    def scope(self) -> Scope:
        """The scope it means. Raises ScopeError for a date that is none and for collections without documents."""
        documents = self.documents_of(self.collections) if self.collections else ()
        return parse_scope(self.since, self.until, outlets=self.outlets, documents=documents)


@dataclass(frozen=True, slots=True)
class Control:
    """The components; ``box`` holds the others. ``groups`` are the collections to choose from."""

    box: "gradio.Accordion"
    outlets: "gradio.Dropdown"
    since: "gradio.Textbox"
    until: "gradio.Textbox"
    collections: "gradio.Dropdown"
    groups: Groups | None = None

    @property
    def inputs(self) -> list[Any]:
        """What an event hands on, in the order ``wanted`` takes it."""
        return [self.outlets, self.since, self.until, self.collections]


def wanted(
    outlets: Sequence[str] | None,
    since: str | None,
    until: str | None,
    collections: Sequence[str] | None = None,
    *,
    groups: Groups | None = None,
) -> Wanted:
    """The values of ``Control.inputs``; a component that is hidden or empty gives None."""
    documents_of = groups.documents_of if groups else _none_of
    dates = (since or "").strip(), (until or "").strip()
    return Wanted(tuple(outlets or ()), *dates, tuple(collections or ()), documents_of)


def add_control(library: Library, groups: Groups | None = None) -> Control:
    """Draw the control, hidden when there is no outlet, date or collection to choose, and keep its heading true."""
    import gradio as gr

    def refresh(*chosen: Any) -> tuple[Any, ...]:
        """What there is to choose from now; what is not there any more is not chosen any more."""
        held = _held(library)
        names, dated = list_outlets(held), _dated(held)
        grouped = _names(groups)
        dates = gr.update(visible=dated)
        still = wanted(*chosen)
        return (
            gr.update(visible=bool(names or grouped) or dated),
            gr.update(choices=list(names), visible=bool(names), **_without_lost(still.outlets, names)),
            dates,
            dates,
            gr.update(choices=list(grouped), visible=bool(grouped), **_without_lost(still.collections, grouped)),
        )

    with gr.Accordion(heading(Wanted()), open=False, elem_id="sources-control", visible=False) as box, gr.Row():
        collections = gr.Dropdown(
            label="Collections", elem_id="collections", choices=[], multiselect=True, scale=2, min_width=160,
            filterable=True,
        )  # fmt: skip
        outlets = gr.Dropdown(
            label="Outlets", elem_id="outlets", choices=[], multiselect=True, scale=2, min_width=160, filterable=True
        )
        since, until = (
            gr.Textbox(label=label, elem_id=name, placeholder=_FORM, max_lines=1, scale=1, min_width=120)
            for label, name in (("Published from", "since"), ("to", "until"))
        )
    control = Control(box, outlets, since, until, collections, groups)
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
    shown = [box, *control.inputs]
    gr.on(None, refresh, control.inputs, shown, **quiet)
    tab = tab_around(box)
    if tab is not None:
        tab.select(refresh, control.inputs, shown, **quiet)
    for one in control.inputs:
        one.change(lambda *given: gr.update(label=heading(wanted(*given))), control.inputs, box, **quiet)
    return control


def heading(chosen: Wanted) -> str:
    """What is chosen, on one line: ``"Sources: Reuters, AP, from 2025-02"``."""
    parts = [
        *chosen.collections,
        *chosen.outlets,
        f"from {chosen.since}" if chosen.since else "",
        f"to {chosen.until}" if chosen.until else "",
    ]
    return f"Sources: {', '.join(part for part in parts if part) or 'all'}"


def _without_lost(chosen: Sequence[str], there: Sequence[str]) -> dict[str, Any]:
    """A new value where something chosen is gone; else none, which would undo a choice made meanwhile."""
    kept = [name for name in chosen if name in there]
    return {} if len(kept) == len(chosen) else {"value": kept}


def _names(groups: Groups | None) -> Sequence[str]:
    try:
        return groups.names() if groups else ()
    except OnrecordError:
        return ()


def _held(library: Library) -> Sequence[DocumentInfo]:
    try:
        return library.documents()
    except OnrecordError:
        return ()


def _dated(held: Sequence[DocumentInfo]) -> bool:
    return any(parse_date_range(info.metadata.get("date", "")) for info in held)
