"""Whose conversations a visitor of the page sees: those of the account signed in, else those of this browser."""

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

_ID = re.compile(r"[0-9a-f]{32}")
_MAX_ID_LENGTH = 64  # characters of a conversation's id


@dataclass(frozen=True, slots=True)
class Visitor:
    """What the visitor's browser remembers: an unguessable ``id``, and the conversation that was ``open``.

    ``open`` is empty after "New conversation" and None where nothing is known yet.
    """

    id: str
    open: str | None = None

    def remembered(self) -> dict[str, str | None]:
        """Return the visitor as the browser keeps it."""
        return {"id": self.id, "open": self.open}


def read_visitor(sent: object) -> Visitor | None:
    """Return the visitor that the browser sent; None where ``sent``, which may be anything, is none."""
    if not isinstance(sent, Mapping):
        return None
    id_, opened = sent.get("id"), sent.get("open")
    if not (isinstance(id_, str) and _ID.fullmatch(id_)):
        return None
    return Visitor(id_, opened[:_MAX_ID_LENGTH] if isinstance(opened, str) else None)


@dataclass(frozen=True)
class Visitors:
    """Tells visitors apart. ``secret`` makes the ids that it gives out impossible to work out."""

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def visitor(self, sent: object, session: str | None) -> Visitor:
        """Return the visitor that the browser sent, or a new one, the same throughout a ``session``."""
        known = read_visitor(sent)
        if known is not None:
            return known
        made = hmac.digest(self.secret, (session or secrets.token_hex(16)).encode("utf-8", "replace"), "sha256")
        return Visitor(made.hex()[:32])

    def owner(self, account: str, sent: object, session: str | None) -> str:
        """Return the owner of the visitor's conversations: the ``account`` signed in, else the browser's id."""
        return account or f"browser:{self.visitor(sent, session).id}"
