"""The page: masthead, chat, tabs added from outside, and the named endpoints."""

import os
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from ui.conversations.store import Conversations
from ui.web.api import add_endpoints
from ui.web.chat import add_chat, count
from ui.web.masthead import masthead_html
from ui.web.ports import Answerer, Feedback, Library, Suggest, Tab
from ui.web.stops import Stops

if TYPE_CHECKING:
    import gradio as gr


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
    conversations: Conversations | None = None,
    suggest: Suggest | None = None,
) -> "gr.Blocks":
    """Build the web chat over ``pipeline`` and ``library``; ``ui.web.serve`` shows it.

    ``examples`` are questions to click on while a conversation is empty. ``answerer`` is named in the
    masthead: ``"quoted"``, or the name of the model that writes, with ``where`` it runs. With ``feedback``, a
    reader can judge answers and make them cases. With ``conversations``, each visitor's are kept there, to be found
    again, exported and shared. ``suggest`` makes questions to go on with.
    """
    _silence_gradio()
    import gradio as gr

    def masthead() -> str:
        return masthead_html(title, count(library), answerer, where)

    stops = Stops()
    chat = partial(
        add_chat,
        pipeline,
        library,
        examples,
        stops,
        feedback=feedback,
        conversations=conversations,
        suggest=suggest,
    )

    def on_leave(request: gr.Request) -> None:
        stops.end(request.session_hash)

    app = gr.Blocks(title=title, fill_width=True, analytics_enabled=False)
    with app:
        head = gr.HTML(masthead(), elem_id="masthead", apply_default_css=False, js_on_load=None)
        if tabs:
            with gr.Tabs(elem_id="tabs"):
                with gr.Tab("Chat"):
                    chat()
                for tab in tabs:
                    with gr.Tab(tab.label):
                        tab.build()
        else:
            chat()
        app.unload(on_leave)
        app.load(masthead, None, head, show_progress="hidden", api_visibility="private")
        add_endpoints(pipeline, library)
    return app


def _silence_gradio() -> None:
    """Switch off Gradio's analytics and version check. It reads the switch from the environment only."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
