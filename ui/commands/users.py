"""``onrecord users``: who may sign in to the chat."""

import getpass
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from index.errors import OnrecordError, SettingsError
from ui.configuration import Configuration
from ui.users.file import User, added, find, read_users, removed, sound_name, with_password, write_users
from ui.users.password import hashed
from ui.users.roles import Role


def run(config: Configuration, arguments: Namespace) -> int:
    """Do what ``arguments.action`` names to the users file."""
    if not config.web.auth:
        raise SettingsError('Name the users file with --auth FILE, or write auth = "FILE" into onrecord.toml.')
    return _ACTIONS[arguments.action](Path(config.web.auth).expanduser(), arguments)


def _add(file: Path, arguments: Namespace) -> int:
    users = read_users(file) if file.exists() else {}
    name = sound_name(arguments.name)
    # The name is looked at before anybody types a password for it.
    added(users, User(name, Role(arguments.role), ""))
    write_users(file, added(users, User(name, Role(arguments.role), hashed(_password()))).values())
    print(f"Added {name}, {arguments.role}, to {file}.")
    return 0


def _list(file: Path, _: Namespace) -> int:
    for user in read_users(file).values():
        print(f"{user.name}  {user.role}")
    return 0


def _remove(file: Path, arguments: Namespace) -> int:
    write_users(file, removed(read_users(file), arguments.name).values())
    print(f"Removed {arguments.name} from {file}.")
    return 0


def _passwd(file: Path, arguments: Namespace) -> int:
    users = read_users(file)
    find(users, arguments.name)
    write_users(file, with_password(users, arguments.name, hashed(_password())).values())
    print(f"Changed the password of {arguments.name}.")
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
}
