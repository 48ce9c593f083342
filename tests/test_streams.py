"""Output in encodings that lack what documents say, on streams that are closed, full, or read by nobody."""

import io
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import run_bytes
from conftest import watched
from eval_fixtures import CASES, make_index, write_documents

from evals.datasets.cases import save_cases
from index.system.streams import flush_streams, prepare_streams
from ui.cli.main import main

NOTE = """Łódź → Ōsaka

The café in Łódź opens at 8 → 17, said Жанна 😀. The ferry to Ōsaka → Kobe costs €20, which is “cheap”.
"""
QUESTION = "How much does the ferry to Kobe cost?"
ASCII_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
# Settings that give a program poor streams, and what Python makes of its output with them.
POOR = [
    ({"PYTHONIOENCODING": "cp1252"}, "cp1252", "strict"),
    ({"PYTHONIOENCODING": "ascii"}, "ascii", "strict"),
    (ASCII_LOCALE, "ascii", "surrogateescape"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index of one note in many alphabets."""
    made = tmp_path_factory.mktemp("home")
    (made / "note.txt").write_text(NOTE, encoding="utf-8")
    done = run_bytes("index", "note.txt", cwd=made, encoding="ascii")
    assert done.returncode == 0, done.stderr
    return made


def onrecord(*words: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[bytes]:
    line = [sys.executable, "-m", "ui.cli.main", *words]
    env = watched(cwd / "network.log") | {"PYTHONPATH": os.pathsep.join(sys.path)} | environ
    return subprocess.run(line, capture_output=True, cwd=cwd, env=env, timeout=240, check=False)


def shell(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = watched(cwd / "network.log") | {"PYTHONPATH": os.pathsep.join(sys.path)}
    line = line.replace("onrecord", f"{shlex.quote(sys.executable)} -m ui.cli.main")
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, cwd=cwd, env=env, timeout=120, check=False
    )


@pytest.mark.parametrize(("environ", "encoding", "errors"), POOR)
def test_a_process_writes_to_every_code_page(home: Path, environ: dict[str, str], encoding: str, errors: str) -> None:
    done = onrecord("show", "note.txt", cwd=home, **environ)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "\\u" in done.stdout.decode(encoding)
    assert done.stdout == run_bytes("show", "note.txt", cwd=home, encoding=encoding, errors=errors).stdout


@pytest.mark.parametrize(("encoding", "errors"), [poor[1:] for poor in POOR])
def test_every_command_writes_to_every_code_page(home: Path, encoding: str, errors: str) -> None:
    for words in (["show", "note.txt"], ["list"], ["ask", QUESTION], ["info", "--top-k", "→"]):
        done = run_bytes(*words, cwd=home, encoding=encoding, errors=errors)
        said = (done.stdout + done.stderr).decode(encoding)
        assert done.returncode == int(words[0] == "info"), said
        assert "\\u" in said, said


@pytest.mark.parametrize(("encoding", "errors"), [poor[1:] for poor in POOR])
def test_json_stays_json_in_every_code_page(home: Path, encoding: str, errors: str) -> None:
    for words in (["show", "note.txt", "--json"], ["list", "--json"], ["search", "ferry", "--json"]):
        done = run_bytes(*words, cwd=home, encoding=encoding, errors=errors)
        whole = run_bytes(*words, cwd=home)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout.decode(encoding)) == json.loads(whole.stdout.decode())


def test_events_on_standard_error_stay_json(home: Path, tmp_path: Path) -> None:
    (tmp_path / "😀 é.txt").write_text("", encoding="utf-8")
    done = run_bytes("index", home / "note.txt", tmp_path / "😀 é.txt", "--json", cwd=tmp_path, encoding="ascii")
    told = [json.loads(line) for line in done.stderr.decode("ascii").splitlines()]
    assert any("😀 é.txt" in event.get("path", "") for event in told)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("onrecord show note.txt | true; echo ${PIPESTATUS[0]}", "0"),
        ("onrecord list | true; echo ${PIPESTATUS[0]}", "0"),
        ("onrecord --help | true; echo ${PIPESTATUS[0]}", "0"),
        ("onrecord eval --help | true; echo ${PIPESTATUS[0]}", "0"),
        ("onrecord list 2>&1 | true; echo ${PIPESTATUS[0]}", "0"),
        ("onrecord list >&-; echo $?", "0"),
        ("onrecord list 2>&- >/dev/null; echo $?", "0"),
        ("onrecord list <&- >&- 2>&-; echo $?", "0"),
        ("onrecord list > /dev/full; echo $?", "1"),
    ],
)
def test_a_stream_that_takes_nothing_is_no_traceback(home: Path, line: str, code: str) -> None:
    done = shell(line, home)
    assert done.stdout.strip() == code
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert len(done.stderr.splitlines()) == ("/dev/full" in line)


def test_a_closed_error_stream_keeps_events_out_of_the_output(home: Path) -> None:
    done = shell("onrecord index note.txt --json 2>&-", home)
    assert json.loads(done.stdout)["same"] == 1


def test_evaluations_write_to_every_code_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_index(tmp_path / "data", write_documents(tmp_path / "docs"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ONRECORD_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "Ωmega.jsonl").write_text('{"id": "→"}\n', encoding="utf-8")
    save_cases(CASES, tmp_path / "towns.jsonl")
    written = io.BytesIO()
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.TextIOWrapper(written, encoding="ascii", write_through=True))
    assert main(["eval", "check", "Ωmega.jsonl"]) == 1
    assert main(["eval", "check", "towns.jsonl"]) == 0
    assert main(["eval", "report", "Ωmega"]) == 1
    assert main(["eval", "list", "--json"]) == 0
    assert written.getvalue().count(rb"\u03a9mega") >= 2


@pytest.mark.parametrize("errors", ["replace", "ignore", "xmlcharrefreplace"])
def test_who_chose_another_way_keeps_it(errors: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream: Any = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors=errors)
    monkeypatch.setattr(sys, "stdout", stream)
    prepare_streams()
    assert (stream.errors, flush_streams()) == (errors, "")
