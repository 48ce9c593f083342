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
from ui.web.visitor import new_visitor, owner_of, read_visitor


@dataclass(frozen=True, slots=True)
class Owned:
    """The conversations of one ``owner``; of nobody's where that is empty, and nothing is kept then."""

    store: Conversations
    owner: str

    def keep(self) -> Keep | None:
        """What keeps an exchange for the owner."""
        if not self.owner:
            return None

        def kept(conversation: str, question: str, answer: Answer, /, *, replaces: str = "") -> str:
            return keep(self.store, conversation, question, answer, self.owner, replaces=replaces)

        return kept

    def sidebar(self, opened: str, problem: str = "") -> str:
        """The list, with what can be done with the one ``opened``; what goes wrong is told in it."""
        if not self.owner:
            return sidebar_html((), "")
        try:
            held = self.store.list(self.owner)
            mine = any(each.id == opened for each in held)
            token = self.store.shared_by(opened, self.owner) if mine else ""
        except OnrecordError as error:
            return sidebar_html((), "", problem=str(error))
        return sidebar_html(held, opened, token=token, problem=problem)

    def talk(self, conversation: str) -> Talk:
        """The conversation as it was. Raises ConversationMissing, ConversationsBroken or BadRecord."""
        if not self.owner:
            raise ConversationMissing("Nothing is kept in this browser.")
        return reopened(self.store.read(conversation, self.owner), conversation)

    def last_open(self, opened: str | None) -> Talk:
        """What the page begins with: the conversation ``opened``, the latest where that is not known; else nothing."""
        if not self.owner or opened == "":
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
        if not (isinstance(name, str) and name in FORMATS and self.owner):
            raise ConversationMissing("There is nothing to export.")
        held, turns = self.store.get(conversation, self.owner), self.store.read(conversation, self.owner)
        return parcel_html(file_name(held, name), FORMATS[name].kind, exported(name, held, turns))

    def attempt(self, conversation: str, change: Callable[[Conversations, str, str], object]) -> str:
        """Make ``change`` to the conversation and give back what went wrong; empty where nothing did."""
        try:
            if self.owner:
                change(self.store, conversation, self.owner)
        except OnrecordError as error:
            return str(error)
        return ""


def owned(store: Conversations, account: str | None, sent: object) -> Owned:
    """The conversations of the ``account`` signed in, else of the browser that ``sent`` who it is."""
    return Owned(store, owner_of(account, sent))


def remembered(sent: object, opened: str | None) -> dict[str, str | None]:
    """What the browser is to remember now; one that is new gets an id."""
    visitor = read_visitor(sent) or new_visitor()
    return {"id": visitor.id, "open": opened}


def reopened(turns: tuple[KeptTurn, ...], conversation: str = "") -> Talk:
    """Kept turns as a talk, to go on with in ``conversation`` where that is given."""
    return tuple(Exchange(turn.question, turn.answer, kept=conversation) for turn in turns)
