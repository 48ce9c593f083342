"""The Library tab: its components, and the events they are wired to."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from index.reading.filetype import ENDINGS
from ui.core.gradio_behaviours import enclosing_tab
from ui.library.listing import STATUSES, ListQuery
from ui.library.service import LibraryService
from ui.web.components import redraw_options, scripts
from ui.web.library import words

if TYPE_CHECKING:
    import gradio

    from ui.web.library.actions import LibraryActions

_HERE = Path(__file__).parent
_POLL_SECONDS = 0.7  # seconds between updates of the progress
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
# One after another, and none dropped while another is running: a tick that began before a click must not be shown
# after the click's result, where it would stop the timer of the work just started.
_IN_ORDER: dict[str, Any] = {
    **_QUIET,
    "trigger_mode": "multiple",
    "concurrency_limit": 1,
    "concurrency_id": "library",
}

May = Callable[["gradio.Request"], bool]
"""Whether this visitor may change the library."""


@dataclass(frozen=True, slots=True)
class LibraryComponents:
    """The components. ``query`` and ``view`` are kept on the server, one for each visitor."""

    query: "gradio.State"
    view: "gradio.State"
    seen: "gradio.State"
    clock: "gradio.Timer"
    closed: "gradio.HTML"
    giving: "gradio.Column"
    files: "gradio.File"
    folder: "gradio.UploadButton"
    into: "gradio.Dropdown"
    problem: "gradio.State"
    paste: tuple["gradio.Textbox", ...]
    add: "gradio.Button"
    jobs: "gradio.HTML"
    words: "gradio.Textbox"
    outlet: "gradio.Dropdown"
    status: "gradio.Dropdown"
    collection: "gradio.Dropdown"
    listed: "gradio.HTML"
    pane: "gradio.HTML"

    @property
    def drawn(self) -> list[Any]:
        """The components that a change of the library changes, in the order of ``LibraryActions.draw``."""
        return [
            self.seen, self.clock, self.closed, self.giving, self.into, self.jobs, self.outlet, self.collection,
            self.listed,
        ]  # fmt: skip

    @property
    def filters(self) -> list[Any]:
        """The components that say which rows are asked for."""
        return [self.words, self.outlet, self.status, self.collection]


def build_library(service: LibraryService, may: May = lambda request: True) -> None:
    """Draw the tab where it is called, inside the page. Visitors who ``may`` not change the library can read it."""
    from ui.web.library.actions import LibraryActions

    _wire(_draw(), LibraryActions(service, may))


def _draw() -> LibraryComponents:
    import gradio as gr

    def html(name: str, value: str = "", **more: Any) -> gr.HTML:
        return gr.HTML(value, elem_id=f"library-{name}", apply_default_css=False, **more)

    def box(name: str, label: str, **more: Any) -> gr.Textbox:
        return gr.Textbox(
            label=label, elem_id=f"library-{name}", **{"max_lines": 1, "scale": 1, "min_width": 120, **more}
        )

    def choice(name: str, label: str, choices: list[Any], **more: Any) -> gr.Dropdown:
        return gr.Dropdown(choices, label=label, elem_id=f"library-{name}", scale=1, min_width=120, **more)

    with gr.Column(elem_id="library", elem_classes="tab-page"):
        style = "".join((_HERE / name).read_text(encoding="utf-8") for name in ("library.css", "list.css"))
        gr.HTML(Markup("<style>{}</style><h2>Library</h2>").format(Markup(style)), apply_default_css=False)
        closed = html("closed")
        with gr.Column(elem_id="library-giving", visible=False) as giving:
            with gr.Row(elem_classes=["tab-row", "library-row"]):
                files = gr.File(
                    file_count="multiple",
                    label=words.CHOOSE_FILES,
                    elem_id="library-files",
                    height=130,
                    scale=3,
                    min_width=200,
                )
                with gr.Column(scale=2, min_width=200):
                    into = choice("into", words.INTO_COLLECTION, [], value=None, allow_custom_value=True)
                    folder = gr.UploadButton(
                        words.CHOOSE_FOLDER,
                        elem_id="library-folder",
                        elem_classes="tab-button",
                        file_count="directory",
                        size="md",
                        min_width=0,
                    )
            formats = Markup('<p class="library-note">Read are files ending in {}.</p>').format(", ".join(ENDINGS))
            gr.HTML(formats, apply_default_css=False)
            with gr.Accordion(words.PASTE, open=False, elem_id="library-paste"):
                text = box("text", words.PASTED_TEXT, lines=5, max_lines=12)
                with gr.Row(elem_classes=["tab-row", "library-row"]):
                    said = (
                        box("title", words.TITLE), box("url", words.ADDRESS),
                        box("date", words.PUBLISHED_ON, placeholder="YYYY-MM-DD"), box("outlet-of", words.OUTLET),
                    )  # fmt: skip
                add = gr.Button(
                    words.ADD, elem_id="library-add", elem_classes="tab-button", variant="primary", scale=0, min_width=0
                )
        jobs = html("jobs", **redraw_options(scripts(_HERE, "jobs.js")))
        with gr.Row(elem_id="library-filters", elem_classes=["tab-row", "library-row"]):
            searched = box("words", words.SEARCH, scale=2, type="text")
            outlet = choice("outlet", words.OUTLET, [(words.ALL_OUTLETS, "")], value="")
            status = choice(
                "status", "Status", [(words.ANY_STATUS, ""), *((s.capitalize(), s) for s in STATUSES)], value=""
            )
            collection = choice("collection", "Collection", [(words.ALL_COLLECTIONS, "")], value="")
        with gr.Row(elem_id="library-body"):
            listed = html("list", **redraw_options(scripts(_HERE, "list.js")))
            pane = html("pane", visible=False, js_on_load=scripts(_HERE.parent, "library/pane.js", "document/more.js"))
    return LibraryComponents(
        gr.State(ListQuery()), gr.State(None), gr.State(("", "", "")), gr.Timer(_POLL_SECONDS, active=False), closed,
        giving, files, folder, into, gr.State(""), (text, *said), add, jobs, searched, outlet, status, collection,
        listed, pane,
    )  # fmt: skip


def _wire(page: LibraryComponents, actions: "LibraryActions") -> None:
    import gradio as gr

    drawn, now = page.drawn, [page.query, page.seen]
    if tab := enclosing_tab(page.closed):
        tab.select(actions.draw, page.query, drawn, **_IN_ORDER)
    else:
        gr.on(None, actions.draw, page.query, drawn, **_IN_ORDER)
    page.clock.tick(actions.tick, now, drawn, **{**_IN_ORDER, "trigger_mode": "once"})
    for given in (page.files, page.folder):
        # Storing large files takes a while, so this does not hold up the other events.
        taken = given.upload(actions.add, [given, page.into], [given, page.problem], **_QUIET)
        taken.then(actions.draw, [page.query, page.problem], drawn, **_IN_ORDER)
    page.add.click(actions.paste, [page.into, page.query, *page.paste], [*page.paste, *drawn], **_IN_ORDER)
    # One event for all of them, so that the last request is the last one answered.
    asked = [page.words.change, page.outlet.input, page.status.input, page.collection.input]
    gr.on(
        asked,
        actions.want,
        [page.query, *page.filters],
        [page.query, *drawn],
        **{**_IN_ORDER, "trigger_mode": "always_last"},
    )
    page.listed.input(actions.arrange, page.query, [page.query, *drawn], **_IN_ORDER)
    page.listed.apply(actions.change, page.query, drawn, **_IN_ORDER)
    page.jobs.apply(actions.change, page.query, drawn, **_IN_ORDER)
    page.listed.select(actions.open, None, [page.pane, page.view], **_IN_ORDER)
    page.pane.select(actions.turn, page.view, [page.pane, page.view], **_IN_ORDER)
