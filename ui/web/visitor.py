"""Whose conversations a visitor of the page sees: those of the account signed in, else those of this browser."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

_ID = re.compile(r"[0-9a-f]{32}")
_LONGEST = 64  # characters of a conversation's id


@dataclass(frozen=True, slots=True)
class Visitor:
    """What the visitor's browser remembers: an ``id`` nobody can guess, and the conversation that was ``open``.

    ``open`` is empty after "New conversation" and None where nothing is known yet.
    """

    id: str
    open: str | None = None

    def remembered(self) -> dict[str, str | None]:
        """As the browser keeps it."""
        return {"id": self.id, "open": self.open}


def read_visitor(sent: object) -> Visitor | None:
    """The visitor that the browser sent, which may be anything; None where that is no visitor."""
    if not isinstance(sent, Mapping):
        return None
    id_, opened = sent.get("id"), sent.get("open")
    if not (isinstance(id_, str) and _ID.fullmatch(id_)):
        return None
    return Visitor(id_, opened[:_LONGEST] if isinstance(opened, str) else None)


def new_visitor() -> Visitor:
    """A visitor who has not been here before, with 128 random bits."""
    return Visitor(secrets.token_hex(16))


def owner_of(account: str | None, sent: object) -> str:
    """In whose name conversations are kept: ``account`` where one is signed in, else the browser's id.

    Empty where there is neither: then nothing may be kept, since the empty name is the command line's.
    """
    if account:
        return account
    visitor = read_visitor(sent)
    return f"browser:{visitor.id}" if visitor else ""
