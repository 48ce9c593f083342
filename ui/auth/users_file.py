"""The users file: one user a line as JSON, readable by its owner alone, written whole or not at all."""

import json
import logging
import os
import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from index.errors import OnrecordError
from ui.auth.passwords import is_hash, nfkc
from ui.core.roles import Role

try:
    import fcntl
except ImportError:  # pragma: no cover - a system without advisory locks goes unguarded
    fcntl = None  # type: ignore[assignment]

_log = logging.getLogger(__name__)

MAX_NAME_LENGTH = 64  # characters
_MAX_ID_LENGTH = 1_000  # characters; ids of old accounts are names, which could be written by hand


class UsersFileError(OnrecordError):
    """The users file cannot be read or written, or holds an invalid line."""


class UserMissingError(OnrecordError):
    """There is no such user."""


@dataclass(frozen=True, slots=True)
class User:
    """An account: a name, a role and a hashed password.

    ``id`` is given out once, at random, and the account's conversations are kept under it: another account that is
    given the same name later does not see them. An account from before there were ids has its name as its id.
    """

    name: str
    role: Role
    password: str
    id: str = field(default_factory=lambda: secrets.token_hex(16))


def read_users(file: Path) -> Mapping[str, User]:
    """Return every user in the file by name. Raises UsersFileError that names the line."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise UsersFileError(
            f"There is no users file {file}. Make one: onrecord users add NAME --auth {file}"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsersFileError(f"The users file {file} could not be read ({error}). Check --auth.") from None
    found: dict[str, User] = {}
    ids: set[str] = set()
    for number, line in enumerate(lines, 1):
        if line.strip():
            user = _parse_user(line, f"{file}:{number}")
            if user.name in found:
                raise UsersFileError(f"{file}:{number}: {user.name} stands there twice. Remove one of the lines.")
            if user.id in ids:
                raise UsersFileError(
                    f"{file}:{number}: {user.name} has the id of another account. Remove one of the lines."
                )
            found[user.name] = user
            ids.add(user.id)
    return found


def change_users(file: Path, change: Callable[[Mapping[str, User]], Mapping[str, User]]) -> None:
    """Write what ``change`` makes of the users that are in the file now; a missing file holds nobody.

    Other processes that change the file wait meanwhile, so that none undoes another's change. Raises UsersFileError.
    """
    with _exclusive(file):
        write_users(file, change(read_users(file) if file.exists() else {}).values())


def write_users(file: Path, users: Iterable[User]) -> None:
    """Write the file, sorted by name. Raises UsersFileError."""
    lines = [
        json.dumps(
            {"name": user.name, "id": user.id, "role": str(user.role), "password": user.password}, ensure_ascii=False
        )
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
        raise UsersFileError(f"The users file {file} could not be written ({error.strerror}). Check --auth.") from None


def add_user(users: Mapping[str, User], user: User) -> Mapping[str, User]:
    """Return the users and one more. Raises UsersFileError where the name is taken."""
    if user.name in users:
        raise UsersFileError(
            f"There is a user {user.name} already. `onrecord users passwd {user.name}` changes the password."
        )
    return {**users, user.name: user}


def remove_user(users: Mapping[str, User], name: str) -> Mapping[str, User]:
    """Return the users without ``name``. Raises UserMissingError."""
    gone = find_user(users, name)
    return {other: user for other, user in users.items() if user != gone}


def set_password(users: Mapping[str, User], name: str, password: str) -> Mapping[str, User]:
    """Return the users, ``name`` with another hashed password. Raises UserMissingError."""
    changed = replace(find_user(users, name), password=password)
    return {**users, changed.name: changed}


def set_role(users: Mapping[str, User], name: str, role: Role) -> Mapping[str, User]:
    """Return the users, ``name`` in another role. Raises UserMissingError."""
    changed = replace(find_user(users, name), role=role)
    return {**users, changed.name: changed}


def find_user(users: Mapping[str, User], name: str) -> User:
    """Return the user with this name. Raises UserMissingError."""
    found = users.get(normalize_name(name))
    if found is None:
        raise UserMissingError(f"There is no user {name}. `onrecord users list` shows them.")
    return found


def normalize_name(name: str) -> str:
    """Return ``name``, as somebody typed it, in the form in which names are kept."""
    return nfkc(name).strip()


def valid_name(name: str) -> str:
    """Return ``name`` as it is kept.

    Raises UsersFileError for a name that could not be typed again or be mistaken for another.
    """
    kept = normalize_name(name)
    if not kept or len(kept) > MAX_NAME_LENGTH or not all(c.isalnum() or c in "._-@" for c in kept):
        raise UsersFileError(
            f"{name!r} cannot be a user's name. Use 1 to {MAX_NAME_LENGTH} letters, digits, dots, hyphens, "
            "underscores and @."
        )
    return kept


def _parse_user(line: str, where: str) -> User:
    try:
        row = json.loads(line)
        name, id_ = row["name"], row.get("id", row["name"])
        user = User(normalize_name(name), Role(row["role"]), row["password"], id_)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise _invalid_user(where) from None
    if not user.name or not isinstance(id_, str) or not 0 < len(id_) <= _MAX_ID_LENGTH or not is_hash(user.password):
        raise _invalid_user(where)
    return user


@contextmanager
def _exclusive(file: Path) -> Iterator[None]:
    """Lock the folder, since the file itself is replaced, so that one process changes the file at a time."""
    if fcntl is None:
        yield
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file.parent, os.O_RDONLY)
    except OSError as error:
        raise UsersFileError(f"The users file {file} could not be written ({error.strerror}). Check --auth.") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError as error:  # some network disks have no such locks
            _log.warning("%s cannot be locked (%s); change it from one process at a time", file.parent, error.strerror)
        yield
    finally:
        os.close(handle)


def _invalid_user(where: str) -> UsersFileError:
    return UsersFileError(
        f"{where} is no user: it needs a name, an id, a role ({', '.join(Role)}) and a password as "
        "`onrecord users add` writes them."
    )
