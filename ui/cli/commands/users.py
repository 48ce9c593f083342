"""``onrecord users``: who may sign in to the chat."""

import getpass
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from index.errors import OnrecordError, SettingsError
from ui.auth.passwords import hash_password
from ui.auth.users_file import (
    User,
    add_user,
    change_users,
    find_user,
    read_users,
    remove_user,
    set_password,
    set_role,
    valid_name,
)
from ui.core.roles import Role
from ui.settings import Configuration


def run(config: Configuration, arguments: Namespace) -> int:
    """Do what ``arguments.action`` names to the users file."""
    if not config.web.auth:
        raise SettingsError('Name the users file with --auth FILE, or write auth = "FILE" into onrecord.toml.')
    return _ACTIONS[arguments.action](Path(config.web.auth).expanduser(), arguments)


def _add(file: Path, arguments: Namespace) -> int:
    name = valid_name(arguments.name)
    # The name is checked before anybody types a password for it.
    add_user(read_users(file) if file.exists() else {}, User(name, Role(arguments.role), ""))
    made = User(name, Role(arguments.role), hash_password(_password()))
    change_users(file, lambda users: add_user(users, made))
    print(f"Added {name}, {arguments.role}, to {file}.")
    return 0


def _list(file: Path, _: Namespace) -> int:
    for user in read_users(file).values():
        print(f"{user.name}  {user.role}")
    return 0


def _remove(file: Path, arguments: Namespace) -> int:
    gone = find_user(read_users(file), arguments.name)
    change_users(file, lambda users: remove_user(users, gone.name))
    print(f"Removed {gone.name} from {file}. No other account sees their conversations, nor one added by that name.")
    return 0


def _passwd(file: Path, arguments: Namespace) -> int:
    user = find_user(read_users(file), arguments.name)
    password = hash_password(_password())
    change_users(file, lambda users: set_password(users, user.name, password))
    print(f"Changed the password of {user.name}, who is signed out.")
    return 0


def _role(file: Path, arguments: Namespace) -> int:
    user = find_user(read_users(file), arguments.name)
    change_users(file, lambda users: set_role(users, user.name, Role(arguments.role)))
    print(f"{user.name} is {arguments.role} from now on, and signs in again.")
    return 0


def _password() -> str:
    """Return the password typed twice at a terminal, else the first line of standard input.

    It is never an argument, which other processes can see.
    """
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
