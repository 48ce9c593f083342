"""Who may use the server: by host name, origin and key."""

import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ui.core.client import user_of
from ui.core.failures import Failure

KEY = "ONRECORD_API_KEY"


@dataclass(frozen=True, slots=True)
class Access:
    """With a ``key``, whoever sends it as a bearer token may come in; without one, whoever reaches the port.

    Web pages of other sites may not: a page may only come from this machine or from the server's own address, and the
    server only be called by an address, a name without dots, or one of ``names``, so that no domain on the internet can
    be pointed at it (DNS rebinding). Whoever signed in may come in either way, but not from a page of another site.
    """

    key: str = ""
    names: tuple[str, ...] = ()


def access_from(environ: Mapping[str, str], names: tuple[str, ...] = ()) -> Access:
    """Return the access that the environment configures."""
    return Access(environ.get(KEY, "").strip(), names)


def api_denial(access: Access, scope: Mapping[str, Any]) -> Failure | None:
    """Return why the request with this ASGI scope may not use the interfaces for programs; None when it may."""
    if not user_of(scope):
        if access.key:
            return None if sends_key(access.key, scope) else NO_KEY
        if not _knows_host(access, scope):
            return _UNKNOWN_HOST
    return _OTHER_SITE if is_cross_site(scope) else None


def page_denial(access: Access, scope: Mapping[str, Any], *, accounts: bool) -> Failure | None:
    """Return why the request may not reach the page and what serves it; None when it may.

    With ``accounts`` the visitor has to sign in afterwards, and a browser sends its cookie to no other name, so any
    name will do.
    """
    if is_cross_site(scope):
        return _PAGE_OF_OTHER_SITE
    return None if accounts or _knows_host(access, scope) else _UNKNOWN_HOST


def is_cross_site(scope: Mapping[str, Any]) -> bool:
    """Return whether a page of another site sent the request.

    The browser's own statement counts first (``Sec-Fetch-Site``, sent over https and on this machine): it knows the
    site's own pages behind a proxy that changes the host, and those that send no origin.
    """
    headers = _headers(scope)
    site, origin = headers.get("sec-fetch-site", ""), headers.get("origin", "")
    if site == "same-origin":
        return False
    if origin:
        return not _may_come_from(origin, headers.get("host", ""))
    follows_link = headers.get("sec-fetch-mode") == "navigate" and scope.get("method") in {"GET", "HEAD"}
    return site == "cross-site" and not follows_link


def sends_key(key: str, scope: Mapping[str, Any]) -> bool:
    """Return whether the request sends ``key`` as a bearer token; never where ``key`` is empty."""
    scheme, _, given = _headers(scope).get("authorization", "").partition(" ")
    # Headers are bytes read as Latin-1. The comparison takes the same time for a wrong key as for the right one.
    same = hmac.compare_digest(given.strip().encode("latin-1", "replace"), key.encode())
    return bool(key) and same and scheme.lower() == "bearer"


def _headers(scope: Mapping[str, Any]) -> Mapping[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


NO_KEY = Failure(401, "unauthorized", f"Send the server's key as `Authorization: Bearer …`; it is what {KEY} holds.")
_UNKNOWN_HOST = Failure(
    403,
    "forbidden",
    "The server does not answer to this name. Call it by its address, or name it in the setting allowed_hosts.",
)
_PAGE_OF_OTHER_SITE = Failure(
    403, "forbidden", "A page of another site sent this. Open this site's own page and try again there."
)
_OTHER_SITE = Failure(403, "forbidden", f"Pages of other sites may not ask here. Set {KEY} and send the key.")


def _knows_host(access: Access, scope: Mapping[str, Any]) -> bool:
    name = _name(f"//{_headers(scope).get('host', '')}") or ""
    return bool(name) and any((_is_address(name), "." not in name, _is_local(name), name in access.names))


def _may_come_from(origin: str, host: str) -> bool:
    name = _name(origin)
    return bool(name) and (_is_local(str(name)) or urlsplit(origin).netloc.lower() == host.lower())


def _name(url: str) -> str | None:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_local(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return _is_address(name) and ipaddress.ip_address(name).is_loopback
