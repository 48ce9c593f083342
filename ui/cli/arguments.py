"""The arguments of the command line. Imports nothing heavy, so that ``--help`` is instant."""

import argparse
from collections.abc import Callable
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Any, get_type_hints

from index.text.dates import DATE_FORMS
from ui.settings import GROUPS

_EPILOG = """\
Every setting can also stand in onrecord.toml (chunk_words = 120) or in the environment (ONRECORD_CHUNK_WORDS=120).
Exit codes: 0 answered or done, 1 something you can fix (one line says what), 3 the documents don't say."""


def parser() -> argparse.ArgumentParser:
    """Return the parser of ``onrecord`` with all its commands."""
    top = argparse.ArgumentParser(
        prog="onrecord",
        description="Ask your own documents; every sentence of an answer is cited to the exact words.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"onrecord {version('onrecord')}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _index(commands)
    _questions(commands)
    _documents(commands)
    _collections(commands)
    _conversations(commands)
    _chat(commands)
    _users(commands)
    _upkeep(commands)
    for entry in entry_points(group="onrecord.commands"):
        _added(commands, entry.name, entry.load)
    return top


def _command(commands: Any, name: str, about: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    settings = command.add_argument_group("settings")
    for group in GROUPS:
        for setting, kind in get_type_hints(group).items():
            flag = "--" + setting.replace("_", "-")
            settings.add_argument(
                flag, dest=setting, default=None, metavar=kind.__name__.upper(), help=argparse.SUPPRESS
            )
    settings.description = "Any setting as a flag, such as --data-dir FOLDER; `onrecord info` lists them."
    return command


def _index(commands: Any) -> None:
    index = _command(commands, "index", "bring the index in step with files and folders")
    index.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="a document or a folder of them")
    what = index.add_mutually_exclusive_group()
    what.add_argument("--rebuild", action="store_true", help="the same as `onrecord rebuild`, before the paths")
    what.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    what.add_argument("--watch", action="store_true", help="go on as files change, until Ctrl+C")
    index.add_argument(
        "--read-all", action="store_true", help="read every file, also those whose size and times are as they were"
    )
    _json(index, "print the report as JSON, and events a line each on standard error")
    index.add_argument("--workers", type=int, metavar="N", help="encode with N worker processes, through Ray")
    index.add_argument("--ray", metavar="ADDRESS", help="encode on the Ray cluster at this address")
    about = "chunk and embed the stored documents anew, without reading a file"
    rebuild = _command(commands, "rebuild", about)
    part = rebuild.add_mutually_exclusive_group()
    part.add_argument(
        "--rechunk", action="store_true", help="cut anew; passages that come out the same keep their vectors"
    )
    part.add_argument("--embed-only", action="store_true", help="embed the passages as they are cut")
    _json(rebuild, "print the report as JSON, and events a line each on standard error")


def _questions(commands: Any) -> None:
    ask = _command(commands, "ask", "answer a question from the documents, with citations")
    ask.add_argument("question")
    _json(ask, "print the whole answer with offsets")
    within = ask.add_mutually_exclusive_group()
    within.add_argument(
        "--conversation",
        default="",
        metavar="NAME",
        help="go on with the conversation of this name or id, or begin one; the answer is kept in it",
    )
    within.add_argument(
        "--continue", dest="latest", action="store_true", help="go on with the conversation that was changed last"
    )
    _scope(ask)
    search = _command(commands, "search", "find passages, without an answer")
    search.add_argument("query")
    _json(search, "print the passages with offsets")
    _scope(search)


def _scope(command: argparse.ArgumentParser) -> None:
    which = command.add_argument_group(
        "which documents", f"A DATE is {DATE_FORMS}. Documents without a date lie in no range of dates."
    )
    which.add_argument("--since", default="", metavar="DATE", help="published on this date or later")
    which.add_argument("--until", default="", metavar="DATE", help="published on this date or earlier")
    which.add_argument(
        "--as-of",
        default="",
        metavar="DATE",
        help='as if asked on this date: nothing later; "last week" counts from it',
    )
    which.add_argument(
        "--in",
        dest="collections",
        action="append",
        default=[],
        metavar="NAME",
        help="in this collection of the library; may be repeated",
    )
    which.add_argument("--outlet", action="append", default=[], metavar="NAME", help="published by it; may be repeated")


def _documents(commands: Any) -> None:
    listing = _command(commands, "list", "list the documents in the index")
    _json(listing, "print them as JSON")
    show = _command(commands, "show", "print a document as it was read")
    _document(show)
    _json(show, "print it with its metadata")
    remove = _command(commands, "rm", "remove a document from the index; its file stays")
    _document(remove)


def _collections(commands: Any) -> None:
    about = "list collections of documents, fill them and remove them"
    group = commands.add_parser("collections", help=about, description=about)
    actions = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = _command(actions, "list", "list the collections and how many documents they hold")
    _json(listing, "print them with their documents as JSON")
    add = _command(actions, "add", "put documents into a collection, made where it is new")
    remove = _command(actions, "rm", "take documents out of a collection, or remove it; the documents stay")
    for action, many in ((add, "+"), (remove, "*")):
        action.add_argument("name", help="what the collection is called")
        _document(action, "documents", nargs=many)


def _conversations(commands: Any) -> None:
    about = "list, show, rename, remove and export conversations"
    group = commands.add_parser("conversations", help=about, description=about)
    actions = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = _command(actions, "list", "list the conversations, the last changed first")
    listing.add_argument("words", nargs="*", metavar="WORD", help="only those that hold these words")
    _json(listing, "print them as JSON")
    rename = _command(actions, "rename", "give a conversation another title")
    export = _command(actions, "export", "write a conversation as Markdown with footnotes, HTML, DOCX or JSON")
    show = _command(actions, "show", "print a conversation with its sources")
    remove = _command(actions, "rm", "remove a conversation for good")
    for action in (show, rename, remove, export):
        action.add_argument("conversation", metavar="NAME", help="its title, or its id or the beginning of that")
    rename.add_argument("title", help="what to call it")
    export.add_argument("--format", choices=("md", "html", "docx", "json"), default="md", help="default: md")
    export.add_argument("-o", dest="output", type=Path, metavar="FILE", help="instead of standard output")


def _chat(commands: Any) -> None:
    _command(commands, "chat", "open the web chat")
    _command(commands, "mcp", "serve search, ask and read to an MCP client over standard input and output")


def _users(commands: Any) -> None:
    about = "add, list, change and remove who may sign in to the chat, in the file that --auth names"
    group = commands.add_parser("users", help=about, description=about)
    actions = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = _command(actions, "add", "add a user; the password is asked for, or read from standard input")
    passwd = _command(actions, "passwd", "change a user's password")
    role = _command(actions, "role", "change what a user may do; their conversations stay theirs")
    remove = _command(actions, "rm", "remove a user, who is signed out at once")
    _command(actions, "list", "list the users and their roles")
    for action in (add, passwd, role, remove):
        action.add_argument("name", metavar="NAME")
    roles = ("reader", "editor", "admin")
    role.add_argument("role", choices=roles)
    add.add_argument(
        "--role",
        choices=roles,
        default="reader",
        help="readers ask, editors also change the library, admins also manage users and evaluations; default: reader",
    )


def _upkeep(commands: Any) -> None:
    info = _command(commands, "info", "show the configuration, where each value comes from, and the index")
    _json(info, "print it as JSON")
    doctor = _command(commands, "doctor", "check that everything an answer needs is in order")
    doctor.add_argument("--repair", action="store_true", help="put in order what is not, from the texts in the index")
    _json(doctor, "print the checks as JSON, and events on standard error")
    backup = _command(commands, "backup", "write everything that is kept into one file")
    backup.add_argument("file", type=Path, metavar="FILE", help="the archive to write, such as onrecord.tar.gz")
    backup.add_argument("--force", action="store_true", help="write over a file that is there")
    restore = _command(commands, "restore", "put back what `onrecord backup` wrote")
    restore.add_argument("file", type=Path, metavar="FILE", help="an archive that `onrecord backup` wrote")
    restore.add_argument("--force", action="store_true", help="in the place of what lies in the data folder")


def _json(command: argparse.ArgumentParser, about: str) -> None:
    command.add_argument("--json", action="store_true", help=about)


def _document(command: argparse.ArgumentParser, name: str = "document", **more: Any) -> None:
    command.add_argument(name, metavar="DOC", help="id, file name or path", **more)


def _added(commands: Any, name: str, load: Callable[[], Any]) -> None:
    """Add a command of another package, loaded only when its name is typed, which keeps ``--help`` quick."""
    # No prefix for options: the command itself parses everything after its name, --help too.
    command = commands.add_parser(name, help=f"see `onrecord {name} --help`", add_help=False, prefix_chars="\0")
    command.add_argument("rest", nargs=argparse.REMAINDER)
    command.set_defaults(load=load)
