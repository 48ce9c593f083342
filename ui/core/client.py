"""Identify who sent a request, for the queue to be fair between people.

Only what a client cannot choose counts: the account that signed in, whether the server's key was sent, or the address.
A new connection, session, cookie or name in the request makes nobody a new visitor.
"""

import ipaddress
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from ui.core.roles import USER_KEY

if TYPE_CHECKING:
    import gradio as gr

_KEY_SENT = "onrecord.key"  # where a request's ASGI scope holds whether the server's key was sent
_KEY_VISITOR, _ADDRESS_PREFIX = "key", "address "  # visitors that are not accounts
_NETWORK_BITS = 64  # of an IPv6 address; whoever has the network chooses the rest (RFC 8981)


def user_of(scope: Mapping[str, Any]) -> str:
    """Return the name of the account that signed in; empty where there is none."""
    return str(scope.get(USER_KEY, ""))


def note_key(scope: MutableMapping[str, Any], sent: bool) -> None:
    """Note in the request's scope whether the request was let in by the server's key."""
    scope[_KEY_SENT] = sent


def visitor_of(scope: Mapping[str, Any]) -> str:
    """Return the account that signed in, else the key that was sent, else the address of the request."""
    client = scope.get("client") or ("",)
    return visitor_named(user_of(scope), str(client[0]), key=bool(scope.get(_KEY_SENT)))


def is_shared(visitor: str) -> bool:
    """Return whether many people may be behind ``visitor``, as behind an address or a key."""
    return visitor == _KEY_VISITOR or visitor.startswith(_ADDRESS_PREFIX)


def visitor_named(user: str, host: str, *, key: bool = False) -> str:
    """Return the visitor signed in as ``user``, else the one who sent the ``key``, else the one at ``host``.

    Uvicorn has already replaced the host by the one in the headers of trusted proxies.
    """
    if user:
        return f"account {user}"
    return _KEY_VISITOR if key else f"{_ADDRESS_PREFIX}{network_of(host)}"


def network_of(host: str) -> str:
    """Return the network of an IPv6 address, and an IPv4 address in one spelling."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    bits = int(address) >> _NETWORK_BITS << _NETWORK_BITS
    return f"{ipaddress.IPv6Address(bits)}/{_NETWORK_BITS}"


def gradio_visitor(request: "gr.Request | None") -> str:
    """Return the visitor of a Gradio request: account or address, never its session, which the caller chooses."""
    if request is None:
        return ""
    client = getattr(request, "client", None)
    return visitor_named(request.username or "", str(client.host) if client else "")
