"""What each role may do: readers ask, editors also change the library, admins also manage users and evaluations."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

USER_KEY = "onrecord.user"  # where a request's ASGI scope holds the name of who signed in
ACCOUNT_KEY = "onrecord.account"  # the id of their account
ROLE_KEY = "onrecord.role"  # and their role


class Role(StrEnum):
    """A role; each may do what those before it may."""

    READER = "reader"
    EDITOR = "editor"
    ADMIN = "admin"


class Action(StrEnum):
    """What somebody wants to do."""

    ASK = "ask"
    LIBRARY = "library"
    USERS = "users"
    EVALS = "evals"


_NEEDS = {
    Action.ASK: Role.READER,
    Action.LIBRARY: Role.EDITOR,
    Action.USERS: Role.ADMIN,
    Action.EVALS: Role.ADMIN,
}
_RANK = {role: rank for rank, role in enumerate(Role)}


def may(role: Role | None, action: Action) -> bool:
    """Whether ``role`` may do ``action``; nobody, which is none, may do nothing."""
    return role is not None and _RANK[role] >= _RANK[_NEEDS[action]]


def role_of(request: Any) -> Role | None:
    """The role of who sent ``request``, a Starlette or a Gradio request. Without a users file all are admins.

    None for a request that nobody signed in for, which reaches no handler behind the gate.
    """
    held = _scope(request).get(ROLE_KEY)
    return Role(held) if held else None


def user_of(request: Any) -> str:
    """The name that ``request`` was signed in with; empty where there are no users."""
    return str(_scope(request).get(USER_KEY, ""))


def account_of(request: Any) -> str:
    """The id of the account that ``request`` was signed in with; empty where there are no users."""
    return str(_scope(request).get(ACCOUNT_KEY, ""))


def _scope(request: Any) -> Mapping[str, Any]:
    # Gradio's request holds Starlette's. It has no other attribute of its own: asked for any, it converts it.
    held = getattr(request, "__dict__", {}).get("request", request)
    scope: Mapping[str, Any] = getattr(held, "scope", {})
    return scope
