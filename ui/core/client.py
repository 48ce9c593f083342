"""Who sent a request, as far as a line needs to tell people apart.

Only what a client cannot choose counts: the account that it signed in to, that it has the server's key, or the address
it comes from. A new connection, session, cookie or name in the request makes nobody a new visitor.
"""

import ipaddress
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import gradio as gr

USER = "onrecord.user"  # where a request's ASGI scope holds who signed in
_KEY = "onrecord.key"  # and that it sent the server's key
_BY_KEY, _FROM = "key", "address "  # how visitors begin that are no account
_NETWORK_BITS = 64  # of an IPv6 address; whoever has the network chooses the rest (RFC 8981)


def user_of(scope: Mapping[str, Any]) -> str:
    """The name of who signed in; empty where nobody did."""
    return str(scope.get(USER, ""))


def with_key(scope: MutableMapping[str, Any], sent: bool) -> None:
    """Note in the request's scope whether it was let in by the server's key."""
    scope[_KEY] = sent


def visitor_of(scope: Mapping[str, Any]) -> str:
    """The account that signed in, else the key that was sent, else the address that the request came from."""
    client = scope.get("client") or ("",)
    return visitor_named(user_of(scope), str(client[0]), key=bool(scope.get(_KEY)))


def may_be_many(visitor: str) -> bool:
    """Whether ``visitor`` may stand for many people, as an address and a key do and an account does not."""
    return visitor == _BY_KEY or visitor.startswith(_FROM)


def visitor_named(user: str, host: str, *, key: bool = False) -> str:
    """The visitor who is signed in as ``user``, or sent the ``key``, or else comes from ``host``.

    Uvicorn has read the proxy's headers, of proxies it trusts, into the host.
    """
    if user:
        return f"account {user}"
    return _BY_KEY if key else f"{_FROM}{_network(host)}"


def _network(host: str) -> str:
    """The address that ``host`` is: of IPv6 the network it lies in, of IPv4 the same however it is written."""
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


def asker(request: "gr.Request | None") -> str:
    """The account that signed in, else the address; never Gradio's session, which the caller chooses."""
    if request is None:
        return ""
    client = getattr(request, "client", None)
    return visitor_named(request.username or "", str(client.host) if client else "")
