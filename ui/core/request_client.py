"""Who sent a request, as far as a line needs to tell people apart."""

from collections.abc import Mapping
from typing import Any

USER = "onrecord.user"  # where a request's ASGI scope holds who signed in


def user_of(scope: Mapping[str, Any]) -> str:
    """The name of who signed in; empty where nobody did."""
    return str(scope.get(USER, ""))


def visitor_of(scope: Mapping[str, Any]) -> str:
    """The name of who signed in, else the connection that the request came over."""
    client = scope.get("client") or ("", 0)
    return user_of(scope) or f"{client[0]}:{client[1]}"
