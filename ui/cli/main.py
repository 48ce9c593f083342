"""The command line: ``onrecord COMMAND``, one of ``commands``."""

import errno
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from index.errors import OnrecordError
from index.system.streams import flush_streams, prepare_streams
from ui.cli.arguments import parser
from ui.settings import Configuration, configuration

OK, USER_ERROR, REFUSED = 0, 1, 3
_INTERRUPTED = 130

Command = Callable[[Configuration, Any], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done or answered, 1 an error the user can fix, 3 refused."""
    prepare_streams()
    try:
        code = _run(argv)
    except BrokenPipeError:
        # The reader of the output closed it, as `head` does, which is no error.
        code = OK
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        code = _complain("the disk that is written to is full. Make room and run this again.")
    except SystemExit:
        flush_streams()
        raise
    unwritten = flush_streams()
    return _complain(f"the output could not be written: {unwritten}.") if unwritten else code


def _run(argv: Sequence[str] | None) -> int:
    arguments = parser().parse_args(argv)
    try:
        if "load" in arguments:
            return int(arguments.load()(arguments.rest))
        return commands()[arguments.command](configuration(os.environ, vars(arguments)), arguments)
    except OnrecordError as error:
        return _complain(" ".join(str(error).split()))
    except KeyboardInterrupt:
        print("onrecord: stopped; what was finished is kept.", file=sys.stderr)
        return _INTERRUPTED


def _complain(message: str) -> int:
    print(f"onrecord: {message}", file=sys.stderr)
    return USER_ERROR


def commands() -> Mapping[str, Command]:
    """Return every command by name; its module is imported when it is run."""
    return {
        "index": lambda c, a: _from("ui.cli.commands.index").run(c, a),
        "rebuild": lambda c, a: _from("ui.cli.commands.rebuild").run(c, a),
        "ask": lambda c, a: _from("ui.cli.commands.ask").run(c, a),
        "search": lambda c, a: _from("ui.cli.commands.ask").run_search(c, a),
        "list": lambda c, a: _from("ui.cli.commands.documents").run_list(c, a),
        "show": lambda c, a: _from("ui.cli.commands.documents").run_show(c, a),
        "rm": lambda c, a: _from("ui.cli.commands.documents").run_remove(c, a),
        "collections": lambda c, a: _from("ui.cli.commands.documents").run_collections(c, a),
        "conversations": lambda c, a: _from("ui.cli.commands.conversations").run(c, a),
        "chat": lambda c, a: _from("ui.cli.commands.chat").run(c, a),
        "mcp": lambda c, a: _from("ui.cli.commands.mcp").run(c, a),
        "users": lambda c, a: _from("ui.cli.commands.users").run(c, a),
        "info": lambda c, a: _from("ui.cli.commands.info").run(c, a),
        "backup": lambda c, a: _from("ui.cli.commands.backup").run(c, a),
        "restore": lambda c, a: _from("ui.cli.commands.backup").run_restore(c, a),
        "doctor": lambda c, a: _from("ui.cli.commands.doctor").run(c, a),
    }


def _from(module: str) -> Any:
    from importlib import import_module

    return import_module(module)


if __name__ == "__main__":
    sys.exit(main())
