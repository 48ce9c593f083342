"""The components of the chat."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from ui.core.protocols import Groups, Library
from ui.web.chat.source_filter import SourceFilterComponents, add_source_filter
from ui.web.components import scripts
from ui.web.document.source import empty_source_html
from ui.web.shortcuts import add_shortcuts
from ui.web.sidebar.sidebar import ChatView, SidebarComponents, draw_sidebar

if TYPE_CHECKING:
    import gradio

_SCRIPTS = Path(__file__).parent / "scripts"
_DOCUMENT_SCRIPTS = Path(__file__).parents[1] / "document"


@dataclass(frozen=True, slots=True)
class ChatComponents:
    """The components of the chat. ``chat`` and ``view`` are kept on the server, one for each visitor."""

    chat: "gradio.State"
    view: "gradio.State"
    conversation: "gradio.HTML"
    pane: "gradio.HTML"
    question: "gradio.Textbox"
    ask: "gradio.Button"
    stop: "gradio.Button"
    clear: "gradio.Button"
    sources: SourceFilterComponents
    followups: "gradio.HTML"
    composer: "gradio.Row"
    sidebar: SidebarComponents

    @property
    def page(self) -> ChatView:
        """The components that change when another conversation is shown."""
        return ChatView(
            self.chat, self.view, self.conversation, self.pane, self.followups, self.ask, self.stop, self.composer
        )


def draw_chat(welcome: Markup, library: Library, groups: Groups | None, *, keeping: bool) -> ChatComponents:
    """Draw the components into the Blocks being built. The sidebar is hidden without ``keeping``."""
    import gradio as gr

    with gr.Row(elem_id="desk"):
        sidebar = draw_sidebar(shown=keeping)
        with gr.Column(elem_id="chat", min_width=0, scale=3):
            conversation = gr.HTML(
                welcome,
                elem_id="conversation",
                apply_default_css=False,
                js_on_load=scripts(_SCRIPTS, "conversation.js", "cards.js", "steps.js", "folds.js", "announce.js"),
            )
            after = gr.HTML(
                "", elem_id="followups", apply_default_css=False, js_on_load=scripts(_SCRIPTS, "followups.js")
            )
            sources = add_source_filter(library, groups)
            with gr.Row(elem_id="composer") as composer:
                question = gr.Textbox(
                    elem_id="question",
                    label="Your question",
                    show_label=False,
                    container=False,
                    placeholder="Ask about the documents",
                    lines=1,
                    max_lines=6,
                    autofocus=True,
                    scale=1,
                    min_width=0,
                )
                ask = gr.Button("Ask", elem_id="ask", variant="primary", scale=0, min_width=0)
                stop = gr.Button("Stop", elem_id="stop", visible=False, scale=0, min_width=0)
                clear = gr.Button("New conversation", elem_id="clear", scale=0, min_width=0)
            add_shortcuts()
        with gr.Column(elem_id="beside", min_width=0, scale=2):
            pane = gr.HTML(
                empty_source_html(),
                elem_id="source",
                apply_default_css=False,
                js_on_load=scripts(_DOCUMENT_SCRIPTS, "source.js", "more.js"),
            )
    return ChatComponents(
        gr.State(()),
        gr.State(None),
        conversation,
        pane,
        question,
        ask,
        stop,
        clear,
        sources,
        after,
        composer,
        sidebar,
    )
