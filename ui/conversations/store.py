"""Conversations in one database, for several threads, processes and machines at once."""

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.text.terms import fold_words
from rag.schema import Answer
from rag.serialize import from_dict, to_dict
from ui.conversations.database import Database
from ui.conversations.models import Conversation, ConversationMissingError, StoredTurn
from ui.conversations.titles import MAX_TITLE, printable_line, title_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult
from ui.conversations.models import TurnLocation

NOT_SHARED = "This link shows no conversation: it was never made, or is no longer shared."
_COLUMNS = (
    "c.id, c.owner, c.title, c.created, c.changed, (select count(*) from turns t where t.conversation = c.id) as turns"
)


def _now() -> datetime:
    return datetime.now(UTC)


class ConversationStore:
    """The questions and answers in ``folder`` or at ``url``; every call is made in the name of an ``owner``.

    Each call has its own connection and transaction, so that calls from threads and processes never see half a turn,
    and one that is killed leaves what was there before. Another owner's conversation is treated as missing. Raises
    ConversationMissingError where there is none, ConversationsBrokenError where the database cannot be read or written.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime] = _now, url: str = "") -> None:
        self._database = Database(folder, url)
        self._now = now

    def create(self, first_question: str, owner: str = "", title: str = "", *, known_as: str = "") -> Conversation:
        """Create a conversation without turns, called ``title`` or after its first question.

        ``known_as`` is an id from ``new_id`` that was given out before there was anything to keep.
        """
        stored_title = self._database.sound(printable_line(title)[:MAX_TITLE] or title_of(first_question))
        created = Conversation(known_as or new_id(), owner, stored_title, self._time(), self._time(), 0)
        with self._database.writing() as connection:
            _execute(
                connection,
                "insert into conversations values (:id, :owner, :title, :words, :created, :changed)",
                id=created.id,
                owner=owner,
                title=stored_title,
                words=_search_words(stored_title),
                created=created.created,
                changed=created.changed,
            )
        return created

    def add(self, conversation: str, question: str, answer: Answer, owner: str = "") -> int:
        """Keep one more turn after those that are there, and return its number."""
        with self._database.writing() as connection:
            # Locked before the turns are counted, since two calls at once would count the same.
            self._one(connection, conversation, owner, hold=True)
            _execute(
                connection,
                "insert into turns (conversation, number, question, answer, words, asked)"
                " select :conversation, coalesce(max(number), 0) + 1, :question, :answer, :words, :at"
                " from turns where conversation = :conversation",
                conversation=conversation,
                **self._turn(question, answer),
            )
            self._touch(connection, conversation)
            last = "select max(number) from turns where conversation = :conversation"
            return int(_execute(connection, last, conversation=conversation).scalar_one())

    def replace(self, conversation: str, was: str, question: str, answer: Answer, owner: str = "") -> int:
        """Put another question and answer where ``was`` was asked last, or at the end where it is gone.

        Returns the number. The judgement of the answer before is removed with it.
        """
        with self._database.writing() as connection:
            self._one(connection, conversation, owner, hold=True)
            query = "select max(number) from turns where conversation = :conversation and question = :was"
            asked = self._database.sound(was)
            number: int | None = _execute(connection, query, conversation=conversation, was=asked).scalar()
            _execute(
                connection,
                "update turns set question = :question, answer = :answer, words = :words, asked = :at, good = null"
                " where conversation = :conversation and number = :number",
                conversation=conversation,
                number=number,
                **self._turn(question, answer),
            )
            self._touch(connection, conversation)
        return self.add(conversation, question, answer, owner) if number is None else number

    def judge(self, conversation: str, number: int, good: bool | None, owner: str = "") -> None:
        """Keep the owner's judgement of the answer ``number``; None removes it."""
        with self._database.writing() as connection:
            self._one(connection, conversation, owner)
            change = "update turns set good = :good where conversation = :conversation and number = :number"
            value = None if good is None else int(good)
            _execute(connection, change, good=value, conversation=conversation, number=number)

    def list(self, owner: str = "") -> tuple[Conversation, ...]:
        """Return every conversation of ``owner``, the last changed first."""
        return self.search("", owner)

    def search(self, words: str, owner: str = "") -> tuple[Conversation, ...]:
        """Return those of ``owner`` that hold every one of ``words``, or words beginning so, last changed first.

        Titles, questions and answers are searched; case and accents do not matter.
        """
        patterns = {f"word{n}": f"% {word}%" for n, word in enumerate(fold_words(words))}
        conditions = "".join(
            f" and (c.words like :{name} or exists"
            f" (select 1 from turns t where t.conversation = c.id and t.words like :{name}))"
            for name in patterns
        )
        query = (
            f"select {_COLUMNS} from conversations c where c.owner = :owner{conditions} order by c.changed desc, c.id"
        )
        with self._database.reading() as connection:
            rows = _execute(connection, query, owner=owner, **patterns).fetchall()
        return tuple(Conversation(*row) for row in rows)

    def get(self, conversation: str, owner: str = "") -> Conversation:
        """Return the conversation with this id."""
        with self._database.reading() as connection:
            return self._one(connection, conversation, owner)

    def read(self, conversation: str, owner: str = "") -> tuple[StoredTurn, ...]:
        """Return its turns in the order asked. Raises AnswerRecordError for an answer that cannot be read."""
        with self._database.reading() as connection:
            self._one(connection, conversation, owner)
            query = (
                "select question, answer, asked, number, good from turns where conversation = :conversation"
                " order by number"
            )
            rows = _execute(connection, query, conversation=conversation).fetchall()
        return tuple(
            StoredTurn(question, from_dict(json.loads(answer)), asked, number, None if good is None else bool(good))
            for question, answer, asked, number, good in rows
        )

    def rename(self, conversation: str, title: str, owner: str = "") -> None:
        """Give it another title; its place in the list stays."""
        stored_title = self._database.sound(printable_line(title)[:MAX_TITLE] or title_of(""))
        with self._database.writing() as connection:
            self._one(connection, conversation, owner)
            change = "update conversations set title = :title, words = :words where id = :id"
            _execute(connection, change, title=stored_title, words=_search_words(stored_title), id=conversation)

    def delete(self, conversation: str, owner: str = "") -> None:
        """Delete it and its turns for good."""
        with self._database.writing() as connection:
            self._one(connection, conversation, owner)
            _execute(connection, "delete from conversations where id = :id", id=conversation)

    def share(self, conversation: str, owner: str = "") -> str:
        """Return the token by which anybody may read it, now and as it goes on, until it is revoked."""
        with self._database.writing() as connection:
            self._one(connection, conversation, owner)
            insert = "insert into shares values (:token, :id) on conflict do nothing"
            _execute(connection, insert, token=_new_token(), id=conversation)
            return _shared_by(connection, conversation)

    def shared_by(self, conversation: str, owner: str = "") -> str:
        """Return the token it is shared by; empty where it is not."""
        with self._database.reading() as connection:
            self._one(connection, conversation, owner)
            return _shared_by(connection, conversation)

    def revoke(self, conversation: str, owner: str = "") -> None:
        """Stop sharing it; a revoked token never works again."""
        with self._database.writing() as connection:
            self._one(connection, conversation, owner)
            _execute(connection, "delete from shares where conversation = :id", id=conversation)

    def shared(self, token: str) -> tuple[Conversation, tuple[StoredTurn, ...]]:
        """Return the conversation shared by ``token``, for anybody. Raises ConversationMissingError."""
        with self._database.reading() as connection:
            query = "select c.id, c.owner from conversations c join shares s on s.conversation = c.id"
            row = _execute(connection, f"{query} where s.token = :token", token=self._database.sound(token)).fetchone()
        if row is None:
            raise ConversationMissingError(NOT_SHARED)
        conversation, owner = row
        return self.get(conversation, owner), self.read(conversation, owner)

    def _time(self) -> str:
        return self._now().isoformat(timespec="microseconds")

    def _turn(self, question: str, answer: Answer) -> dict[str, str]:
        return {
            "question": self._database.sound(question),
            "answer": json.dumps(to_dict(answer)),
            "words": _search_words(f"{question}\n{answer.text}"),
            "at": self._time(),
        }

    def _touch(self, connection: "Connection", conversation: str) -> None:
        change = "update conversations set changed = :changed where id = :id"
        _execute(connection, change, changed=self._time(), id=conversation)

    def _one(self, connection: "Connection", conversation: str, owner: str, *, hold: bool = False) -> Conversation:
        sound = self._database.sound(conversation)
        if hold and connection.dialect.name != "sqlite":
            _execute(connection, "select 1 from conversations where id = :id for update", id=sound)
        query = f"select {_COLUMNS} from conversations c where c.id = :id and c.owner = :owner"
        row = _execute(connection, query, id=sound, owner=owner).fetchone()
        if row is None:
            raise ConversationMissingError(
                f"There is no conversation {conversation!r}. `onrecord conversations list` shows them."
            )
        return Conversation(*row)


