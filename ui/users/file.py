"""The users file: one user a line as JSON, readable by its owner alone, written whole or not at all."""

import json
import os
import tempfile
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from index.errors import OnrecordError
from ui.users.password import is_hash
from ui.users.roles import Role

_LONGEST_NAME = 64


class BadUsers(OnrecordError):  # noqa: N818
    """The users file cannot be read or written, or holds a line that is none."""


class UserMissing(OnrecordError):  # noqa: N818
    """There is no such user."""


@dataclass(frozen=True, slots=True)
class User:
    """A name, what it may do, and its hashed password."""

    name: str
    role: Role
    password: str


def read_users(file: Path) -> Mapping[str, User]:
    """Every user by name, as they stand in the file. Raises BadUsers naming the line."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise BadUsers(f"There is no users file {file}. Make one: onrecord users add NAME --auth {file}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadUsers(f"The users file {file} could not be read ({error}). Check --auth.") from None
    found: dict[str, User] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            user = _user(line, f"{file}:{number}")
            if user.name in found:
                raise BadUsers(f"{file}:{number}: {user.name} stands there twice. Remove one of the lines.")
            found[user.name] = user
    return found


def write_users(file: Path, users: Iterable[User]) -> None:
    """Write the file, by name. Raises BadUsers."""
    lines = [
        json.dumps({"name": user.name, "role": str(user.role), "password": user.password}, ensure_ascii=False)
        for user in sorted(users, key=lambda user: user.name)
    ]
    text = "".join(f"{line}\n" for line in lines)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(dir=file.parent, prefix=file.name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as opened:
                opened.write(text)
                opened.flush()
                os.fsync(opened.fileno())
            Path(made).replace(file)
        except BaseException:
            with suppress(OSError):
                Path(made).unlink()
            raise
    except OSError as error:
        raise BadUsers(f"The users file {file} could not be written ({error.strerror}). Check --auth.") from None


def added(users: Mapping[str, User], user: User) -> Mapping[str, User]:
    """The users and one more. Raises BadUsers where the name is taken."""
    if user.name in users:
        raise BadUsers(
            f"There is a user {user.name} already. `onrecord users passwd {user.name}` changes the password."
        )
    return {**users, user.name: user}


def removed(users: Mapping[str, User], name: str) -> Mapping[str, User]:
    """The users without ``name``. Raises UserMissing."""
    find(users, name)
    return {other: user for other, user in users.items() if other != name}


def with_password(users: Mapping[str, User], name: str, password: str) -> Mapping[str, User]:
    """The users, ``name`` with another hashed password. Raises UserMissing."""
    return {**users, name: replace(find(users, name), password=password)}


def find(users: Mapping[str, User], name: str) -> User:
    """The user with this name. Raises UserMissing."""
    if name not in users:
        raise UserMissing(f"There is no user {name}. `onrecord users list` shows them.")
    return users[name]


def sound_name(name: str) -> str:
    """``name`` as it is kept. Raises BadUsers for one that could not be typed again or be mistaken for another."""
    kept = unicodedata.normalize("NFKC", name).strip()
    if not kept or len(kept) > _LONGEST_NAME or not all(c.isalnum() or c in "._-@" for c in kept):
        raise BadUsers(
            f"{name!r} cannot be a user's name. Use 1 to {_LONGEST_NAME} letters, digits, dots, hyphens, "
            "underscores and @."
        )
    return kept


def _user(line: str, where: str) -> User:
    try:
        row = json.loads(line)
        user = User(row["name"], Role(row["role"]), row["password"])
    except (ValueError, TypeError, KeyError):
        raise _no_user(where) from None
    if not isinstance(user.name, str) or not user.name or not is_hash(user.password):
        raise _no_user(where)
    return user


def _no_user(where: str) -> BadUsers:
    return BadUsers(
        f"{where} is no user: it needs a name, a role ({', '.join(Role)}) and a password as `onrecord users add` "
        "writes it."
    )
