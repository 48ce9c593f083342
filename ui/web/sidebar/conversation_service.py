"""What the page does with kept conversations: list, open, rename, delete, share and export them."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.errors import OnrecordError
from rag.schema import Answer
from ui.conversations.export.export import FORMATS, export_conversation, file_name
from ui.conversations.models import Conversation, ConversationMissingError, StoredTurn, TurnLocation
from ui.conversations.store import ConversationStore, keep_turn
from ui.conversations.titles import title_of
from ui.core.protocols import KeepTurn
from ui.core.roles import account_of
from ui.web.chat.background_answers import BackgroundAnswer, BackgroundAnswers
from ui.web.chat.state import ChatState, Exchange
from ui.web.feedback.opinion import Opinion
from ui.web.sidebar.list_html import download_html, sidebar_html
from ui.web.sidebar.visitor import Visitor, Visitors

if TYPE_CHECKING:
    import gradio

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OwnedConversations:
    """The conversations of one ``owner``, and nobody else's; ``background`` knows which are still answering."""

    store: ConversationStore
    owner: str
    background: BackgroundAnswers | None = None

    def keep(self) -> KeepTurn:
        """Return the function that keeps an exchange for the owner."""

        def kept(
            conversation: str, question: str, answer: Answer, /, *, replaces: str = "", begins: bool = False
        ) -> TurnLocation:
            return keep_turn(self.store, conversation, question, answer, self.owner, replaces=replaces, begins=begins)

        return kept

    def sidebar(self, opened: str, problem: str = "") -> str:
        """Return the list, with the tools of the one ``opened``; errors are shown in it."""
        try:
            conversations = self.store.list(self.owner)
            mine = any(each.id == opened for each in conversations)
            token = self.store.shared_by(opened, self.owner) if mine else ""
        except OnrecordError as error:
            return sidebar_html((), "", problem=str(error))
        jobs = self.background.held(self.owner) if self.background else ()
        known = {each.id for each in conversations}
        unsaved = tuple(_unsaved_conversation(job) for job in jobs if job.conversation not in known)
        marks = {job.conversation: "No answer" if job.failed else "Answering" for job in reversed(jobs)}
        return sidebar_html((*unsaved, *conversations), opened, token=token, problem=problem, marks=marks)

    def job(self, conversation: str) -> BackgroundAnswer | None:
        """Return the running answer of the conversation, if there is one."""
        return self.background.of(self.owner, conversation) if self.background else None

    def end(self, conversation: str) -> None:
        """Cancel the running answer of the conversation."""
        if self.background:
            self.background.end(self.owner, conversation)

    def elsewhere(self, opened: str) -> frozenset[str]:
        """Return the conversations other than ``opened`` in which an answer is running."""
        jobs = self.background.held(self.owner) if self.background else ()
        return frozenset(job.conversation for job in jobs if not job.over and job.conversation != opened)

    def chat(self, conversation: str) -> ChatState:
        """Return the conversation so far.

        Raises ConversationMissingError, ConversationsBrokenError or AnswerRecordError.
        """
        # Read first: an answer that ends meanwhile is kept before it is over.
        job = self.job(conversation)
        if job is None:
            return reopen(self.store.read(conversation, self.owner), conversation)
        job.told = job.over
        return job.chat

    def judge(self, exchange: Exchange) -> None:
        """Keep the opinion of the exchange's answer, where the exchange is kept."""
        if not exchange.number:
            return
        try:
            self.store.judge(exchange.kept, exchange.number, exchange.opinion.good, self.owner)
        except OnrecordError:
            _log.exception("What is thought of an answer could not be kept")

    def last_open(self, opened: str | None) -> ChatState:
        """Return the chat to begin with: ``opened``, else the latest where that is unknown; else nothing."""
        if opened == "":
            return ()
        try:
            if opened is not None:
                return self.chat(opened)
        except OnrecordError:
            pass  # deleted, or of another account
        try:
            conversations = self.store.list(self.owner)
            return self.chat(conversations[0].id) if conversations else ()
        except OnrecordError:
            return ()

    def parcel(self, conversation: str, name: object) -> str:
        """Return the conversation as a file of the format ``name``. Raises OnrecordError."""
        if not (isinstance(name, str) and name in FORMATS):
            raise ConversationMissingError("There is nothing to export.")
        kept = self.store.get(conversation, self.owner)
        content = export_conversation(name, kept, self.store.read(conversation, self.owner))
        return download_html(file_name(kept, name), FORMATS[name].kind, content)

    def attempt(self, conversation: str, change: Callable[[ConversationStore, str, str], object]) -> str:
        """Make ``change`` to the conversation and return what went wrong; empty where nothing did."""
        try:
            change(self.store, conversation, self.owner)
        except OnrecordError as error:
            return str(error)
        return ""


def reopen(turns: tuple[StoredTurn, ...], conversation: str = "") -> ChatState:
    """Return kept turns as a chat, to be continued in ``conversation`` where that is given."""
    if not conversation:
        return tuple(Exchange(turn.question, turn.answer) for turn in turns)
    return tuple(
        Exchange(turn.question, turn.answer, opinion=Opinion(turn.good), kept=conversation, number=turn.number)
        for turn in turns
    )


def _unsaved_conversation(job: BackgroundAnswer) -> Conversation:
    """Return a conversation whose first answer is running, as the list shows it."""
    return Conversation(job.conversation, job.owner, title_of(job.question), "", "", 0)


@dataclass(frozen=True, slots=True)
class ConversationService:
    """The kept conversations of all owners, and who asks for them."""

    store: ConversationStore
    visitors: Visitors
    background: BackgroundAnswers

    def mine(self, request: "gradio.Request", visitor: object) -> OwnedConversations:
        """Return the conversations of the visitor who sent the request."""
        owner = self.visitors.owner(account_of(request), visitor, request.session_hash)
        return OwnedConversations(self.store, owner, self.background)

    def remembered(self, request: "gradio.Request", visitor: object, opened: str) -> dict[str, str | None]:
        """Return what the visitor's browser is to remember while ``opened`` is open."""
        return Visitor(self.visitors.visitor(visitor, request.session_hash).id, opened).remembered()
