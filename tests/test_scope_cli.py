"""Dates and outlets on the command line, with the real model, over files that date themselves."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import command_line
import pytest

from index.text.dates import DATE_FORMS

FILES = {
    "strike-2024.txt": "Date: 2024-05-05\nOutlet: Harbour Post\n\nFerry crews went on strike for nine days over pay, "
    "the union said. Nobody crossed the harbour in that time.",
    "strike-2025.md": "---\ntitle: Crews walk out again\ndate: 2025-02-12\noutlet: Old Wire\n---\n\n"
    "Ferry crews went on strike for three days over pay, the union said.",
    "undated.txt": "Ferry crews went on strike for sixty days over pay in the old days, the union said.",
}
QUESTION = "How long did ferry crews go on strike over pay?"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def onrecord(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run the command where the files are indexed."""
    home = tmp_path_factory.mktemp("scope")
    (home / "news").mkdir()
    for name, text in FILES.items():
        (home / "news" / name).write_text(text, encoding="utf-8")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        # Which documents are searched is the matter here, not how much evidence is enough.
        return command_line.run(*arguments, cwd=home, ONRECORD_REFUSE_BELOW="0")

    done = run("index", "news")
    assert "3 new" in done.stdout, done.stderr
    return run


def cited(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The names of the files an answer cites, each once."""
    assert done.returncode == 0, done.stdout + done.stderr
    return list(dict.fromkeys(Path(c["source"]).name for c in json.loads(done.stdout)["citations"]))


def test_dates_and_outlets_choose_the_documents(onrecord: Run) -> None:
    assert cited(onrecord("ask", QUESTION, "--json", "--since", "2025")) == ["strike-2025.md"]
    assert cited(onrecord("ask", QUESTION, "--json", "--until", "2024-05")) == ["strike-2024.txt"]
    assert cited(onrecord("ask", QUESTION, "--json", "--outlet", "harbour post")) == ["strike-2024.txt"]
    both = onrecord("search", QUESTION, "--json", "--outlet", "harbour post", "--outlet", "OLD WIRE", "--as-of", "2025")
    assert {hit["metadata"]["outlet"] for hit in json.loads(both.stdout)} == {"Harbour Post", "Old Wire"}


def test_the_question_itself_can_name_the_time(onrecord: Run) -> None:
    done = onrecord(
        "ask", "How long did ferry crews go on strike over pay last week?", "--json", "--as-of", "2025-02-19"
    )
    assert cited(done) == ["strike-2025.md"]
    record = json.loads(done.stdout)
    assert record["scope"]["since"] == "2025-02-10"
    assert record["scope"]["as_of"] == "2025-02-19"
    assert "last week" in record["note"]
    latest = onrecord("ask", "What is the latest on the ferry strike?", "--json")
    assert cited(latest)[0] == "strike-2025.md"


def test_the_date_stands_with_every_source(onrecord: Run) -> None:
    done = onrecord("ask", QUESTION, "--since", "2025")
    assert "[1] Crews walk out again, Old Wire, 2025-02-12" in done.stdout
    assert "Searched only documents published since 1 January 2025." in done.stdout
    refused = onrecord("ask", "How do I bake sourdough bread?", "--since", "2025", "--refuse-below", "0.9")
    assert refused.returncode == 3
    assert "    Crews walk out again, Old Wire, 2025-02-12" in refused.stdout
    assert "Crews walk out again, Old Wire, 2025-02-12  (" in onrecord("search", "ferry", "--since", "2025").stdout


def test_nothing_in_scope_is_a_refusal_that_says_so(onrecord: Run) -> None:
    done = onrecord("ask", QUESTION, "--since", "1999", "--until", "1999")
    assert done.returncode == 3
    assert done.stdout.strip() == "No document published in 1999 is in the index."


@pytest.mark.parametrize(
    ("command", "flags", "expected"),
    [
        ("ask", ("--since", "12 May"), DATE_FORMS),
        ("search", ("--as-of", "2025-02-31"), "'2025-02-31' is not a date"),
        ("ask", ("--since", "2025", "--until", "2024"), "end before they begin"),
        ("search", ("--outlet", "BBC"), "'BBC'. The index has Harbour Post, Old Wire."),
    ],
)
def test_a_bad_flag_is_one_clear_line(onrecord: Run, command: str, flags: tuple[str, ...], expected: str) -> None:
    done = onrecord(command, QUESTION, *flags)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert expected in done.stderr


def test_collections_are_filled_asked_and_removed(onrecord: Run) -> None:
    made = onrecord("collections", "add", "Old news", "strike-2024.txt", "undated.txt")
    assert made.stdout == "Old news holds 2 of 3 documents.\n"
    assert set(cited(onrecord("ask", QUESTION, "--json", "--in", "old NEWS", "--until", "2024"))) == {"strike-2024.txt"}
    assert onrecord("collections", "rm", "Old news", "undated.txt").returncode == 0
    assert onrecord("collections", "list").stdout == "Old news  (1 document)\n"
    wrong = onrecord("search", QUESTION, "--in", "No news")
    assert wrong.returncode == 1
    assert wrong.stderr == "onrecord: There is no collection 'No news'. There are: Old news.\n"
    assert onrecord("collections", "rm", "old news").returncode == 0
    assert json.loads(onrecord("collections", "list", "--json").stdout) == {}
    assert len(json.loads(onrecord("list", "--json").stdout)) == 3
