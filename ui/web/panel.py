"""The list of conversations beside the chat: its components, and what happens on each click."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import OnrecordError
from ui.conversations.store import Conversations
from ui.web.asker import asker
from ui.web.floor import Floor
from ui.web.in_turn import turn
from ui.web.kept import Kept
from ui.web.redraw import redrawn
from ui.web.shared import shared_page
from ui.web.sidebar import sidebar_html
from ui.web.source import empty_html
from ui.web.talk import Talk, is_waiting, kept_in

if TYPE_CHECKING:
    import gradio

_HERE = Path(__file__).parent
_FOLLOW = "<div data-follow hidden></div>"  # has the page ask for what is still to come
_TICK = 2.0  # seconds between looks at answers that are under way elsewhere
# Not to hide anything: without it, what a browser remembers could not be read after a restart.
_SECRET = "onrecord visitor"
# One after another, and none left out while another is answered: what was open before must never be remembered over
# what was opened since.
_QUIET: dict[str, Any] = {
    "show_progress": "hidden",
    "api_visibility": "private",
    "concurrency_limit": 1,
    "concurrency_id": "kept",
    "trigger_mode": "multiple",
}


@dataclass(frozen=True, slots=True)
class Panel:
    """``visitor`` is kept in the browser; ``parcel`` carries files; ``column`` holds the list.

    ``clock`` ticks while an answer is under way that is not looked at; ``marked`` is which were at its last tick.
    """

    column: "gradio.Column"
    listed: "gradio.HTML"
    parcel: "gradio.HTML"
    visitor: "gradio.BrowserState"
    clock: "gradio.Timer"
    marked: "gradio.State"


@dataclass(frozen=True, slots=True)
class Page:
    """What of the chat changes when another conversation is shown; ``asking`` is hidden where one only reads."""

    talk: "gradio.State"
    view: "gradio.State"
    conversation: "gradio.HTML"
    pane: "gradio.HTML"
    followups: "gradio.HTML"
    ask: "gradio.Button"
    stop: "gradio.Button"
    asking: "gradio.Row"

    def showing(self, talk: Talk, html: str) -> dict[Any, Any]:
        """The changes that show ``talk``, drawn as ``html``."""
        import gradio as gr

        return {
            self.talk: talk,
            self.view: None,
            self.conversation: html + (_FOLLOW if is_waiting(talk) else ""),
            self.pane: empty_html(),
            self.followups: "",
            self.ask: gr.update(visible=not is_waiting(talk)),
            self.stop: gr.update(visible=is_waiting(talk)),
        }


def draw_panel(*, shown: bool) -> Panel:
    """Draw the list into the row being built; hidden where nothing is kept."""
    import gradio as gr

    visitor = gr.BrowserState(None, storage_key="onrecord-visitor", secret=_SECRET)
    with gr.Column(elem_id="kept", min_width=0, scale=0, visible=shown) as column:
        listed = gr.HTML(
            sidebar_html((), ""),
            elem_id="kept-list",
            apply_default_css=False,
            **redrawn(_script("sidebar.js", "row.js")),
        )
        parcel = gr.HTML("", elem_id="parcel", apply_default_css=False, js_on_load=_script("parcel.js"))
    return Panel(column, listed, parcel, visitor, gr.Timer(_TICK, active=False), gr.State(frozenset()))


def wire_panel(
    panel: Panel,
    page: Page,
    kept: Kept,
    *,
    floor: Floor,
    shown: Callable[[Talk], str],
    asks: list[Any],
    cleared: list[Any],
) -> None:
    """Wire the list. ``asks`` are the events of questions being answered, ``cleared`` those that begin anew."""
    import gradio as gr
    from gradio.context import Context

    mine, remembered, stops = kept.mine, kept.remembered, floor.stops

    def ticking(request: gr.Request, visitor: object, opened: str) -> dict[Any, Any]:
        """Whether the list is to be looked at again by itself."""
        elsewhere = mine(request, visitor).elsewhere(opened)
        return {panel.clock: gr.Timer(_TICK, active=bool(elsewhere)), panel.marked: elsewhere}

    def on_load(request: gr.Request, talk: Talk, visitor: Any) -> dict[Any, Any]:
        token = request.query_params.get("shared")
        if token is not None:
            hidden = gr.update(visible=False)
            return page.showing(*shared_page(kept.store, token)) | {page.asking: hidden, panel.column: hidden}
        known, held = kept.visitors.visitor(visitor, request.session_hash), mine(request, visitor)
        # Whoever was quicker to ask than the page to load goes on with that.
        last = () if talk else held.last_open(known.open)
        changed: dict[Any, Any] = page.showing(last, shown(last)) if last else {}
        opened = kept_in(talk or last)
        changed |= {panel.listed: held.sidebar(opened), panel.visitor: known.remembered()}
        return changed | ticking(request, known.remembered(), opened)

    def on_step(request: gr.Request, talk: Talk, visitor: Any) -> dict[Any, Any]:
        opened = kept_in(talk)
        return {
            panel.listed: mine(request, visitor).sidebar(opened),
            panel.visitor: remembered(request, visitor, opened),
        } | ticking(request, visitor, opened)

    def on_tick(request: gr.Request, talk: Talk, visitor: Any, marked: frozenset[str]) -> dict[Any, Any]:
        held, opened = mine(request, visitor), kept_in(talk)
        if held.elsewhere(opened) == marked:
            return {panel.listed: gr.skip()}
        return {panel.listed: held.sidebar(opened)} | ticking(request, visitor, opened)

    def on_open(request: gr.Request, talk: Talk, visitor: Any, event: gr.EventData) -> dict[Any, Any]:
        held, wanted = mine(request, visitor), event._data.get("conversation")
        try:
            talk = held.talk(str(wanted))
        except OnrecordError as error:
            return {panel.listed: held.sidebar(kept_in(talk), str(error))}
        stops.end(request.session_hash)
        opened = kept_in(talk) or str(wanted)
        return (
            page.showing(talk, shown(talk))
            | {panel.listed: held.sidebar(opened), panel.visitor: remembered(request, visitor, opened)}
            | ticking(request, visitor, opened)
        )

    def on_delete(request: gr.Request, talk: Talk, visitor: Any, event: gr.EventData) -> dict[Any, Any]:
        held, opened = mine(request, visitor), kept_in(talk)
        wanted = str(event._data.get("conversation", opened))
        problem = held.attempt(wanted, Conversations.delete)
        if wanted == opened and not problem:
            stops.end(request.session_hash)
        if not problem:
            held.end(wanted)
        if problem or wanted != opened:
            return {panel.listed: held.sidebar(opened, problem)}
        return page.showing((), shown(())) | {
            panel.listed: held.sidebar(""),
            panel.visitor: remembered(request, visitor, ""),
        }

    told = [page.talk, panel.visitor]
    changing = [page.talk, page.view, page.conversation, page.pane, page.followups, page.ask, page.stop]
    listing = [panel.listed, panel.visitor, panel.clock, panel.marked]
    all_of_it = [*changing, *listing]
    if (root := Context.root_block) is not None:
        # Not gr.on, which would run again whenever the browser's memory changes.
        root.load(on_load, told, [*all_of_it, page.asking, panel.column], **_QUIET)
    for event in (*asks, *cleared):
        event.then(on_step, told, listing, **_QUIET)
    panel.clock.tick(on_tick, [*told, panel.marked], listing, **_QUIET)
    panel.listed.select(on_open, told, all_of_it, **_QUIET)
    panel.listed.delete(on_delete, told, all_of_it, **_QUIET)
    # Another one: what is being answered on the page goes on.
    panel.listed.end(on_delete, told, all_of_it, **_QUIET)
    _wire_tools(panel, page, kept, floor)


def _wire_tools(panel: Panel, page: Page, kept: Kept, floor: Floor) -> None:
    """Wire what leaves the page as it is: renaming, sharing, taking away."""
    import gradio as gr

    mine, told = kept.mine, [page.talk, panel.visitor]

    def on_rename(request: gr.Request, talk: Talk, visitor: Any, event: gr.EventData) -> str:
        held, title = mine(request, visitor), str(event._data.get("title", ""))
        wanted = str(event._data.get("conversation", kept_in(talk)))
        problem = held.attempt(wanted, lambda store, which, owner: store.rename(which, title, owner))
        return held.sidebar(kept_in(talk), problem)

    def on_share(request: gr.Request, talk: Talk, visitor: Any) -> str:
        held = mine(request, visitor)
        return held.sidebar(kept_in(talk), held.attempt(kept_in(talk), Conversations.share))

    def on_revoke(request: gr.Request, talk: Talk, visitor: Any) -> str:
        held = mine(request, visitor)
        return held.sidebar(kept_in(talk), held.attempt(kept_in(talk), Conversations.revoke))

    def on_export(request: gr.Request, talk: Talk, visitor: Any, event: gr.EventData) -> tuple[Any, str]:
        held = mine(request, visitor)
        try:
            with turn(floor.reading, asker(request), background=True):
                return gr.skip(), held.parcel(kept_in(talk), event._data.get("format"))
        except OnrecordError as error:
            return held.sidebar(kept_in(talk), str(error)), ""

    panel.listed.apply(on_rename, told, panel.listed, **_QUIET)
    panel.listed.expand(on_share, told, panel.listed, **_QUIET)
    panel.listed.collapse(on_revoke, told, panel.listed, **_QUIET)
    # Not one after another with the rest: a long conversation takes a while to write, and the list waits for nobody's.
    beside = _QUIET | {"concurrency_limit": None, "concurrency_id": "export"}
    panel.listed.download(on_export, told, [panel.listed, panel.parcel], **beside)


def _script(*names: str) -> str:
    """Files of JavaScript as one, each keeping its names to itself."""
    return "\n".join(f"{{\n{(_HERE / name).read_text(encoding='utf-8')}}}" for name in names)
