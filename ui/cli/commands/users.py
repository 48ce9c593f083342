"""``onrecord users``: who may sign in to the chat."""

import getpass
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from index.errors import OnrecordError, SettingsError
from ui.auth.passwords import hashed
from ui.auth.users_file import (
    User,
    added,
    change_users,
    find,
    read_users,
    removed,
    sound_name,
    with_password,
    with_role,
)
from ui.core.roles import Role
from ui.settings import Configuration


def run(config: Configuration, arguments: Namespace) -> int:
    """Do what ``arguments.action`` names to the users file."""
    if not config.web.auth:
        raise SettingsError('Name the users file with --auth FILE, or write auth = "FILE" into onrecord.toml.')
    return _ACTIONS[arguments.action](Path(config.web.auth).expanduser(), arguments)


def _add(file: Path, arguments: Namespace) -> int:
    name = sound_name(arguments.name)
    # The name is looked at before anybody types a password for it.
    added(read_users(file) if file.exists() else {}, User(name, Role(arguments.role), ""))
    made = User(name, Role(arguments.role), hashed(_password()))
    change_users(file, lambda users: added(users, made))
    print(f"Added {name}, {arguments.role}, to {file}.")
    return 0


def _list(file: Path, _: Namespace) -> int:
    for user in read_users(file).values():
        print(f"{user.name}  {user.role}")
    return 0


def _remove(file: Path, arguments: Namespace) -> int:
    gone = find(read_users(file), arguments.name)
    change_users(file, lambda users: removed(users, gone.name))
    print(f"Removed {gone.name} from {file}. No other account sees their conversations, nor one added by that name.")
    return 0


def _passwd(file: Path, arguments: Namespace) -> int:
    user = find(read_users(file), arguments.name)
    password = hashed(_password())
    change_users(file, lambda users: with_password(users, user.name, password))
    print(f"Changed the password of {user.name}, who is signed out.")
    return 0


def _role(file: Path, arguments: Namespace) -> int:
    user = find(read_users(file), arguments.name)
    change_users(file, lambda users: with_role(users, user.name, Role(arguments.role)))
    print(f"{user.name} is {arguments.role} from now on, and signs in again.")
    return 0


def _password() -> str:
    """Typed twice at a terminal, else the first line of standard input; never an argument, which others can see."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != first:
        raise OnrecordError("The two passwords differ; nothing was changed. Run this again.")
    return first


_ACTIONS: Mapping[str, Callable[[Path, Namespace], int]] = {
    "add": _add,
    "list": _list,
    "rm": _remove,
    "passwd": _passwd,
    "role": _role,
}
