"""The control above the question box that says which documents are searched: by outlet and by date."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.dates import days_of
from index.errors import OnrecordError
from index.schema import DocumentInfo
from rag.scope import Scope, outlets_of, read_scope
from ui.web.ports import Library

if TYPE_CHECKING:
    import gradio

_FORM = "YYYY-MM-DD"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader has put into the control, as it stands there."""

    outlets: tuple[str, ...] = ()
    since: str = ""
    until: str = ""

    def scope(self) -> Scope:
        """The scope it means. Raises BadScope for a date that is none."""
        return read_scope(self.since, self.until, outlets=self.outlets)


@dataclass(frozen=True, slots=True)
class Control:
    """The components; ``box`` holds the others."""

    box: "gradio.Accordion"
    outlets: "gradio.Dropdown"
    since: "gradio.Textbox"
    until: "gradio.Textbox"

    @property
    def inputs(self) -> list[Any]:
        """What an event hands on, in the order ``wanted`` takes it."""
        return [self.outlets, self.since, self.until]


def wanted(outlets: Sequence[str] | None, since: str | None, until: str | None) -> Wanted:
    """The values of ``Control.inputs``; a component that is hidden or empty gives None."""
    return Wanted(tuple(outlets or ()), (since or "").strip(), (until or "").strip())


def add_control(library: Library) -> Control:
    """Draw the control, hidden when no document names an outlet or a date, and keep its heading true."""
    import gradio as gr

    def refresh() -> tuple[Any, Any, Any, Any]:
        """What there is to choose from now."""
        held = _held(library)
        names, dated = outlets_of(held), _dated(held)
        dates = gr.update(visible=dated)
        return (
            gr.update(visible=bool(names) or dated),
            gr.update(choices=list(names), visible=bool(names)),
            dates,
            dates,
        )

    with gr.Accordion(heading(Wanted()), open=False, elem_id="sources-control", visible=False) as box, gr.Row():
        outlets = gr.Dropdown(
            label="Outlets", elem_id="outlets", choices=[], multiselect=True, scale=2, min_width=160, filterable=True
        )
        since, until = (
            gr.Textbox(label=label, elem_id=name, placeholder=_FORM, max_lines=1, scale=1, min_width=120)
            for label, name in (("Published from", "since"), ("to", "until"))
        )
    control = Control(box, outlets, since, until)
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
    gr.on(None, refresh, None, [box, *control.inputs], **quiet)
    for one in (outlets, since, until):
        one.change(lambda *given: gr.update(label=heading(wanted(*given))), control.inputs, box, **quiet)
    return control


def heading(chosen: Wanted) -> str:
    """What is chosen, on one line: ``"Sources: Reuters, AP, from 2025-02"``."""
    parts = [
        *chosen.outlets,
        f"from {chosen.since}" if chosen.since else "",
        f"to {chosen.until}" if chosen.until else "",
    ]
    return f"Sources: {', '.join(part for part in parts if part) or 'all'}"


def _held(library: Library) -> Sequence[DocumentInfo]:
    try:
        return library.documents()
    except OnrecordError:
        return ()


def _dated(held: Sequence[DocumentInfo]) -> bool:
    return any(days_of(info.metadata.get("date", "")) for info in held)
