"""Start answers from the page, and follow them for as long as the visitor looks at them."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.errors import OnrecordError
from ui.conversations.store import new_id
from ui.core.cancel import CancelRegistry
from ui.core.client import gradio_visitor
from ui.web.chat.background_answers import BackgroundAnswers
from ui.web.chat.run_turn import TurnStep
from ui.web.chat.source_filter import SourceFilter
from ui.web.chat.state import ChatState, conversation_of, is_waiting, with_error, with_question, with_stop
from ui.web.sidebar.conversation_service import ConversationService

if TYPE_CHECKING:
    import gradio as gr


@dataclass(frozen=True, slots=True)
class ChatAnswers:
    """Starts, follows and stops the answers of the page.

    ``ask`` answers a question; ``cancels`` holds, for each session, the event that is set when it looks at something
    else.
    """

    ask: Callable[..., Iterator[TurnStep]]
    conversations: ConversationService | None
    background: BackgroundAnswers
    cancels: CancelRegistry

    def begin(
        self,
        request: "gr.Request",
        question: str,
        chat: ChatState,
        visitor: object,
        chosen: SourceFilter,
        *,
        anew: bool,
    ) -> Iterator[TurnStep]:
        """Ask ``question`` after ``chat``, and yield the steps of the answer.

        Where conversations are kept, the answer goes on when nobody looks; else it is cancelled.
        """
        owned = self.conversations.mine(request, visitor) if self.conversations else None
        conversation = conversation_of(chat) or new_id()
        look = self.cancels.begin(request.session_hash)

        def steps(stop: threading.Event) -> Iterator[TurnStep]:
            return self.ask(
                question,
                chat,
                chosen=chosen,
                stop=stop,
                visitor=gradio_visitor(request),
                keep=owned.keep() if owned else None,
                conversation=conversation,
                anew=anew,
            )

        owner, stop = (owned.owner, None) if owned else ("", look)
        try:
            job = self.background.begin(owner, conversation, question, steps, stop=stop)
        except OnrecordError as error:
            yield TurnStep(with_error(with_question(chat, question), str(error)))
            return
        yield from job.follow(look)

    def follow(self, request: "gr.Request", chat: ChatState, visitor: object) -> Iterator[TurnStep]:
        """Yield the steps of an answer that began before this page, or while it showed something else."""
        owned = self.conversations.mine(request, visitor) if self.conversations else None
        if owned is None or not is_waiting(chat):
            return
        conversation = conversation_of(chat)
        job = owned.job(conversation)
        if job is not None:
            yield from job.follow(self.cancels.begin(request.session_hash))
            return
        self.cancels.begin(request.session_hash)
        try:
            yield TurnStep(owned.chat(conversation))
        except OnrecordError:
            yield TurnStep(with_stop(chat))

    def stop(self, request: "gr.Request", chat: ChatState, visitor: object) -> ChatState:
        """Cancel the answer, and return the chat as it is left."""
        self.cancels.cancel(request.session_hash)
        if self.conversations is not None:
            self.conversations.mine(request, visitor).end(conversation_of(chat))
        return with_stop(chat)

    def drawn(
        self, request: "gr.Request", steps: Iterator[TurnStep], draw: Callable[[int, TurnStep], dict[Any, Any]]
    ) -> Iterator[dict[Any, Any]]:
        """Yield the changes that ``draw`` makes of each step, until the session looks at something else."""
        look: threading.Event | None = None
        for number, step in enumerate(steps):
            look = look or self.cancels.current(request.session_hash)
            changed = draw(number, step)
            # Drawing takes a moment, and what was shown meanwhile must not be overwritten.
            if look.is_set():
                return
            yield changed

    def begun(self, request: "gr.Request", chat: ChatState, visitor: object) -> tuple[str, Any] | None:
        """Return the list and the browser's memory once ``chat`` goes on; None where nothing is kept."""
        if self.conversations is None:
            return None
        conversation = conversation_of(chat)
        listed = self.conversations.mine(request, visitor).sidebar(conversation)
        return listed, self.conversations.remembered(request, visitor, conversation)
