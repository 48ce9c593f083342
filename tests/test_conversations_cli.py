"""Conversations on the command line, as a user types them."""

import json
from pathlib import Path

import pytest
from command_line import failed_in_one_line
from command_line import run as onrecord
from conftest import SEEDS

FIRST = "What did Varga say about the tram?"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("talk")
    assert onrecord("index", SEEDS / "news", cwd=made).returncode == 0
    return made


def test_a_conversation_is_begun_continued_exported_renamed_and_removed(home: Path) -> None:
    failed_in_one_line(onrecord("ask", FIRST, "--continue", cwd=home), "--conversation NAME")
    begun = onrecord("ask", FIRST, "--conversation", "Trams", cwd=home)
    assert begun.returncode == 0
    assert "Began the conversation 'Trams'" in begun.stderr
    record = json.loads(onrecord("ask", "And Eckhart?", "--continue", "--json", cwd=home).stdout)
    assert record["question"] == "And Eckhart?"
    assert record["query"] == "What did Eckhart say about the tram?"
    assert {citation["speaker"] for citation in record["citations"]} == {"Karl Eckhart"}
    assert onrecord("ask", "and who won the chess match", "--conversation", "trams", cwd=home).returncode == 3
    (listed,) = json.loads(onrecord("conversations", "list", "--json", cwd=home).stdout)
    assert (listed["title"], listed["questions"]) == ("Trams", 3)
    assert listed["id"] in onrecord("conversations", "list", "eckhart", cwd=home).stdout
    assert onrecord("conversations", "list", "nowhere", cwd=home).stdout == ""
    assert "> And Eckhart?" in onrecord("conversations", "show", listed["id"][:5], cwd=home).stdout
    done = onrecord("conversations", "export", "Trams", "-o", "trams.md", cwd=home)
    assert (done.returncode, done.stdout) == (0, "")
    text = (home / "trams.md").read_text(encoding="utf-8")
    assert text.startswith("# Trams\n\n## What did Varga say about the tram?")
    assert "[^2]: “" in text
    exported = json.loads(onrecord("conversations", "export", "Trams", "--format", "json", cwd=home).stdout)
    assert [turn["question"] for turn in exported["turns"]] == [FIRST, "And Eckhart?", "and who won the chess match"]
    assert onrecord("conversations", "rename", "Trams", "Tunnels", cwd=home).stdout.strip().endswith(": Tunnels")
    assert onrecord("conversations", "rm", "tunnels", cwd=home).returncode == 0
    assert onrecord("conversations", "list", cwd=home).stdout == ""


def test_what_is_wrong_is_told_in_one_line(home: Path) -> None:
    failed_in_one_line(onrecord("conversations", "show", "nothing", cwd=home), "'nothing'", "conversations list")
    onrecord("ask", FIRST, "--conversation", "Here", cwd=home)
    failed_in_one_line(onrecord("conversations", "export", "Here", "-o", "no/such/a.md", cwd=home), "no/such/a.md")


def test_a_question_outside_a_conversation_is_not_kept(home: Path) -> None:
    before = onrecord("conversations", "list", cwd=home).stdout
    assert onrecord("ask", FIRST, cwd=home).returncode == 0
    assert onrecord("conversations", "list", cwd=home).stdout == before
