"""Conversations in one SQLite file, for several threads and several processes at once."""

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from index.words import folded
from rag.record import from_dict, to_dict
from rag.schema import Answer
from ui.conversations.migrations import migrate
from ui.conversations.schema import Conversation, ConversationMissing, ConversationsBroken, KeptTurn
from ui.conversations.title import LONGEST, one_line, title_of

FILE = "conversations.sqlite3"
_PATIENCE = 10.0  # seconds to wait for another writer
_COLUMNS = (
    "c.id, c.owner, c.title, c.created, c.changed, (select count(*) from turns t where t.conversation = c.id) as turns"
)


def _now() -> datetime:
    return datetime.now(UTC)


class Conversations:
    """What was asked and answered, in ``folder``; everything is done in the name of an ``owner``.

    Each call has a connection and a transaction of its own, so that calls from threads and processes never see
    half a turn, and one that is killed leaves what was there before. Another owner's conversation is as if it
    were not there. Raises ConversationMissing where there is none, ConversationsBroken where the file cannot be
    read or written.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime] = _now) -> None:
        self._path = folder / FILE
        self._now = now

    def create(self, first_question: str, owner: str = "", title: str = "", *, known_as: str = "") -> Conversation:
        """A new conversation without turns, called ``title`` or after its first question.

        ``known_as`` is an id from ``new_id`` that was given out before there was anything to keep.
        """
        called = one_line(title)[:LONGEST] or title_of(first_question)
        made = Conversation(known_as or new_id(), owner, called, self._time(), self._time(), 0)
        with self._writing() as connection:
            connection.execute(
                "insert into conversations values (?, ?, ?, ?, ?, ?)",
                (made.id, owner, called, _words(called), made.created, made.changed),
            )
        return made

    def add(self, conversation: str, question: str, answer: Answer, owner: str = "") -> int:
        """Keep one more turn, after those that are there, and give back its number."""
        said = json.dumps(to_dict(answer))
        with self._writing() as connection:
            _one(connection, conversation, owner)
            connection.execute(
                "insert into turns (conversation, number, question, answer, words, asked)"
                " select ?, coalesce(max(number), 0) + 1, ?, ?, ?, ? from turns where conversation = ?",
                (
                    conversation,
                    _sound(question),
                    said,
                    _words(f"{question}\n{answer.text}"),
                    self._time(),
                    conversation,
                ),
            )
            connection.execute("update conversations set changed = ? where id = ?", (self._time(), conversation))
            return _last_number(connection, conversation)

    def replace(self, conversation: str, was: str, question: str, answer: Answer, owner: str = "") -> int:
        """Put another question and answer where ``was`` was asked last, at the end where that is no more.

        Give back the number. What was thought of the answer before goes with it.
        """
        said = json.dumps(to_dict(answer))
        with self._writing() as connection:
            _one(connection, conversation, owner)
            number: int | None = connection.execute(
                "select max(number) from turns where conversation = ? and question = ?", (conversation, _sound(was))
            ).fetchone()[0]
            connection.execute(
                "update turns set question = ?, answer = ?, words = ?, asked = ?, good = null"
                " where conversation = ? and number = ?",
                (
                    _sound(question),
                    said,
                    _words(f"{question}\n{answer.text}"),
                    self._time(),
                    conversation,
                    number,
                ),
            )
            connection.execute("update conversations set changed = ? where id = ?", (self._time(), conversation))
        return self.add(conversation, question, answer, owner) if number is None else number

    def judge(self, conversation: str, number: int, good: bool | None, owner: str = "") -> None:
        """Keep what the owner thinks of the answer ``number``; none takes back what they thought."""
        with self._writing() as connection:
            _one(connection, conversation, owner)
            connection.execute(
                "update turns set good = ? where conversation = ? and number = ?", (good, conversation, number)
            )

    def list(self, owner: str = "") -> tuple[Conversation, ...]:
        """Every conversation of ``owner``, the last changed first."""
        return self.search("", owner)

    def search(self, words: str, owner: str = "") -> tuple[Conversation, ...]:
        """Those of ``owner`` that hold every one of ``words``, or words beginning so, the last changed first.

        Titles, questions and answers are looked at; case and accents do not matter.
        """
        wanted = [f"% {word}%" for word in folded(words)]
        held = (
            " and (c.words like ? or exists"
            " (select 1 from turns t where t.conversation = c.id and t.words like ?))" * len(wanted)
        )
        query = f"select {_COLUMNS} from conversations c where c.owner = ?{held} order by c.changed desc, c.id"
        with self._reading() as connection:
            rows = connection.execute(query, (owner, *(word for word in wanted for _ in range(2)))).fetchall()
        return tuple(Conversation(*row) for row in rows)

    def get(self, conversation: str, owner: str = "") -> Conversation:
        """The conversation with this id."""
        with self._reading() as connection:
            return _one(connection, conversation, owner)

    def read(self, conversation: str, owner: str = "") -> tuple[KeptTurn, ...]:
        """Its turns, in the order they were asked. Raises BadRecord for an answer that cannot be read."""
        with self._reading() as connection:
            _one(connection, conversation, owner)
            rows = connection.execute(
                "select question, answer, asked, number, good from turns where conversation = ? order by number",
                (conversation,),
            ).fetchall()
        return tuple(
            KeptTurn(question, from_dict(json.loads(answer)), asked, number, None if good is None else bool(good))
            for question, answer, asked, number, good in rows
        )

    def rename(self, conversation: str, title: str, owner: str = "") -> None:
        """Call it something else; its place in the list stays."""
        called = one_line(title)[:LONGEST] or title_of("")
        with self._writing() as connection:
            _one(connection, conversation, owner)
            connection.execute(
                "update conversations set title = ?, words = ? where id = ?", (called, _words(called), conversation)
            )

    def delete(self, conversation: str, owner: str = "") -> None:
        """Remove it and its turns for good."""
        with self._writing() as connection:
            _one(connection, conversation, owner)
            connection.execute("delete from conversations where id = ?", (conversation,))

    def share(self, conversation: str, owner: str = "") -> str:
        """The token by which anybody may read the conversation, now and as it goes on, until it is revoked."""
        with self._writing() as connection:
            _one(connection, conversation, owner)
            connection.execute("insert or ignore into shares values (?, ?)", (_token(), conversation))
            return _shared_by(connection, conversation)

    def shared_by(self, conversation: str, owner: str = "") -> str:
        """The token it is shared by; empty where it is not."""
        with self._reading() as connection:
            _one(connection, conversation, owner)
            return _shared_by(connection, conversation)

    def revoke(self, conversation: str, owner: str = "") -> None:
        """Share it no more; a token once revoked never works again."""
        with self._writing() as connection:
            _one(connection, conversation, owner)
            connection.execute("delete from shares where conversation = ?", (conversation,))

    def shared(self, token: str) -> tuple[Conversation, tuple[KeptTurn, ...]]:
        """The conversation shared by ``token``, to be read, whoever asks. Raises ConversationMissing."""
        with self._reading() as connection:
            row = connection.execute(
                "select c.id, c.owner from conversations c join shares s on s.conversation = c.id where s.token = ?",
                (_sound(token),),
            ).fetchone()
        if row is None:
            raise ConversationMissing("This link shows no conversation: it was never made, or is no longer shared.")
        conversation, owner = row
        return self.get(conversation, owner), self.read(conversation, owner)

    def _time(self) -> str:
        return self._now().isoformat(timespec="microseconds")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as connection:
            connection.execute("begin immediate")
            try:
                yield connection
                connection.execute("commit")
            except BaseException:
                connection.execute("rollback")
                raise

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)) as connection:
                connection.execute("pragma journal_mode = wal")
                connection.execute("pragma foreign_keys = on")
                migrate(connection)
                yield connection
        except (sqlite3.Error, OSError) as error:
            raise ConversationsBroken(
                f"The conversations in {self._path} cannot be used ({error}). If another process holds them, try "
                "again; if the file is damaged, move it away and a new one is begun."
            ) from error


def new_id() -> str:
    """An id for a conversation that there is not yet."""
    return secrets.token_hex(6)


def _last_number(connection: sqlite3.Connection, conversation: str) -> int:
    row = connection.execute("select max(number) from turns where conversation = ?", (conversation,)).fetchone()
    return int(row[0])


def _one(connection: sqlite3.Connection, conversation: str, owner: str) -> Conversation:
    query = f"select {_COLUMNS} from conversations c where c.id = ? and c.owner = ?"
    row: Sequence[str] | None = connection.execute(query, (_sound(conversation), owner)).fetchone()
    if row is None:
        raise ConversationMissing(
            f"There is no conversation {conversation!r}. `onrecord conversations list` shows them."
        )
    return Conversation(*row)  # type: ignore[arg-type]  # the count is a number


def _shared_by(connection: sqlite3.Connection, conversation: str) -> str:
    row = connection.execute("select token from shares where conversation = ?", (conversation,)).fetchone()
    return str(row[0]) if row else ""


def _token() -> str:
    return secrets.token_urlsafe(16)  # 128 bits


def _words(text: str) -> str:
    return "".join(f" {word}" for word in folded(_sound(text)))


def _sound(text: str) -> str:
    """The text without halves of characters, which SQLite does not take."""
    return text.encode("utf-8", "replace").decode()
