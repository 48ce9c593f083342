"""What a visitor asked from the page: begun once, and followed for as long as they look at it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.errors import OnrecordError
from ui.conversations.store import new_id
from ui.core.cancel import Stops
from ui.core.client import asker
from ui.web.chat.background_answers import Underway
from ui.web.chat.run_turn import Step
from ui.web.chat.source_filter import Wanted
from ui.web.chat.state import Talk, asked, failed, is_waiting, kept_in, stopped
from ui.web.sidebar.conversation_actions import Kept

if TYPE_CHECKING:
    import gradio as gr


@dataclass(frozen=True, slots=True)
class Asking:
    """``ask`` is what answers; ``stops`` holds, for each session, what ends when it looks elsewhere."""

    ask: Callable[..., Iterator[Step]]
    kept: Kept | None
    underway: Underway
    stops: Stops

    def begin(
        self, request: "gr.Request", question: str, talk: Talk, visitor: object, chosen: Wanted, *, anew: bool
    ) -> Iterator[Step]:
        """Ask ``question`` after ``talk``, and follow the answer.

        What is kept goes on when nobody looks; else the answer ends with the look.
        """
        mine = self.kept.mine(request, visitor) if self.kept else None
        conversation = kept_in(talk) or new_id()
        look = self.stops.begin(request.session_hash)

        def steps(stop: threading.Event) -> Iterator[Step]:
            return self.ask(
                question,
                talk,
                chosen=chosen,
                stop=stop,
                visitor=asker(request),
                keep=mine.keep() if mine else None,
                conversation=conversation,
                anew=anew,
            )

        owner, stop = (mine.owner, None) if mine else ("", look)
        try:
            job = self.underway.begin(owner, conversation, question, steps, stop=stop)
        except OnrecordError as error:
            yield Step(failed(asked(talk, question), str(error)))
            return
        yield from job.follow(look)

    def follow(self, request: "gr.Request", talk: Talk, visitor: object) -> Iterator[Step]:
        """Go on with an answer that was begun before this page, or while it showed something else."""
        mine = self.kept.mine(request, visitor) if self.kept else None
        if mine is None or not is_waiting(talk):
            return
        conversation = kept_in(talk)
        job = mine.job(conversation)
        if job is not None:
            yield from job.follow(self.stops.begin(request.session_hash))
            return
        self.stops.begin(request.session_hash)
        try:
            yield Step(mine.talk(conversation))
        except OnrecordError:
            yield Step(stopped(talk))

    def stop(self, request: "gr.Request", talk: Talk, visitor: object) -> Talk:
        """End the answer, and give back the talk as it is left."""
        self.stops.end(request.session_hash)
        if self.kept is not None:
            self.kept.mine(request, visitor).end(kept_in(talk))
        return stopped(talk)

    def drawn(
        self, request: "gr.Request", steps: Iterator[Step], draw: Callable[[int, Step], dict[Any, Any]]
    ) -> Iterator[dict[Any, Any]]:
        """What each step changes, as ``draw`` has it, until the session looks at something else."""
        look: threading.Event | None = None
        for number, step in enumerate(steps):
            look = look or self.stops.current(request.session_hash)
            changed = draw(number, step)
            # Drawing takes a moment: what is shown since must not be drawn over.
            if look.is_set():
                return
            yield changed

    def begun(self, request: "gr.Request", talk: Talk, visitor: object) -> tuple[str, Any] | None:
        """How the list and the browser's memory show that ``talk`` goes on; none where nothing is kept."""
        if self.kept is None:
            return None
        conversation = kept_in(talk)
        listed = self.kept.mine(request, visitor).sidebar(conversation)
        return listed, self.kept.remembered(request, visitor, conversation)
