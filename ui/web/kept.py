"""What happens to kept conversations from the page: shown again, opened, renamed, deleted, shared, taken away."""

from collections.abc import Callable
from dataclasses import dataclass

from index.errors import OnrecordError
from rag.schema import Answer
from ui.conversations.export import FORMATS, exported, file_name
from ui.conversations.keep import keep
from ui.conversations.schema import ConversationMissing, KeptTurn
from ui.conversations.store import Conversations
from ui.web.parcel import parcel_html
from ui.web.ports import Keep
from ui.web.sidebar import sidebar_html
from ui.web.talk import Exchange, Talk


@dataclass(frozen=True, slots=True)
class Owned:
    """The conversations of one ``owner``, and nobody else's."""

    store: Conversations
    owner: str

    def keep(self) -> Keep:
        """What keeps an exchange for the owner."""

        def kept(conversation: str, question: str, answer: Answer, /, *, replaces: str = "") -> str:
            return keep(self.store, conversation, question, answer, self.owner, replaces=replaces)

        return kept

    def sidebar(self, opened: str, problem: str = "") -> str:
        """The list, with what can be done with the one ``opened``; what goes wrong is told in it."""
        try:
            held = self.store.list(self.owner)
            mine = any(each.id == opened for each in held)
            token = self.store.shared_by(opened, self.owner) if mine else ""
        except OnrecordError as error:
            return sidebar_html((), "", problem=str(error))
        return sidebar_html(held, opened, token=token, problem=problem)

    def talk(self, conversation: str) -> Talk:
        """The conversation as it was. Raises ConversationMissing, ConversationsBroken or BadRecord."""
        return reopened(self.store.read(conversation, self.owner), conversation)

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
            raise ConversationMissing("There is nothing to export.")
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
    return tuple(Exchange(turn.question, turn.answer, kept=conversation) for turn in turns)
