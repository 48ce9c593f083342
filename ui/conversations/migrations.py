"""The tables of the conversations, and the steps from one version of them to the next."""

from typing import TYPE_CHECKING

from ui.conversations.models import ConversationsBrokenError

if TYPE_CHECKING:
    from sqlalchemy import Connection
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection


_ADVISORY_LOCK = 6_077_341  # PostgreSQL identifies a lock by a number of our choice

# Each step runs once, in order; SQLite's user_version counts the finished ones, in PostgreSQL a table of one row.
# Never change a step that was released.
STEPS: tuple[tuple[str, ...], ...] = (
    (
        """create table conversations (
            id text primary key, owner text not null, title text not null, words text not null,
            created text not null, changed text not null
        ) without rowid""",
        """create table turns (
            conversation text not null references conversations (id) on delete cascade, number integer not null,
            question text not null, answer text not null, words text not null, asked text not null,
            primary key (conversation, number)
        ) without rowid""",
        "create index conversations_by_change on conversations (owner, changed)",
    ),
    (
        """create table shares (
            token text primary key,
            conversation text not null unique references conversations (id) on delete cascade
        ) without rowid""",
    ),
    ("alter table turns add column good integer",),
)


def migrate(connection: "Connection") -> None:
    """Bring the tables up to this version, all steps or none.

    Raises ConversationsBrokenError for tables that a newer version wrote, ``SQLAlchemyError`` for a file that is no
    database.
    """
    if _version(connection) == len(STEPS):
        return
    sqlite = connection.dialect.name == "sqlite"
    with transaction(connection):
        if not sqlite:
            connection.exec_driver_sql(f"select pg_advisory_xact_lock({_ADVISORY_LOCK})")
        # Another process may have migrated while this one waited.
        done = _version(connection)
        _check_version(done)
        for step in STEPS[done:]:
            for statement in step:
                connection.exec_driver_sql(statement if sqlite else statement.replace("without rowid", ""))
        if sqlite:
            connection.exec_driver_sql(f"pragma user_version = {len(STEPS)}")
        else:
            connection.exec_driver_sql("create table if not exists conversations_version (steps integer not null)")
            connection.exec_driver_sql("delete from conversations_version")
            connection.exec_driver_sql(f"insert into conversations_version values ({len(STEPS)})")


def _check_version(done: int) -> None:
    if done > len(STEPS):
        raise ConversationsBrokenError("The conversations were written by a newer Onrecord. Update it to read them.")


def _version(connection: "Connection") -> int:
    if connection.dialect.name == "sqlite":
        return int(connection.exec_driver_sql("pragma user_version").scalar_one())
    if connection.exec_driver_sql("select to_regclass('conversations_version')").scalar() is None:
        return 0
    return int(connection.exec_driver_sql("select steps from conversations_version").scalar_one())


@contextmanager
def transaction(connection: "Connection") -> Iterator[None]:
    """Make the statements in the body take effect together; on SQLite a writer waits for its turn before it reads."""
    connection.exec_driver_sql("begin immediate" if connection.dialect.name == "sqlite" else "begin")
    try:
        yield
        connection.exec_driver_sql("commit")
    except BaseException:
        connection.exec_driver_sql("rollback")
        raise
