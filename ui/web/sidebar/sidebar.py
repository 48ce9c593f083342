"""The list of conversations beside the chat: its components, and what happens on each click."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from index.errors import OnrecordError
from ui.conversations.store import ConversationStore
from ui.core.app_state import AppState
from ui.core.ask import queue_slot
from ui.core.client import gradio_visitor
from ui.core.gradio_behaviours import enclosing_page, event_data
from ui.web.chat.state import ChatState, conversation_of, is_waiting
from ui.web.components import redraw_options, scripts
from ui.web.document.source import empty_source_html
from ui.web.sidebar.conversation_service import ConversationService
from ui.web.sidebar.list_html import sidebar_html

if TYPE_CHECKING:
    import gradio

from ui.web.chat.render.conversation import conversation_html
from ui.web.sidebar.conversation_service import reopen

_HERE = Path(__file__).parent
_FOLLOW = Markup("<div data-follow hidden></div>")  # makes the page ask for the rest of the answer
_POLL_SECONDS = 2.0  # seconds between polls while answers are running elsewhere
# Hides nothing: with a random secret, what a browser remembers could not be read after a restart.
_SECRET = "onrecord visitor"
# One after another, and none dropped while another is running: what was open before must never be remembered over
# what was opened since.
_IN_ORDER: dict[str, Any] = {
    "show_progress": "hidden",
    "api_visibility": "private",
    "concurrency_limit": 1,
    "concurrency_id": "kept",
    "trigger_mode": "multiple",
}


_SHARED_HEAD = Markup(
    '<div class="shared-head"><h2 dir="auto">{}</h2><p class="note">Shared with you to read. '
    '<a href="?">Ask your own question</a></p></div>'
)
_NOT_SHARED = Markup(
    '<div class="talk"><p class="problem" role="alert">{}</p>'
    '<p class="note"><a href="?">Ask your own question</a></p></div>'
)


@dataclass(frozen=True, slots=True)
class SidebarComponents:
    """The components. ``visitor`` is kept in the browser; ``download`` carries files; ``column`` holds the list.

    ``clock`` ticks while an answer is running elsewhere; ``marked`` are the ones that were at its last tick.
    """

    column: "gradio.Column"
    listed: "gradio.HTML"
    download: "gradio.HTML"
    visitor: "gradio.BrowserState"
    clock: "gradio.Timer"
    marked: "gradio.State"


@dataclass(frozen=True, slots=True)
class ChatView:
    """The components of the chat that change with the conversation; ``asking`` is hidden where one only reads."""

    chat: "gradio.State"
    view: "gradio.State"
    conversation: "gradio.HTML"
    pane: "gradio.HTML"
    followups: "gradio.HTML"
    ask: "gradio.Button"
    stop: "gradio.Button"
    asking: "gradio.Row"

    def showing(self, chat: ChatState, html: Markup) -> dict[Any, Any]:
        """Return the changes that show ``chat``, drawn as ``html``."""
        import gradio as gr

        return {
            self.chat: chat,
            self.view: None,
            self.conversation: html + (_FOLLOW if is_waiting(chat) else Markup("")),
            self.pane: empty_source_html(),
            self.followups: "",
            self.ask: gr.update(visible=not is_waiting(chat)),
            self.stop: gr.update(visible=is_waiting(chat)),
        }


def draw_sidebar(*, shown: bool) -> SidebarComponents:
    """Draw the list into the row being built; hidden where nothing is kept."""
    import gradio as gr

    visitor = gr.BrowserState(None, storage_key="onrecord-visitor", secret=_SECRET)
    with gr.Column(elem_id="kept", min_width=0, scale=0, visible=shown) as column:
        listed = gr.HTML(
            sidebar_html((), ""),
            elem_id="kept-list",
            apply_default_css=False,
            **redraw_options(scripts(_HERE, "sidebar.js", "row.js")),
        )
        download = gr.HTML("", elem_id="parcel", apply_default_css=False, js_on_load=scripts(_HERE, "download.js"))
    return SidebarComponents(
        column, listed, download, visitor, gr.Timer(_POLL_SECONDS, active=False), gr.State(frozenset())
    )


def wire_sidebar(
    sidebar: SidebarComponents,
    page: ChatView,
    service: ConversationService,
    *,
    app_state: AppState,
    shown: Callable[[ChatState], Markup],
    asks: list[Any],
    cleared: list[Any],
) -> None:
    """Wire the list. ``asks`` are the events that ask questions, ``cleared`` those that clear the conversation."""
    import gradio as gr

    mine, remembered, cancels = service.mine, service.remembered, app_state.cancels

    def ticking(request: gr.Request, visitor: object, opened: str) -> dict[Any, Any]:
        """Return whether the list has to be polled."""
        elsewhere = mine(request, visitor).elsewhere(opened)
        return {sidebar.clock: gr.Timer(_POLL_SECONDS, active=bool(elsewhere)), sidebar.marked: elsewhere}

    def on_load(request: gr.Request, chat: ChatState, visitor: Any) -> dict[Any, Any]:
        token = request.query_params.get("shared")
        if token is not None:
            hidden = gr.update(visible=False)
            return page.showing(*shared_conversation(service.store, token)) | {
                page.asking: hidden,
                sidebar.column: hidden,
            }
        known, owned = service.visitors.visitor(visitor, request.session_hash), mine(request, visitor)
        # A question asked before the page was loaded is continued.
        last = () if chat else owned.last_open(known.open)
        changed: dict[Any, Any] = page.showing(last, shown(last)) if last else {}
        opened = conversation_of(chat or last)
        changed |= {sidebar.listed: owned.sidebar(opened), sidebar.visitor: known.remembered()}
        return changed | ticking(request, known.remembered(), opened)

    def on_step(request: gr.Request, chat: ChatState, visitor: Any) -> dict[Any, Any]:
        opened = conversation_of(chat)
        return {
            sidebar.listed: mine(request, visitor).sidebar(opened),
            sidebar.visitor: remembered(request, visitor, opened),
        } | ticking(request, visitor, opened)

    def on_tick(request: gr.Request, chat: ChatState, visitor: Any, marked: frozenset[str]) -> dict[Any, Any]:
        owned, opened = mine(request, visitor), conversation_of(chat)
        if owned.elsewhere(opened) == marked:
            return {sidebar.listed: gr.skip()}
        return {sidebar.listed: owned.sidebar(opened)} | ticking(request, visitor, opened)

    def on_open(request: gr.Request, chat: ChatState, visitor: Any, event: gr.EventData) -> dict[Any, Any]:
        owned, wanted = mine(request, visitor), event_data(event).get("conversation")
        try:
            chat = owned.chat(str(wanted))
        except OnrecordError as error:
            return {sidebar.listed: owned.sidebar(conversation_of(chat), str(error))}
        cancels.cancel(request.session_hash)
        opened = conversation_of(chat) or str(wanted)
        return (
            page.showing(chat, shown(chat))
            | {sidebar.listed: owned.sidebar(opened), sidebar.visitor: remembered(request, visitor, opened)}
            | ticking(request, visitor, opened)
        )

    def on_delete(request: gr.Request, chat: ChatState, visitor: Any, event: gr.EventData) -> dict[Any, Any]:
        owned, opened = mine(request, visitor), conversation_of(chat)
        wanted = str(event_data(event).get("conversation", opened))
        problem = owned.attempt(wanted, ConversationStore.delete)
        if wanted == opened and not problem:
            cancels.cancel(request.session_hash)
        if not problem:
            owned.end(wanted)
        if problem or wanted != opened:
            return {sidebar.listed: owned.sidebar(opened, problem)}
        return page.showing((), shown(())) | {
            sidebar.listed: owned.sidebar(""),
            sidebar.visitor: remembered(request, visitor, ""),
        }

    state = [page.chat, sidebar.visitor]
    changing = [page.chat, page.view, page.conversation, page.pane, page.followups, page.ask, page.stop]
    listing = [sidebar.listed, sidebar.visitor, sidebar.clock, sidebar.marked]
    all_of_it = [*changing, *listing]
    # Not gr.on, which would run again whenever the browser's memory changes.
    enclosing_page(sidebar.listed).load(on_load, state, [*all_of_it, page.asking, sidebar.column], **_IN_ORDER)
    for event in (*asks, *cleared):
        event.then(on_step, state, listing, **_IN_ORDER)
    sidebar.clock.tick(on_tick, [*state, sidebar.marked], listing, **_IN_ORDER)
    sidebar.listed.select(on_open, state, all_of_it, **_IN_ORDER)
    sidebar.listed.delete(on_delete, state, all_of_it, **_IN_ORDER)
    # Another conversation is deleted, so the answer on the page goes on.
    sidebar.listed.end(on_delete, state, all_of_it, **_IN_ORDER)
    _wire_tools(sidebar, page, service, app_state)


def _wire_tools(sidebar: SidebarComponents, page: ChatView, service: ConversationService, app_state: AppState) -> None:
    """Wire what leaves the conversation as it is: renaming, sharing, exporting."""
    import gradio as gr

    mine, state = service.mine, [page.chat, sidebar.visitor]

    def on_rename(request: gr.Request, chat: ChatState, visitor: Any, event: gr.EventData) -> str:
        owned, title = mine(request, visitor), str(event_data(event).get("title", ""))
        wanted = str(event_data(event).get("conversation", conversation_of(chat)))
        problem = owned.attempt(wanted, lambda store, which, owner: store.rename(which, title, owner))
        return owned.sidebar(conversation_of(chat), problem)

    def on_share(request: gr.Request, chat: ChatState, visitor: Any) -> str:
        owned = mine(request, visitor)
        return owned.sidebar(conversation_of(chat), owned.attempt(conversation_of(chat), ConversationStore.share))

    def on_revoke(request: gr.Request, chat: ChatState, visitor: Any) -> str:
        owned = mine(request, visitor)
        return owned.sidebar(conversation_of(chat), owned.attempt(conversation_of(chat), ConversationStore.revoke))

    def on_export(request: gr.Request, chat: ChatState, visitor: Any, event: gr.EventData) -> tuple[Any, str]:
        owned = mine(request, visitor)
        try:
            with queue_slot(app_state.read_queue, gradio_visitor(request), background=True):
                return gr.skip(), owned.parcel(conversation_of(chat), event_data(event).get("format"))
        except OnrecordError as error:
            return owned.sidebar(conversation_of(chat), str(error)), ""

    sidebar.listed.apply(on_rename, state, sidebar.listed, **_IN_ORDER)
    sidebar.listed.expand(on_share, state, sidebar.listed, **_IN_ORDER)
    sidebar.listed.collapse(on_revoke, state, sidebar.listed, **_IN_ORDER)
    # Beside the other events: writing a long conversation takes a while, and the list must not wait for it.
    beside = _IN_ORDER | {"concurrency_limit": None, "concurrency_id": "export"}
    sidebar.listed.download(on_export, state, [sidebar.listed, sidebar.download], **beside)


def shared_conversation(store: ConversationStore, token: str) -> tuple[ChatState, Markup]:
    """Return the conversation that ``token`` shares, to be read and not to be changed, and its HTML with any error."""
    try:
        conversation, turns = store.shared(token)
    except OnrecordError as error:
        return (), _NOT_SHARED.format(error)
    chat = reopen(turns)
    return chat, _SHARED_HEAD.format(conversation.title) + conversation_html(chat)
