"""The page: its head, the chat, tabs that other packages add, and the named endpoints."""

import logging
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from index.text.plural import plural
from rag.verify.labels import describe_location
from ui.conversations.store import ConversationStore
from ui.core.app_state import AppState
from ui.core.gradio_behaviours import ProcessApi, page_functions, wrap_calls
from ui.core.protocols import Answerer, Feedback, Groups, Library, SuggestQuestions, Tab
from ui.core.roles import Action, may, role_of
from ui.logs.setup import log_incident
from ui.web.chat.tab import add_chat, count_documents
from ui.web.endpoints import add_endpoints

if TYPE_CHECKING:
    import gradio as gr

_log = logging.getLogger(__name__)
_DELETE_CACHE = (3600, 86_400)  # seconds between clean-ups of uploads, and the age in seconds at which they are removed


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
    app_state: AppState | None = None,
    groups: Groups | None = None,
    conversations: ConversationStore | None = None,
    suggest: SuggestQuestions | None = None,
) -> "gr.Blocks":
    """Build the web chat over ``pipeline`` and ``library``; ``ui.server.run`` serves it.

    ``examples`` are questions to click on while a conversation is empty. ``answerer`` is named in the head of the page:
    ``"quoted"``, or the model that writes, with ``where`` it runs. With ``feedback``, a reader can judge answers and
    make them cases. With ``conversations``, each visitor's are kept there, to be found again, exported and shared.
    ``suggest`` makes follow-up questions. ``groups`` are the collections to choose from. ``app_state`` holds the
    queues; ``ui.server.run`` must be given the same one.
    """
    import gradio as gr

    def masthead(user: str = "", root: str = "") -> Markup:
        return masthead_html(title, count_documents(library), answerer, where, user=user, root=root)

    app_state = app_state or AppState()

    shown: list[gr.Tab] = []

    def on_load(request: gr.Request) -> dict[Any, Any]:
        role = role_of(request)
        seen = {drawn: gr.update(visible=may(role, tab.needs)) for drawn, tab in zip(shown, tabs, strict=True)}
        return {head: masthead(request.username or "", app.root_path), **seen}

    def on_return(request: gr.Request) -> Markup:
        return masthead(request.username or "", app.root_path)

    draw_chat = partial(
        add_chat,
        pipeline,
        library,
        examples,
        app_state,
        feedback=feedback,
        groups=groups,
        conversations=conversations,
        suggest=suggest,
    )

    def on_leave(request: gr.Request) -> None:
        app_state.cancels.cancel(request.session_hash)

    app = gr.Blocks(title=title, fill_width=True, analytics_enabled=False, delete_cache=_DELETE_CACHE)
    hide_errors(app)
    with app:
        head = gr.HTML(masthead(), elem_id="masthead", apply_default_css=False, js_on_load=None)
        if tabs:
            with gr.Tabs(elem_id="tabs"):
                with gr.Tab("Chat") as chat_tab:
                    draw_chat()
                # Documents may have been added or removed in another tab.
                chat_tab.select(on_return, None, head, show_progress="hidden", api_visibility="private")
                for tab in tabs:
                    before = {function.number for function in page_functions(app)}
                    with gr.Tab(tab.label, visible=tab.needs is Action.ASK) as drawn:
                        tab.build()
                    shown.append(drawn)
                    # What is run at page load changes nothing.
                    added = (f.number for f in page_functions(app) if f.number not in before and not f.on_load)
                    app_state.needs.update(dict.fromkeys(added, tab.needs))
        else:
            draw_chat()
        app.unload(on_leave)
        app.load(on_load, None, [head, *shown], show_progress="hidden", api_visibility="private")
        add_endpoints(pipeline, library, app_state, groups)
    return app


QUOTED_ANSWERS = "Quoted answers — no language model"
_MASTHEAD = Markup(
    '<header class="masthead"><h1>{title}</h1>'
    '<p class="about-line">Answers from your documents, every sentence on the record.</p>'
    '<p class="facts"><span>{documents}</span> <span>{answerer}</span></p>{sign_out}</header>'
)
_SIGN_OUT = Markup(
    '<form class="signed-in" method="post" action="{root}/logout"><span>{user}</span> '
    '<button type="submit">Sign out</button></form>'
)


def masthead_html(
    title: str, documents: int, answerer: str, where: str = "", *, user: str = "", root: str = ""
) -> Markup:
    """Return the head of the page: its title, how many documents there are, and who answers.

    ``answerer`` is ``"quoted"`` or the name of the model that writes the answers, which runs ``where``. The ``user``
    signed in is named and can sign out, below the path ``root``.
    """
    model = f"Answers written by {answerer}" + (f" {describe_location(where)}" if where else "")
    return _MASTHEAD.format(
        title=title,
        documents=plural(documents, "document"),
        answerer=QUOTED_ANSWERS if answerer == "quoted" else model,
        sign_out=_SIGN_OUT.format(root=root.rstrip("/"), user=user) if user else "",
    )


def hide_errors(page: "gr.Blocks") -> None:
    """Make every failed call of a function of ``page`` answer with an incident number, not with the error's text.

    Gradio would log the text with a traceback and send it to the browser, and it may quote what somebody typed. A
    ``gr.Error`` raised to be shown, without being printed, passes unchanged.
    """
    import gradio as gr

    def guard(process: ProcessApi) -> ProcessApi:
        async def guarded(*arguments: Any, **named: Any) -> dict[str, Any]:
            try:
                return await process(*arguments, **named)
            except Exception as error:
                if isinstance(error, gr.Error) and not error.print_exception:
                    raise
                said = log_incident(_log, "A call of the page failed", error)
            raise gr.Error(said, print_exception=False)

        return guarded

    wrap_calls(page, guard)
