"""The roles and what each may do: readers ask, editors change the library, admins manage users and evaluations."""

from enum import StrEnum
from typing import Any

from ui.core.gradio_behaviours import asgi_scope

USER_KEY = "onrecord.user"  # where a request's ASGI scope holds the name of who signed in
ACCOUNT_KEY = "onrecord.account"  # the id of their account
ROLE_KEY = "onrecord.role"  # and their role


class Role(StrEnum):
    """A role; each may do what the ones before it may."""

    READER = "reader"
    EDITOR = "editor"
    ADMIN = "admin"


class Action(StrEnum):
    """Something that a role may or may not do."""

    ASK = "ask"
    LIBRARY = "library"
    USERS = "users"
    EVALS = "evals"


_REQUIRED_ROLES = {
    Action.ASK: Role.READER,
    Action.LIBRARY: Role.EDITOR,
    Action.USERS: Role.ADMIN,
    Action.EVALS: Role.ADMIN,
}
_RANK = {role: rank for rank, role in enumerate(Role)}


def may(role: Role | None, action: Action) -> bool:
    """Return whether ``role`` may do ``action``; None, for nobody signed in, may do nothing."""
    return role is not None and _RANK[role] >= _RANK[_REQUIRED_ROLES[action]]


def role_of(request: Any) -> Role | None:
    """Return the role of whoever sent ``request``, a Starlette or a Gradio request; admin without a users file.

    None for a request that nobody signed in for, which reaches no handler behind ``AuthMiddleware``.
    """
    held = asgi_scope(request).get(ROLE_KEY)
    return Role(held) if held else None


def user_of(request: Any) -> str:
    """Return the name that ``request`` was signed in with; empty where there are no users."""
    return str(asgi_scope(request).get(USER_KEY, ""))


def account_of(request: Any) -> str:
    """Return the id of the account that ``request`` was signed in with; empty where there are no users."""
    return str(asgi_scope(request).get(ACCOUNT_KEY, ""))
