"""What happens to kept conversations from the page: shown again, opened, renamed, deleted, shared, taken away."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.errors import OnrecordError
from rag.schema import Answer
from ui.conversations.export.export import FORMATS, exported, file_name
from ui.conversations.keep import keep
from ui.conversations.models import Conversation, ConversationMissingError, KeptTurn, Place
from ui.conversations.store import Conversations
from ui.conversations.titles import title_of
from ui.core.protocols import Keep
from ui.core.roles import account_of
from ui.web.chat.background_answers import Job, Underway
from ui.web.chat.state import Exchange, Talk
from ui.web.feedback.opinion import Opinion
from ui.web.sidebar.download import parcel_html
from ui.web.sidebar.list_html import sidebar_html
from ui.web.visitor import Visitor, Visitors

if TYPE_CHECKING:
    import gradio

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Owned:
    """The conversations of one ``owner``, and nobody else's; ``underway`` knows which are still answering."""

    store: Conversations
    owner: str
    underway: Underway | None = None

    def keep(self) -> Keep:
        """What keeps an exchange for the owner."""

        def kept(
            conversation: str, question: str, answer: Answer, /, *, replaces: str = "", begins: bool = False
        ) -> Place:
            return keep(self.store, conversation, question, answer, self.owner, replaces=replaces, begins=begins)

        return kept

    def sidebar(self, opened: str, problem: str = "") -> str:
        """The list, with what can be done with the one ``opened``; what goes wrong is told in it."""
        try:
            held = self.store.list(self.owner)
            mine = any(each.id == opened for each in held)
            token = self.store.shared_by(opened, self.owner) if mine else ""
        except OnrecordError as error:
            return sidebar_html((), "", problem=str(error))
        jobs = self.underway.held(self.owner) if self.underway else ()
        known = {each.id for each in held}
        begun = tuple(_begun(job) for job in jobs if job.conversation not in known)
        marks = {job.conversation: "No answer" if job.failed else "Answering" for job in reversed(jobs)}
        return sidebar_html((*begun, *held), opened, token=token, problem=problem, marks=marks)

    def job(self, conversation: str) -> Job | None:
        """What is under way in the conversation, if anything is."""
        return self.underway.of(self.owner, conversation) if self.underway else None

    def end(self, conversation: str) -> None:
        """End what is under way in the conversation."""
        if self.underway:
            self.underway.end(self.owner, conversation)

    def elsewhere(self, opened: str) -> frozenset[str]:
        """The conversations beside the one ``opened`` in which an answer is under way."""
        jobs = self.underway.held(self.owner) if self.underway else ()
        return frozenset(job.conversation for job in jobs if not job.over and job.conversation != opened)

    def talk(self, conversation: str) -> Talk:
        """The conversation as it stands.

        Raises ConversationMissingError, ConversationsBrokenError or AnswerRecordError.
        """
        # Asked first: an answer that ends meanwhile is kept before it is over.
        job = self.job(conversation)
        if job is None:
            return reopened(self.store.read(conversation, self.owner), conversation)
        job.told = job.over
        return job.talk

    def judge(self, exchange: Exchange) -> None:
        """Keep what is thought of the exchange's answer, where the exchange is kept."""
        if not exchange.number:
            return
        try:
            self.store.judge(exchange.kept, exchange.number, exchange.opinion.good, self.owner)
        except OnrecordError:
            _log.exception("What is thought of an answer could not be kept")

    def last_open(self, opened: str | None) -> Talk:
        """What the page begins with: the conversation ``opened``, the latest where that is not known; else nothing."""
        if opened == "":
            return ()
        try:
            if opened is not None:
                return self.talk(opened)
        except OnrecordError:
            pass  # deleted, or of another account
        try:
            held = self.store.list(self.owner)
            return self.talk(held[0].id) if held else ()
        except OnrecordError:
            return ()

    def parcel(self, conversation: str, name: object) -> str:
        """The conversation as a file of the format ``name``. Raises OnrecordError where it cannot be made."""
        if not (isinstance(name, str) and name in FORMATS):
            raise ConversationMissingError("There is nothing to export.")
        held, turns = self.store.get(conversation, self.owner), self.store.read(conversation, self.owner)
        return parcel_html(file_name(held, name), FORMATS[name].kind, exported(name, held, turns))

    def attempt(self, conversation: str, change: Callable[[Conversations, str, str], object]) -> str:
        """Make ``change`` to the conversation and give back what went wrong; empty where nothing did."""
        try:
            change(self.store, conversation, self.owner)
        except OnrecordError as error:
            return str(error)
        return ""


def reopened(turns: tuple[KeptTurn, ...], conversation: str = "") -> Talk:
    """Kept turns as a talk, to go on with in ``conversation`` where that is given."""
    if not conversation:
        return tuple(Exchange(turn.question, turn.answer) for turn in turns)
    return tuple(
        Exchange(turn.question, turn.answer, opinion=Opinion(turn.good), kept=conversation, number=turn.number)
        for turn in turns
    )


def _begun(job: Job) -> Conversation:
    """A conversation whose first answer is under way, as the list shows it."""
    return Conversation(job.conversation, job.owner, title_of(job.question), "", "", 0)


@dataclass(frozen=True, slots=True)
class Kept:
    """All that is kept, and who asks for it."""

    store: Conversations
    visitors: Visitors
    underway: Underway

    def mine(self, request: "gradio.Request", visitor: object) -> Owned:
        """What is the visitor's who sent the request."""
        owner = self.visitors.owner(account_of(request), visitor, request.session_hash)
        return Owned(self.store, owner, self.underway)

    def remembered(self, request: "gradio.Request", visitor: object, opened: str) -> dict[str, str | None]:
        """What the visitor's browser is to remember while ``opened`` is open."""
        return Visitor(self.visitors.visitor(visitor, request.session_hash).id, opened).remembered()
