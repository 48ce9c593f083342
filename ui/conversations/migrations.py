"""The tables of the conversations' file, and the steps from one version of them to the next."""

import sqlite3

from ui.conversations.schema import ConversationsBroken

# Each step is run once, in order; SQLite's user_version counts those that were. Never change one that was released.
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


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables up to this version, all steps or none.

    Raises ConversationsBroken for a file that a newer version wrote, ``sqlite3.Error`` for one that is none.
    """
    if _version(connection) == len(STEPS):
        return
    connection.execute("begin immediate")
    try:
        # Another process may have been quicker while this one waited.
        done = _version(connection)
        _check(done)
        for step in STEPS[done:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"pragma user_version = {len(STEPS)}")
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _check(done: int) -> None:
    if done > len(STEPS):
        raise ConversationsBroken("The conversations were written by a newer Onrecord. Update it to read them.")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("pragma user_version").fetchone()[0])
