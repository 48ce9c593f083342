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
from ui.conversations.models import Conversation, ConversationMissingError, KeptTurn
from ui.conversations.titles import LONGEST, one_line, title_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult

_COLUMNS = (
    "c.id, c.owner, c.title, c.created, c.changed, (select count(*) from turns t where t.conversation = c.id) as turns"
)


def _now() -> datetime:
    return datetime.now(UTC)


class Conversations:
    """What was asked and answered, in ``folder`` or at ``url``; everything is done in the name of an ``owner``.

    Each call has a connection and a transaction of its own, so that calls from threads and processes never see half a
    turn, and one that is killed leaves what was there before. Another owner's conversation is as if it were not there.
    Raises ConversationMissingError where there is none, ConversationsBrokenError where the database cannot be read or
    written.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime] = _now, url: str = "") -> None:
        self._database = Database(folder, url)
        self._now = now

    def create(self, first_question: str, owner: str = "", title: str = "", *, known_as: str = "") -> Conversation:
        """A new conversation without turns, called ``title`` or after its first question.

        ``known_as`` is an id from ``new_id`` that was given out before there was anything to keep.
        """
        called = self._database.sound(one_line(title)[:LONGEST] or title_of(first_question))
        made = Conversation(known_as or new_id(), owner, called, self._time(), self._time(), 0)
        with self._database.writing() as connection:
            _do(
                connection,
                "insert into conversations values (:id, :owner, :title, :words, :created, :changed)",
                id=made.id,
                owner=owner,
                title=called,
                words=_words(called),
                created=made.created,
                changed=made.changed,
            )
        return made

    def add(self, conversation: str, question: str, answer: Answer, owner: str = "") -> int:
        """Keep one more turn, after those that are there, and give back its number."""
        with self._database.writing() as connection:
            # Held before the turns are counted, since two that add at once would count the same.
            self._one(connection, conversation, owner, hold=True)
            _do(
                connection,
                "insert into turns (conversation, number, question, answer, words, asked)"
                " select :conversation, coalesce(max(number), 0) + 1, :question, :answer, :words, :at"
                " from turns where conversation = :conversation",
                conversation=conversation,
                **self._turn(question, answer),
            )
            self._touch(connection, conversation)
            last = "select max(number) from turns where conversation = :conversation"
            return int(_do(connection, last, conversation=conversation).scalar_one())

    def replace(self, conversation: str, was: str, question: str, answer: Answer, owner: str = "") -> int:
        """Put another question and answer where ``was`` was asked last, at the end where that is no more.

        Give back the number. What was thought of the answer before goes with it.
        """
        with self._database.writing() as connection:
            self._one(connection, conversation, owner, hold=True)
            query = "select max(number) from turns where conversation = :conversation and question = :was"
            asked = self._database.sound(was)
            number: int | None = _do(connection, query, conversation=conversation, was=asked).scalar()
            _do(
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
        """Keep what the owner thinks of the answer ``number``; none takes back what they thought."""
        with self._database.writing() as connection:
            self._one(connection, conversation, owner)
            change = "update turns set good = :good where conversation = :conversation and number = :number"
            thought = None if good is None else int(good)
            _do(connection, change, good=thought, conversation=conversation, number=number)

    def list(self, owner: str = "") -> tuple[Conversation, ...]:
        """Every conversation of ``owner``, the last changed first."""
        return self.search("", owner)

    def search(self, words: str, owner: str = "") -> tuple[Conversation, ...]:
        """Those of ``owner`` that hold every one of ``words``, or words beginning so, the last changed first.

        Titles, questions and answers are looked at; case and accents do not matter.
        """
        wanted = {f"word{n}": f"% {word}%" for n, word in enumerate(fold_words(words))}
        held = "".join(
            f" and (c.words like :{name} or exists"
            f" (select 1 from turns t where t.conversation = c.id and t.words like :{name}))"
            for name in wanted
        )
        query = f"select {_COLUMNS} from conversations c where c.owner = :owner{held} order by c.changed desc, c.id"
        with self._database.reading() as connection:
            rows = _do(connection, query, owner=owner, **wanted).fetchall()
        return tuple(Conversation(*row) for row in rows)

    def get(self, conversation: str, owner: str = "") -> Conversation:
        """The conversation with this id."""
        with self._database.reading() as connection:
            return self._one(connection, conversation, owner)

    def read(self, conversation: str, owner: str = "") -> tuple[KeptTurn, ...]:
        """Its turns, in the order they were asked. Raises AnswerRecordError for an answer that cannot be read."""
        with self._database.reading() as connection:
            self._one(connection, conversation, owner)
            query = (
                "select question, answer, asked, number, good from turns where conversation = :conversation"
                " order by number"
            )
            rows = _do(connection, query, conversation=conversation).fetchall()
        return tuple(
            KeptTurn(question, from_dict(json.loads(answer)), asked, number, None if good is None else bool(good))
            for question, answer, asked, number, good in rows
        )

    def rename(self, conversation: str, title: str, owner: str = "") -> None:
        """Call it something else; its place in the list stays."""
        called = self._database.sound(one_line(title)[:LONGEST] or title_of(""))
        with self._database.writing() as connection:
            self._one(connection, conversation, owner)
            change = "update conversations set title = :title, words = :words where id = :id"
            _do(connection, change, title=called, words=_words(called), id=conversation)

    def delete(self, conversation: str, owner: str = "") -> None:
        """Remove it and its turns for good."""
        with self._database.writing() as connection:
            self._one(connection, conversation, owner)
            _do(connection, "delete from conversations where id = :id", id=conversation)

    def share(self, conversation: str, owner: str = "") -> str:
        """The token by which anybody may read the conversation, now and as it goes on, until it is revoked."""
        with self._database.writing() as connection:
            self._one(connection, conversation, owner)
            insert = "insert into shares values (:token, :id) on conflict do nothing"
            _do(connection, insert, token=_token(), id=conversation)
            return _shared_by(connection, conversation)

    def shared_by(self, conversation: str, owner: str = "") -> str:
        """The token it is shared by; empty where it is not."""
        with self._database.reading() as connection:
            self._one(connection, conversation, owner)
            return _shared_by(connection, conversation)

    def revoke(self, conversation: str, owner: str = "") -> None:
        """Share it no more; a token once revoked never works again."""
        with self._database.writing() as connection:
            self._one(connection, conversation, owner)
            _do(connection, "delete from shares where conversation = :id", id=conversation)

    def shared(self, token: str) -> tuple[Conversation, tuple[KeptTurn, ...]]:
        """The conversation shared by ``token``, to be read, whoever asks. Raises ConversationMissingError."""
        with self._database.reading() as connection:
            query = "select c.id, c.owner from conversations c join shares s on s.conversation = c.id"
            row = _do(connection, f"{query} where s.token = :token", token=self._database.sound(token)).fetchone()
        if row is None:
            raise ConversationMissingError(
                "This link shows no conversation: it was never made, or is no longer shared."
            )
        conversation, owner = row
        return self.get(conversation, owner), self.read(conversation, owner)

    def _time(self) -> str:
        return self._now().isoformat(timespec="microseconds")

    def _turn(self, question: str, answer: Answer) -> dict[str, str]:
        return {
            "question": self._database.sound(question),
            "answer": json.dumps(to_dict(answer)),
            "words": _words(f"{question}\n{answer.text}"),
            "at": self._time(),
        }

    def _touch(self, connection: "Connection", conversation: str) -> None:
        change = "update conversations set changed = :changed where id = :id"
        _do(connection, change, changed=self._time(), id=conversation)

    def _one(self, connection: "Connection", conversation: str, owner: str, *, hold: bool = False) -> Conversation:
        sound = self._database.sound(conversation)
        if hold and connection.dialect.name != "sqlite":
            _do(connection, "select 1 from conversations where id = :id for update", id=sound)
        query = f"select {_COLUMNS} from conversations c where c.id = :id and c.owner = :owner"
        row = _do(connection, query, id=sound, owner=owner).fetchone()
        if row is None:
            raise ConversationMissingError(
                f"There is no conversation {conversation!r}. `onrecord conversations list` shows them."
            )
        return Conversation(*row)


def new_id() -> str:
    """An id for a conversation that there is not yet."""
    return secrets.token_hex(6)


def _do(connection: "Connection", statement: str, **values: str | int | None) -> "CursorResult[*tuple[Any, ...]]":
    from sqlalchemy import text

    return connection.execute(text(statement), values)


def _shared_by(connection: "Connection", conversation: str) -> str:
    row = _do(connection, "select token from shares where conversation = :id", id=conversation).fetchone()
    return str(row[0]) if row else ""


def _token() -> str:
    return secrets.token_urlsafe(16)  # 128 bits


def _words(text: str) -> str:
    return "".join(f" {word}" for word in fold_words(text.encode("utf-8", "replace").decode()))
