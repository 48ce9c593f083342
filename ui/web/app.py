"""The page: masthead, chat, tabs added from outside, and the named endpoints."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ui.conversations.store import Conversations
from ui.core.app_state import Floor
from ui.core.protocols import Answerer, Feedback, Groups, Library, Suggest, Tab
from ui.core.roles import Action, may, role_of
from ui.web.chat.tab import add_chat, count
from ui.web.endpoints import add_endpoints
from ui.web.gradio_errors import guard
from ui.web.header import masthead_html

if TYPE_CHECKING:
    import gradio as gr
    from gradio.block_function import BlockFunction

_UPLOADS_KEPT = (3600, 86_400)  # seconds between looks at what was uploaded, and after which it is removed


def build_app(
    pipeline: Answerer,
    library: Library,
    *,
    title: str = "Onrecord",
    examples: Sequence[str] = (),
    tabs: Sequence[Tab] = (),
    answerer: str = "quoted",
    where: str = "",
    feedback: Feedback | None = None,
    floor: Floor | None = None,
    groups: Groups | None = None,
    conversations: Conversations | None = None,
    suggest: Suggest | None = None,
) -> "gr.Blocks":
    """Build the web chat over ``pipeline`` and ``library``; ``ui.server.run`` shows it.

    ``examples`` are questions to click on while a conversation is empty. ``answerer`` is named in the
    masthead: ``"quoted"``, or the name of the model that writes, with ``where`` it runs. With ``feedback``, a
    reader can judge answers and make them cases. With ``conversations``, each visitor's are kept there, to be found
    again, exported and shared. ``suggest`` makes questions to go on with. ``groups`` are collections to choose from.
    Visitors wait in line on ``floor``, which is to be the one that ``ui.server.run`` is given.
    """
    import gradio as gr

    def masthead(user: str = "", root: str = "") -> str:
        return masthead_html(title, count(library), answerer, where, user=user, root=root)

    floor = floor or Floor()

    shown: list[gr.Tab] = []

    def on_load(request: gr.Request) -> dict[Any, Any]:
        role = role_of(request)
        seen = {drawn: gr.update(visible=may(role, tab.needs)) for drawn, tab in zip(shown, tabs, strict=True)}
        return {head: masthead(request.username or "", app.root_path), **seen}

    def on_return(request: gr.Request) -> str:
        return masthead(request.username or "", app.root_path)

    draw_chat = partial(
        add_chat,
        pipeline,
        library,
        examples,
        floor,
        feedback=feedback,
        groups=groups,
        conversations=conversations,
        suggest=suggest,
    )

    def on_leave(request: gr.Request) -> None:
        floor.stops.end(request.session_hash)

    app = gr.Blocks(title=title, fill_width=True, analytics_enabled=False, delete_cache=_UPLOADS_KEPT)
    guard(app)
    with app:
        head = gr.HTML(masthead(), elem_id="masthead", apply_default_css=False, js_on_load=None)
        if tabs:
            with gr.Tabs(elem_id="tabs"):
                with gr.Tab("Chat") as chat:
                    draw_chat()
                # Documents may have come and gone in another tab.
                chat.select(on_return, None, head, show_progress="hidden", api_visibility="private")
                for tab in tabs:
                    before = set(app.fns)
                    with gr.Tab(tab.label, visible=tab.needs is Action.ASK) as drawn:
                        tab.build()
                    shown.append(drawn)
                    floor.needs.update(_needed(tab, {n: fn for n, fn in app.fns.items() if n not in before}))
        else:
            draw_chat()
        app.unload(on_leave)
        app.load(on_load, None, [head, *shown], show_progress="hidden", api_visibility="private")
        add_endpoints(pipeline, library, floor, groups)
    return app


def _needed(tab: Tab, functions: "Mapping[int, BlockFunction]") -> Mapping[int, Action]:
    """What the functions of a tab need. What runs when the page is loaded runs for everybody and changes nothing."""
    return {
        number: tab.needs
        for number, function in functions.items()
        if not any(event == "load" for _, event in function.targets)
    }
