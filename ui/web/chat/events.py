"""What happens on each click and key in the chat."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from markupsafe import Markup

from ui.core.app_state import AppState
from ui.core.ask import queue_slot
from ui.core.client import gradio_visitor
from ui.core.gradio_behaviours import event_data
from ui.core.protocols import Feedback, Library, SuggestQuestions
from ui.web.chat.chat_answers import ChatAnswers
from ui.web.chat.components import ChatComponents
from ui.web.chat.followups import followups, followups_html
from ui.web.chat.run_turn import SourcePane, TurnStep, open_citation, open_queued, show_more
from ui.web.chat.source_filter import read_filter
from ui.web.chat.state import ChatState, is_waiting
from ui.web.document.source import SourceView, empty_source_html
from ui.web.feedback.actions import keep, open_form, rate
from ui.web.sidebar.conversation_service import ConversationService

_FOCUS_QUESTION = "() => document.querySelector('#question textarea').focus()"
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
_AT_ONCE: dict[str, Any] = _QUIET | {"concurrency_limit": None}


def wire_questions(
    components: ChatComponents, asking: ChatAnswers, *, examples: Sequence[str], shown: Callable[[ChatState], Markup]
) -> tuple[list[Any], list[Any]]:
    """Wire asking, stopping and clearing; return the events that ask, and those that clear the conversation."""
    import gradio as gr

    def updates(step: TurnStep, question: str | None = None) -> dict[Any, Any]:
        """Return the changes of the page for ``step``, with ``question`` in the question box where given."""
        busy = is_waiting(step.chat)
        changed: dict[Any, Any] = {
            components.chat: step.chat,
            components.conversation: shown(step.chat),
            components.ask: gr.update(visible=not busy),
            components.stop: gr.update(visible=busy),
        }
        if busy or not step.chat:
            changed[components.followups] = ""
        if step.pane is not None:
            changed |= {components.pane: step.pane.html, components.view: step.pane.view}
        if question is not None:
            changed[components.question] = question
        return changed

    def answering(
        request: gr.Request,
        question: str,
        chat: ChatState,
        visitor: Any,
        chosen: tuple[Any, ...],
        *,
        anew: bool = False,
    ) -> Iterator[dict[Any, Any]]:
        steps: Iterator[TurnStep] = iter(())
        if not is_waiting(chat):
            sources = read_filter(*chosen, groups=components.sources.groups)
            steps = asking.begin(request, question, chat, visitor, sources, anew=anew)

        def draw(number: int, step: TurnStep) -> dict[Any, Any]:
            # A question that failed goes back into the box, to be corrected.
            changed = updates(step, question if step.chat[-1].error else None if number else "")
            started = None if number else asking.begun(request, step.chat, visitor)
            return changed | (
                {components.sidebar.listed: started[0], components.sidebar.visitor: started[1]} if started else {}
            )

        yield from _padded(components, asking.drawn(request, steps, draw))

    def on_follow(request: gr.Request, chat: ChatState, visitor: Any) -> Iterator[dict[Any, Any]]:
        steps = asking.follow(request, chat, visitor)
        yield from _padded(components, asking.drawn(request, steps, lambda _, step: updates(step)))

    def on_question(
        request: gr.Request, question: str, chat: ChatState, visitor: Any, *chosen: Any
    ) -> Iterator[dict[Any, Any]]:
        yield from answering(request, question, chat, visitor, chosen)

    def on_example(
        request: gr.Request, event: gr.EventData, chat: ChatState, visitor: Any, *chosen: Any
    ) -> Iterator[dict[Any, Any]]:
        clicked = event_data(event).get("example")
        if isinstance(clicked, int) and 0 <= clicked < len(examples):
            yield from answering(request, examples[clicked], chat, visitor, chosen)

    def on_followup(
        request: gr.Request, event: gr.EventData, chat: ChatState, visitor: Any, *chosen: Any
    ) -> Iterator[dict[Any, Any]]:
        yield from answering(request, str(event_data(event).get("question", "")), chat, visitor, chosen)

    def on_anew(
        request: gr.Request, event: gr.EventData, chat: ChatState, visitor: Any, *chosen: Any
    ) -> Iterator[dict[Any, Any]]:
        if chat:
            question = str(event_data(event).get("question", chat[-1].question))
            yield from answering(request, question, chat, visitor, chosen, anew=True)

    def on_stop(request: gr.Request, chat: ChatState, visitor: Any) -> dict[Any, Any]:
        return updates(TurnStep(asking.stop(request, chat, visitor)))

    def on_clear(request: gr.Request) -> dict[Any, Any]:
        asking.cancels.cancel(request.session_hash)
        return updates(TurnStep((), SourcePane(empty_source_html())))

    page = [
        components.chat, components.view, components.conversation, components.pane, components.question, components.ask,
        components.stop, components.followups, components.sidebar.listed, components.sidebar.visitor,
    ]  # fmt: skip
    state = [components.chat, components.sidebar.visitor, *components.sources.inputs]
    # The fair queue is used instead of Gradio's, which would not show the position in the conversation.
    many: dict[str, Any] = _AT_ONCE | {"trigger_mode": "multiple"}
    # Gradio's own "once" would go on refusing questions after a stop, until the stopped step has run out.
    asks = [
        gr.on(
            [components.question.submit, components.ask.click], on_question, [components.question, *state], page, **many
        ),
        components.conversation.submit(on_example, state, page, **many),
        components.followups.submit(on_followup, state, page, **many),
        gr.on([components.conversation.retry, components.conversation.edit], on_anew, state, page, **many),
        components.conversation.play(on_follow, [components.chat, components.sidebar.visitor], page, **many),
    ]
    components.stop.click(on_stop, [components.chat, components.sidebar.visitor], page, **_AT_ONCE)
    begins = [components.clear.click, components.sidebar.listed.clear]
    # Not queued, so that a question asked right after it is handled after it.
    cleared = [gr.on(begins, on_clear, None, page, queue=False, **_AT_ONCE)]
    cleared[0].then(None, js=_FOCUS_QUESTION, **_QUIET)
    return asks, cleared


def _padded(components: ChatComponents, changes: Iterator[dict[Any, Any]]) -> Iterator[dict[Any, Any]]:
    """Yield a change of nothing before and after ``changes``.

    There must be one before. Gradio sends the last one once more when all is over, and by then the page may show
    something else.
    """
    import gradio as gr

    yield {components.question: gr.skip()}
    yield from changes
    yield {components.question: gr.skip()}


def wire_pane(components: ChatComponents, library: Library, app_state: AppState) -> None:
    """Wire the source pane: opening a citation, and showing more of its document."""
    import gradio as gr

    def on_open(request: gr.Request, chat: ChatState, event: gr.EventData) -> tuple[str, SourceView | None]:
        pane = open_queued(
            app_state.read_queue,
            gradio_visitor(request),
            lambda: open_citation(library, chat, event_data(event).get("open")),
        )
        return pane.html, pane.view

    def on_more(request: gr.Request, view: SourceView | None, event: gr.EventData) -> tuple[str, SourceView | None]:
        pane = open_queued(
            app_state.read_queue,
            gradio_visitor(request),
            lambda: show_more(library, view, event_data(event).get("more")),
        )
        return pane.html, pane.view

    # Gradio's "always_last" would open what the first of two quick clicks asked for once more.
    opening: dict[str, Any] = _AT_ONCE | {"trigger_mode": "multiple"}
    components.conversation.select(on_open, components.chat, [components.pane, components.view], **opening)
    components.pane.select(on_more, components.view, [components.pane, components.view], **opening)


def wire_followups(
    components: ChatComponents, suggest: SuggestQuestions, app_state: AppState, asks: Sequence[Any]
) -> None:
    """Wire the follow-up questions, worked out after each of the events that ask."""
    import gradio as gr

    def on_answered(request: gr.Request, chat: ChatState, *chosen: Any) -> Any:
        stop = app_state.cancels.current(request.session_hash)
        # In the background, so that questions people asked go first.
        background = partial(queue_slot, app_state.queue, gradio_visitor(request), stop, background=True)
        found = followups(suggest, chat, read_filter(*chosen, groups=components.sources.groups), stop, background)
        return gr.skip() if stop.is_set() else followups_html(found)

    for event in asks:
        event.then(
            on_answered,
            [components.chat, *components.sources.inputs],
            components.followups,
            **_AT_ONCE,
        )


def wire_feedback(
    components: ChatComponents,
    feedback: Feedback,
    library: Library,
    service: ConversationService | None,
    shown: Callable[[ChatState], Markup],
) -> None:
    """Wire judging answers and making cases of them."""
    import gradio as gr

    def on_rate(request: gr.Request, chat: ChatState, visitor: Any, event: gr.EventData) -> tuple[ChatState, str]:
        before, chat = chat, rate(chat, event_data(event))
        if service is not None:
            for was, now in zip(before, chat, strict=True):
                if was.opinion.good is not now.opinion.good:
                    service.mine(request, visitor).judge(now)
        return chat, shown(chat)

    def on_form(chat: ChatState, event: gr.EventData) -> tuple[ChatState, str]:
        chat = open_form(chat, event_data(event))
        return chat, shown(chat)

    def on_keep(chat: ChatState, event: gr.EventData) -> tuple[ChatState, str]:
        chat = keep(chat, event_data(event), feedback, library)
        return chat, shown(chat)

    page = [components.chat, components.conversation]
    components.conversation.like(on_rate, [components.chat, components.sidebar.visitor], page, **_AT_ONCE)
    components.conversation.expand(on_form, components.chat, page, **_AT_ONCE)
    # One at a time, so that two visitors never write to a set at the same time.
    components.conversation.apply(on_keep, components.chat, page, concurrency_limit=1, concurrency_id="keep", **_QUIET)