def new_id() -> str:
    """Return an id for a conversation that does not exist yet."""
    return secrets.token_hex(6)


def _execute(connection: "Connection", statement: str, **values: str | int | None) -> "CursorResult[*tuple[Any, ...]]":
    from sqlalchemy import text

    return connection.execute(text(statement), values)


def _shared_by(connection: "Connection", conversation: str) -> str:
    row = _execute(connection, "select token from shares where conversation = :id", id=conversation).fetchone()
    return str(row[0]) if row else ""


def _new_token() -> str:
    return secrets.token_urlsafe(16)  # 128 bits


def _search_words(text: str) -> str:
    return "".join(f" {word}" for word in fold_words(text.encode("utf-8", "replace").decode()))


def keep_turn(
    store: ConversationStore,
    conversation: str,
    question: str,
    answer: Answer,
    owner: str = "",
    *,
    replaces: str = "",
    begins: bool = False,
) -> TurnLocation:
    """Keep one more turn and return where.

    The conversation is created where its id is empty, or under that very id with ``begins``. The turn takes the place
    of the one that asked ``replaces``, where that is given.

    Raises ConversationMissingError where it was removed meanwhile, ConversationsBrokenError where it cannot be written.
    """
    id_ = store.create(question, owner, known_as=conversation).id if begins or not conversation else conversation
    if replaces:
        return TurnLocation(id_, store.replace(id_, replaces, question, answer, owner))
    return TurnLocation(id_, store.add(id_, question, answer, owner))
