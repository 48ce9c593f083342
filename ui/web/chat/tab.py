"""The chat, drawn into the page and wired."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from markupsafe import Markup

from index.errors import OnrecordError
from ui.conversations.store import ConversationStore
from ui.core.app_state import AppState
from ui.core.gradio_behaviours import enclosing_tab
from ui.core.protocols import Answerer, Feedback, Groups, Library, SuggestQuestions
from ui.web.chat.background_answers import BackgroundAnswers
from ui.web.chat.chat_answers import ChatAnswers
from ui.web.chat.components import draw_chat
from ui.web.chat.events import wire_feedback, wire_followups, wire_pane, wire_questions
from ui.web.chat.render.conversation import conversation_html
from ui.web.chat.run_turn import run_turn
from ui.web.chat.state import ChatState
from ui.web.sidebar.conversation_service import ConversationService
from ui.web.sidebar.sidebar import wire_sidebar
from ui.web.sidebar.visitor import Visitors


def add_chat(
    pipeline: Answerer,
    library: Library,
    examples: Sequence[str],
    app_state: AppState,
    *,
    feedback: Feedback | None = None,
    groups: Groups | None = None,
    conversations: ConversationStore | None = None,
    suggest: SuggestQuestions | None = None,
) -> None:
    """Draw the chat into the Blocks being built and wire it.

    With ``feedback``, answers can be judged; with ``conversations``, each visitor's are kept there; ``suggest`` makes
    follow-up questions.
    """

    def welcome() -> Markup:
        return conversation_html((), examples, documents=count_documents(library))

    def shown(chat: ChatState) -> Markup:
        return conversation_html(chat, examples, judging=feedback is not None, acting=True) if chat else welcome()

    def on_return(chat: ChatState) -> Any:
        """Redraw an empty conversation, since documents may have been added in another tab."""
        import gradio as gr

        return gr.skip() if chat else welcome()

    cancels = app_state.cancels
    background = BackgroundAnswers(cancels)
    service = ConversationService(conversations, Visitors(), background) if conversations is not None else None
    components = draw_chat(welcome(), library, groups, keeping=conversations is not None)
    asking = ChatAnswers(partial(run_turn, pipeline, library, app_state=app_state), service, background, cancels)
    asks, cleared = wire_questions(components, asking, examples=examples, shown=shown)
    wire_pane(components, library, app_state)
    tab = enclosing_tab(components.conversation)
    if tab is not None:
        tab.select(
            on_return, components.chat, components.conversation, show_progress="hidden", api_visibility="private"
        )
    if service is not None:
        wire_sidebar(
            components.sidebar, components.page, service, app_state=app_state, shown=shown, asks=asks, cleared=cleared
        )
    if suggest is not None:
        wire_followups(components, suggest, app_state, asks)
    if feedback is not None:
        wire_feedback(components, feedback, library, service, shown)


def count_documents(library: Library) -> int:
    """Return the number of indexed documents; 0 when the index cannot be read."""
    try:
        return len(library.documents())
    except OnrecordError:
        return 0
