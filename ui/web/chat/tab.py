"""The chat: conversation, question box and source pane, and what happens on each click."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import OnrecordError
from ui.conversations.store import Conversations
from ui.core.app_state import Floor
from ui.core.ask import turn
from ui.core.client import asker
from ui.core.protocols import Answerer, Feedback, Groups, Library, Suggest
from ui.web.chat.asking import Asking
from ui.web.chat.background_answers import Underway
from ui.web.chat.conversation_html import conversation_html
from ui.web.chat.followups import followups, followups_html
from ui.web.chat.run_turn import Pane, Step, converse, open_key, opened_in_turn, show_more
from ui.web.chat.source_filter import Control, add_control, wanted
from ui.web.chat.state import Talk, is_waiting
from ui.web.document.source import View, empty_html
from ui.web.feedback.actions import keep, open_form, rate
from ui.web.scripts import scripts
from ui.web.shortcuts import add_shortcuts
from ui.web.sidebar.conversation_actions import Kept
from ui.web.sidebar.panel import Page, Panel, draw_panel, wire_panel
from ui.web.tab_of import tab_around
from ui.web.visitor import Visitors

if TYPE_CHECKING:
    import gradio

_HERE = Path(__file__).parent
_SOURCE = _HERE.parent / "document"
_FOCUS_QUESTION = "() => document.querySelector('#question textarea').focus()"


@dataclass(frozen=True, slots=True)
class Desk:
    """The components of the chat. ``talk`` and ``view`` are kept on the server, one for each visitor."""

    talk: "gradio.State"
    view: "gradio.State"
    conversation: "gradio.HTML"
    pane: "gradio.HTML"
    question: "gradio.Textbox"
    ask: "gradio.Button"
    stop: "gradio.Button"
    clear: "gradio.Button"
    sources: Control
    followups: "gradio.HTML"
    composer: "gradio.Row"
    panel: Panel

    @property
    def page(self) -> Page:
        """What of it changes when another conversation is shown."""
        return Page(
            self.talk, self.view, self.conversation, self.pane, self.followups, self.ask, self.stop, self.composer
        )


def add_chat(
    pipeline: Answerer,
    library: Library,
    examples: Sequence[str],
    floor: Floor,
    *,
    feedback: Feedback | None = None,
    groups: Groups | None = None,
    conversations: Conversations | None = None,
    suggest: Suggest | None = None,
) -> None:
    """Draw the chat into the Blocks being built and wire it.

    With ``feedback``, answers can be judged; with ``conversations``, each visitor's are kept there; ``suggest`` makes
    questions to go on with.
    """

    def welcome() -> str:
        return conversation_html((), examples, documents=count(library))

    def shown(talk: Talk) -> str:
        return conversation_html(talk, examples, judging=feedback is not None, acting=True) if talk else welcome()

    def on_return(talk: Talk) -> Any:
        """An empty conversation as it looks now, since documents may have come in another tab."""
        import gradio as gr

        return gr.skip() if talk else welcome()

    stops = floor.stops
    underway = Underway(stops)
    kept = Kept(conversations, Visitors(), underway) if conversations is not None else None
    desk = _draw(welcome(), library, groups, keeping=conversations is not None)
    asking = Asking(partial(converse, pipeline, library, floor=floor), kept, underway, stops)
    asks, cleared = _wire(desk, asking, examples=examples, shown=shown)
    _wire_pane(desk, library, floor)
    tab = tab_around(desk.conversation)
    if tab is not None:
        tab.select(on_return, desk.talk, desk.conversation, show_progress="hidden", api_visibility="private")
    if kept is not None:
        wire_panel(desk.panel, desk.page, kept, floor=floor, shown=shown, asks=asks, cleared=cleared)
    if suggest is not None:
        _wire_followups(desk, suggest, floor, asks)
    if feedback is not None:
        _wire_feedback(desk, feedback, library, kept, shown)


def count(library: Library) -> int:
    """How many documents are indexed; none when the index cannot be read."""
    try:
        return len(library.documents())
    except OnrecordError:
        return 0


def _draw(welcome: str, library: Library, groups: Groups | None, *, keeping: bool) -> Desk:
    import gradio as gr

    with gr.Row(elem_id="desk"):
        panel = draw_panel(shown=keeping)
        with gr.Column(elem_id="chat", min_width=0, scale=3):
            conversation = gr.HTML(
                welcome,
                elem_id="conversation",
                apply_default_css=False,
                js_on_load=scripts(_HERE, "conversation.js", "cards.js", "steps.js", "folds.js", "announce.js"),
            )
            after = gr.HTML("", elem_id="followups", apply_default_css=False, js_on_load=scripts(_HERE, "followups.js"))
            sources = add_control(library, groups)
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
                empty_html(),
                elem_id="source",
                apply_default_css=False,
                js_on_load=scripts(_SOURCE, "source.js", "more.js"),
            )
    return Desk(
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
        panel,
    )


def _wire(
    desk: Desk, asking: Asking, *, examples: Sequence[str], shown: Callable[[Talk], str]
) -> tuple[list[Any], list[Any]]:
    """Wire it and give back the events that ask, and those that begin a new conversation."""
    import gradio as gr

    def updates(step: Step, question: str | None = None) -> dict[Any, Any]:
        """What to change on the page for ``step``; ``question`` is put into the question box."""
        busy = is_waiting(step.talk)
        changed: dict[Any, Any] = {
            desk.talk: step.talk,
            desk.conversation: shown(step.talk),
            desk.ask: gr.update(visible=not busy),
            desk.stop: gr.update(visible=busy),
        }
        if busy or not step.talk:
            changed[desk.followups] = ""
        if step.pane is not None:
            changed |= {desk.pane: step.pane.html, desk.view: step.pane.view}
        if question is not None:
            changed[desk.question] = question
        return changed

    def answering(
        request: gr.Request, question: str, talk: Talk, visitor: Any, chosen: tuple[Any, ...], *, anew: bool = False
    ) -> Iterator[dict[Any, Any]]:
        steps: Iterator[Step] = iter(())
        if not is_waiting(talk):
            sources = wanted(*chosen, groups=desk.sources.groups)
            steps = asking.begin(request, question, talk, visitor, sources, anew=anew)

        def draw(number: int, step: Step) -> dict[Any, Any]:
            # A question that failed goes back into the box, to be put right.
            changed = updates(step, question if step.talk[-1].error else None if number else "")
            begun = None if number else asking.begun(request, step.talk, visitor)
            return changed | ({desk.panel.listed: begun[0], desk.panel.visitor: begun[1]} if begun else {})

        yield from _between_nothing(desk, asking.drawn(request, steps, draw))

    def on_follow(request: gr.Request, talk: Talk, visitor: Any) -> Iterator[dict[Any, Any]]:
        steps = asking.follow(request, talk, visitor)
        yield from _between_nothing(desk, asking.drawn(request, steps, lambda _, step: updates(step)))

    def on_question(
        request: gr.Request, question: str, talk: Talk, visitor: Any, *chosen: Any
    ) -> Iterator[dict[Any, Any]]:
        yield from answering(request, question, talk, visitor, chosen)

    def on_example(
        request: gr.Request, event: gr.EventData, talk: Talk, visitor: Any, *chosen: Any
    ) -> Iterator[dict[Any, Any]]:
        clicked = event._data.get("example")
        if isinstance(clicked, int) and 0 <= clicked < len(examples):
            yield from answering(request, examples[clicked], talk, visitor, chosen)

    def on_followup(
        request: gr.Request, event: gr.EventData, talk: Talk, visitor: Any, *chosen: Any
    ) -> Iterator[dict[Any, Any]]:
        yield from answering(request, str(event._data.get("question", "")), talk, visitor, chosen)

    def on_anew(
        request: gr.Request, event: gr.EventData, talk: Talk, visitor: Any, *chosen: Any
    ) -> Iterator[dict[Any, Any]]:
        if talk:
            question = str(event._data.get("question", talk[-1].question))
            yield from answering(request, question, talk, visitor, chosen, anew=True)

    def on_stop(request: gr.Request, talk: Talk, visitor: Any) -> dict[Any, Any]:
        return updates(Step(asking.stop(request, talk, visitor)))

    def on_clear(request: gr.Request) -> dict[Any, Any]:
        asking.stops.end(request.session_hash)
        return updates(Step((), Pane(empty_html())))

    page = [desk.talk, desk.view, desk.conversation, desk.pane, desk.question, desk.ask, desk.stop, desk.followups,
            desk.panel.listed, desk.panel.visitor]  # fmt: skip
    told = [desk.talk, desk.panel.visitor, *desk.sources.inputs]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    # The line is ours: Gradio's own would not tell the conversation its place.
    many: dict[str, Any] = quiet | {"trigger_mode": "multiple", "concurrency_limit": None}
    at_once: dict[str, Any] = quiet | {"concurrency_limit": None}
    # Gradio's own "once" would go on refusing questions after a stop, until the stopped step has run out.
    asks = [
        gr.on([desk.question.submit, desk.ask.click], on_question, [desk.question, *told], page, **many),
        desk.conversation.submit(on_example, told, page, **many),
        desk.followups.submit(on_followup, told, page, **many),
        gr.on([desk.conversation.retry, desk.conversation.edit], on_anew, told, page, **many),
        desk.conversation.play(on_follow, [desk.talk, desk.panel.visitor], page, **many),
    ]
    desk.stop.click(on_stop, [desk.talk, desk.panel.visitor], page, **at_once)
    begins = [desk.clear.click, desk.panel.listed.clear]
    # Not queued, nor after a cancelling that would be waited for: a question asked right after it comes after it.
    cleared = [gr.on(begins, on_clear, None, page, queue=False, **at_once)]
    cleared[0].then(None, js=_FOCUS_QUESTION, **quiet)
    return asks, cleared


def _between_nothing(desk: Desk, changes: Iterator[dict[Any, Any]]) -> Iterator[dict[Any, Any]]:
    """``changes`` with one that changes nothing before, since there must be one, and after.

    Gradio sends the last once more when all is over, and by then the page may show something else.
    """
    import gradio as gr

    yield {desk.question: gr.skip()}
    yield from changes
    yield {desk.question: gr.skip()}


def _wire_pane(desk: Desk, library: Library, floor: Floor) -> None:
    import gradio as gr

    def on_open(request: gr.Request, talk: Talk, event: gr.EventData) -> tuple[str, View | None]:
        pane = opened_in_turn(floor.reading, asker(request), lambda: open_key(library, talk, event._data.get("open")))
        return pane.html, pane.view

    def on_more(request: gr.Request, view: View | None, event: gr.EventData) -> tuple[str, View | None]:
        pane = opened_in_turn(floor.reading, asker(request), lambda: show_more(library, view, event._data.get("more")))
        return pane.html, pane.view

    opening: dict[str, Any] = {
        "show_progress": "hidden",
        "api_visibility": "private",
        "concurrency_limit": None,
        "trigger_mode": "multiple",  # Gradio's "always_last" drops the second of two quick clicks
    }
    desk.conversation.select(on_open, desk.talk, [desk.pane, desk.view], **opening)
    desk.pane.select(on_more, desk.view, [desk.pane, desk.view], **opening)


def _wire_followups(desk: Desk, suggest: Suggest, floor: Floor, asks: Sequence[Any]) -> None:
    import gradio as gr

    def on_answered(request: gr.Request, talk: Talk, *chosen: Any) -> Any:
        stop = floor.stops.current(request.session_hash)
        # In the background, so that they leave the processor to the questions people asked.
        background = partial(turn, floor.line, asker(request), stop, background=True)
        found = followups(suggest, talk, wanted(*chosen, groups=desk.sources.groups), stop, background)
        return gr.skip() if stop.is_set() else followups_html(found)

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    for event in asks:
        event.then(on_answered, [desk.talk, *desk.sources.inputs], desk.followups, concurrency_limit=None, **quiet)


def _wire_feedback(
    desk: Desk, feedback: Feedback, library: Library, kept: Kept | None, shown: Callable[[Talk], str]
) -> None:
    import gradio as gr

    def on_rate(request: gr.Request, talk: Talk, visitor: Any, event: gr.EventData) -> tuple[Talk, str]:
        before, talk = talk, rate(talk, event._data)
        if kept is not None:
            for was, now in zip(before, talk, strict=True):
                if was.opinion.good is not now.opinion.good:
                    kept.mine(request, visitor).judge(now)
        return talk, shown(talk)

    def on_form(talk: Talk, event: gr.EventData) -> tuple[Talk, str]:
        talk = open_form(talk, event._data)
        return talk, shown(talk)

    def on_keep(talk: Talk, event: gr.EventData) -> tuple[Talk, str]:
        talk = keep(talk, event._data, feedback, library)
        return talk, shown(talk)

    page = [desk.talk, desk.conversation]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    desk.conversation.like(on_rate, [desk.talk, desk.panel.visitor], page, concurrency_limit=None, **quiet)
    desk.conversation.expand(on_form, desk.talk, page, concurrency_limit=None, **quiet)
    # One at a time, so that two visitors never write to a set at once.
    desk.conversation.apply(on_keep, desk.talk, page, concurrency_limit=1, concurrency_id="keep", **quiet)
