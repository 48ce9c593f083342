"""``onrecord eval``: measure an answerer over a set, and compare runs. Imports nothing heavy."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from index.config import IndexConfig
from index.errors import OnrecordError
from index.settings import build_group, resolve_settings
from index.system.streams import prepare_streams
from rag.config import ModelConfig, RagConfig

OK, USER_ERROR, FAILED, UNDECIDED, INTERRUPTED = 0, 1, 2, 3, 130

_FILE = Path("onrecord.toml")
_GROUPS: tuple[type[Any], ...] = (IndexConfig, RagConfig, ModelConfig)
_MAX_PROBLEMS_PRINTED = 20
_EPILOG = """\
A RUN is an id, the beginning of one, `last`, or a path to a run's folder or report.json.
Exit codes: 0 done, 1 something you can fix (one line says what), 2 below --fail-under or a regression,
3 cannot tell whether it is a regression: the cases that differ are of too few documents."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings that a measurement depends on."""

    index: IndexConfig
    rag: RagConfig
    model: ModelConfig


class UsageError(OnrecordError):
    """The command line cannot be parsed."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 user error, 2 failed, 3 undecided, 130 stopped."""
    prepare_streams()
    try:
        arguments = parser().parse_args(argv)
        module = import_module(f"evals.commands.{arguments.module}")
        return int(module.run(_configuration(os.environ, vars(arguments)), arguments))
    except OnrecordError as error:
        _print_problems(str(error))
        return USER_ERROR


def parser() -> argparse.ArgumentParser:
    """Build the parser of ``onrecord eval`` with all its commands."""
    top = _Parser(
        prog="onrecord eval",
        description="Measure how well questions are answered, and see whether a change made it better.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="eval_command", metavar="COMMAND", required=True)
    _run(commands)
    _compare(commands)
    _report(commands)
    _sets(commands)
    return top


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        # argparse would exit with 2, which here means a measurement that failed.
        raise UsageError(f"{message}. See `{self.prog} --help`.")


_Commands: TypeAlias = "argparse._SubParsersAction[_Parser]"


def _run(commands: _Commands) -> None:
    run = _command(commands, "run", "run", "ask every case of a set, score the answers, keep the run")
    run.add_argument("set", nargs="?", metavar="SET", help="cases, as .jsonl, .csv or .yaml")
    run.add_argument("--documents", nargs="+", action="extend", metavar="PATH", help="ask over these alone")
    run.add_argument(
        "--answerer",
        metavar="NAME",
        help="quoted, dense or keyword (one side of the search), a language model as --llm takes it, or "
        "package.module:function; --llm where that is set, else quoted",
    )
    run.add_argument("--llm", metavar="KIND/NAME", help="the language model that writes, such as ollama/llama3.2")
    run.add_argument("--judge", metavar="MODULE:FUNCTION", help="also let a language model judge: prompt to reply")
    run.add_argument("--limit", type=_positive, metavar="N", help="ask the first N cases only")
    run.add_argument("--workers", type=_positive, metavar="N", help="ask so many at once (1)")
    run.add_argument("--timeout", type=_seconds, metavar="S", help="give up on a case after so many seconds")
    run.add_argument("--name", metavar="NAME", help="the run's id; otherwise time, set and answerer")
    run.add_argument(
        "--resume", nargs="?", const="last", metavar="RUN", help="go on with an unfinished run; the set's last"
    )
    run.add_argument(
        "--fail-under",
        action="append",
        default=[],
        metavar="METRIC=VALUE",
        help="exit with 2 when a mean is worse",
    )
    run.add_argument(
        "--fail-on-regression",
        nargs="?",
        const="last",
        metavar="RUN",
        help="exit with 2 when worse than RUN for certain, with 3 when there is no telling; the answerer's last run of "
        "this set",
    )
    run.add_argument("--json", action="store_true", help="print the figures as JSON")


def _compare(commands: _Commands) -> None:
    compare = _command(commands, "compare", "compare", "say whether run B is better than run A, case by case")
    compare.add_argument("a", metavar="A", help="the baseline")
    compare.add_argument("b", metavar="B")
    compare.add_argument("--json", action="store_true", help="print everything as JSON")


def _report(commands: _Commands) -> None:
    report = _command(commands, "report", "report", "write a run as a page, Markdown, CSV or JSON")
    report.add_argument("name", metavar="RUN")
    report.add_argument("--format", choices=("html", "md", "csv", "json"), default="html", help="html")
    report.add_argument("--out", type=Path, metavar="FILE", help="where to; a page goes into the run's folder")
    listing = _command(commands, "list", "list_runs", "list the runs, the latest first")
    listing.add_argument("--json", action="store_true", help="print them as JSON")


def _sets(commands: _Commands) -> None:
    importing = _command(commands, "import", "import_set", "make a set of SQuAD, BEIR, TREC and other formats")
    importing.add_argument("source", metavar="SRC", help="a file or folder as its makers give it")
    importing.add_argument("destination", metavar="DEST", help="a new folder for documents/ and cases.jsonl")
    importing.add_argument("--format", default="", help="squad, beir, chroma, smart, trec, ragchecker, ragas, plain")
    check = _command(commands, "check", "check", "check that a set is sound and its evidence is in the documents")
    check.add_argument("set", metavar="SET")
    check.add_argument(
        "--documents",
        nargs="+",
        action="extend",
        metavar="PATH",
        help="look in these alone",
    )


def _command(commands: _Commands, name: str, module: str, about: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=about, description=about.capitalize() + ".")
    command.set_defaults(module=module)
    settings = command.add_argument_group("settings")
    for cls in _GROUPS:
        for setting in fields(cls):
            if (module, setting.name) == ("run", "llm"):
                continue  # explained among the command's own words
            flag = "--" + setting.name.replace("_", "-")
            settings.add_argument(flag, dest=setting.name, default=None, metavar="VALUE", help=argparse.SUPPRESS)
    settings.description = "Any setting as a flag, such as --data-dir FOLDER; `onrecord info` lists them."
    return command


def _configuration(environ: Mapping[str, str], flags: Mapping[str, Any]) -> Configuration:
    # The same file and environment also hold settings of the faces, which are none of ours.
    settings = resolve_settings(_GROUPS, _FILE, environ, flags, ignore_unknown=True)
    return Configuration(
        build_group(IndexConfig, settings), build_group(RagConfig, settings), build_group(ModelConfig, settings)
    )


def _print_problems(message: str) -> None:
    """Print one line for each problem, as sets may have many; a long list is cut."""
    lines = [" ".join(line.split()) for line in message.splitlines() if line.strip()]
    for line in lines[:_MAX_PROBLEMS_PRINTED]:
        print(f"onrecord: {line}", file=sys.stderr)
    if len(lines) > _MAX_PROBLEMS_PRINTED:
        print(f"onrecord: … and {len(lines) - _MAX_PROBLEMS_PRINTED} more.", file=sys.stderr)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text} is not a time above 0")
    return value


if __name__ == "__main__":
    sys.exit(main())
