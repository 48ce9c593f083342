"""What each role may do: readers ask, editors also change the library, admins also manage users and evaluations."""

from enum import StrEnum
from typing import Any

USER_KEY = "onrecord.user"  # where a request's ASGI scope holds who signed in
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
    held = request if hasattr(request, "scope") else getattr(request, "request", None)
    scope = getattr(held, "scope", None)
    if scope is None or ROLE_KEY not in scope:
        return None
    return Role(scope[ROLE_KEY])


def user_of(request: Any) -> str:
    """The name that ``request`` was signed in with; empty where there are no users."""
    held = request if hasattr(request, "scope") else getattr(request, "request", None)
    return str(getattr(held, "scope", {}).get(USER_KEY, ""))
