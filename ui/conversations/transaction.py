"""Several statements carried out together or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection


@contextmanager
def transaction(connection: "Connection") -> Iterator[None]:
    """What is done within is done together; on SQLite, whoever writes waits for their turn before they read."""
    connection.exec_driver_sql("begin immediate" if connection.dialect.name == "sqlite" else "begin")
    try:
        yield
        connection.exec_driver_sql("commit")
    except BaseException:
        connection.exec_driver_sql("rollback")
        raise
