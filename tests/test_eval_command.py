from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from eval_fixtures import ANSWERS, CASES, make_index, write_documents

from evals.cli import main
from evals.datasets.cases import save_cases
from evals.report.comparison_text import NO_CASE_DIFFERS
from evals.runner.store import read_results, read_run

ROOT = Path(__file__).parents[1]

# A shell that starts the tests in the background has its children ignore Ctrl-C.
STOPPABLE = (
    "import signal, sys\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "from evals.cli import main\nsys.exit(main(sys.argv[1:]))"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the towns' documents, their cases, an index in ``data`` and a module of answerers."""
    folder = tmp_path_factory.mktemp("towns")
    make_index(folder / "data", write_documents(folder / "docs"))
    save_cases(CASES, folder / "towns.jsonl")
    (folder / "answers.py").write_text(ANSWERS.format(tests=str(ROOT / "tests")), encoding="utf-8")
    return folder


@pytest.fixture
def world(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """``made`` as the current folder and configuration, without runs."""
    monkeypatch.chdir(made)
    monkeypatch.syspath_prepend(str(made))
    monkeypatch.setenv("ONRECORD_DATA_DIR", str(made / "data"))
    yield made
    for run in (made / "data" / "runs").glob("*"):
        for file in run.iterdir():
            file.unlink()
        run.rmdir()


def go(*words: str) -> int:
    return main(list(words))


def ask(name: str, answerer: str = "good", *more: str) -> int:
    return go("run", "towns.jsonl", "--answerer", f"answers:{answerer}", "--name", name, *more)


def test_run_prints_every_figure_and_keeps_the_run(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("first", "crashes", "--timeout", "0.5") == 0
    out = capsys.readouterr().out
    run = read_run(world / "data" / "runs" / "first")
    assert len(run.results) == len(CASES)
    row = next(line for line in out.splitlines() if line.startswith("answer_contained "))
    assert row.split() == ["answer_contained", "0.500", *row.split()[2:4], "8", "4", "4"]
    assert "6 crashed" in out
    assert "2 timed out" in out
    assert "Refusals: precision" in out
    assert "Latency: p50" in out
    report = Path(out.split("Report: ")[1].strip())
    assert "arches-Cork" in report.read_text(encoding="utf-8")
    assert (report.parent / "report.json").exists()
    assert run.conditions["versions"]["chromadb"]
    assert run.conditions["index"]["documents"] == 8
    assert run.conditions["timeout"] == 0.5


def test_run_as_json(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("first", "good", "--json", "--limit", "3") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["id"] == "first"
    assert said["estimates"]["hit@1"]["n"] == 3
    assert said["summary"]["cases"]["total"] == 3


def test_killed_half_way_and_gone_on_with(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = world / "data" / "runs" / "killed" / "results.jsonl"
    with start("killed", world) as process:
        wait_for_lines(results, 4, process)
        process.send_signal(signal.SIGKILL)
    kept = len(read_results(results.parent))
    assert 4 <= kept < len(CASES)
    with results.open("ab") as file:
        file.write(b'{"case_id": "torn')

    assert go("run", "towns.jsonl", "--resume") == 0
    assert ask("straight", "slow") == 0
    resumed, straight = (read_run(world / "data" / "runs" / name) for name in ("killed", "straight"))
    assert [replace(r, seconds=0) for r in resumed.results] == [replace(r, seconds=0) for r in straight.results]
    assert resumed.estimates == straight.estimates
    assert resumed.conditions["resumed"]
    capsys.readouterr()
    assert go("run", "--resume", "killed") == 1
    assert "finished" in capsys.readouterr().err


def test_an_interrupted_run_says_how_to_go_on(world: Path) -> None:
    results = world / "data" / "runs" / "stopped" / "results.jsonl"
    with start("stopped", world) as process:
        wait_for_lines(results, 3, process)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "onrecord eval run towns.jsonl --resume stopped" in error
    assert "Traceback" not in error
    assert go("run", "towns.jsonl", "--resume", "stopped") == 0


def test_a_run_is_not_gone_on_with_over_another_set(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("other", "good") == 0
    folder = world / "data" / "runs" / "other"
    header = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    (folder / "run.json").write_text(json.dumps({**header, "finished": "", "set_sha256": "0" * 64}))
    (folder / "report.json").unlink()
    assert go("run", "towns.jsonl", "--resume", "other") == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "the set changed" in said[0]


def start(name: str, world: Path) -> subprocess.Popen[str]:
    words = ["run", "towns.jsonl", "--answerer", "answers:slow", "--name", name]
    return subprocess.Popen(
        [sys.executable, "-c", STOPPABLE, *words], env=environment(), cwd=world, stderr=subprocess.PIPE, text=True
    )


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def wait_for_lines(path: Path, count: int, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        if path.exists() and path.read_bytes().count(b"\n") >= count:
            return
        time.sleep(0.02)
    pytest.fail("the run did not get as far")


@pytest.mark.parametrize(
    ("bounds", "code"),
    [
        (["answer_contained=0.9"], 0),
        (["novel_words=0.1", "refusal.f1=0.9"], 0),
        (["answer_contained=1.1"], 2),
        (["answer_contained=0.5", "refused_right=1.01"], 2),
        (["novel_words=-0.1"], 2),
        (["refusal.f1=1.5"], 2),
        (["answer_containd=0.5"], 1),
        (["answer_contained"], 1),
        (["answer_contained=much"], 1),
    ],
)
def test_fail_under_sets_the_exit_code(
    world: Path, capsys: pytest.CaptureFixture[str], bounds: list[str], code: int
) -> None:
    assert ask("gate", "good", *(word for bound in bounds for word in ("--fail-under", bound))) == code
    said = capsys.readouterr().err.splitlines()
    assert len(said) == (1 if code else 0)


def test_fail_on_regression(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("a", "good", "--fail-on-regression") == 0
    assert "no earlier run" in capsys.readouterr().err
    assert ask("b", "good", "--fail-on-regression") == 0
    assert ask("c", "off", "--fail-on-regression", "a") == 2
    said = capsys.readouterr().err
    assert "answer_contained is worse than in a: 1.000 → 0.000" in said
    assert "refused_right" not in said
    assert ask("d", "good", "--fail-on-regression", "c") == 0
    assert ask("e", "good", "--fail-on-regression", "nowhere") == 1
    assert not (world / "data" / "runs" / "e").exists(), "a missing baseline is found out before the run"


def test_a_gate_that_cannot_tell_says_so(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = world / "few.jsonl"
    save_cases(CASES[:1], few)
    assert go("run", str(few), "--answerer", "answers:good", "--name", "few-a") == 0
    assert go("run", str(few), "--answerer", "answers:good", "--name", "few-b", "--fail-on-regression", "few-a") == 0
    capsys.readouterr()
    asked = ("run", str(few), "--answerer", "answers:off", "--name", "few-c", "--fail-on-regression", "few-a", "--json")
    assert go(*asked) == 3
    out, said = capsys.readouterr()
    assert "cannot tell whether answer_contained is worse than in few-a: its cases (1) are of one group" in said
    told = json.loads(out)
    assert told["failures"] == [] and told["untold"]
    assert all(f"onrecord: {line}\n" in said for line in told["untold"])


def test_compare_says_what_differs_and_names_the_cases(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask("a", "good")
    ask("b", "off")
    capsys.readouterr()
    assert go("compare", "a", "b") == 0
    out = capsys.readouterr().out
    assert "answer_contained: arches-Arles, arches-Brno" in out
    conclusion = out.splitlines()[-1]
    assert conclusion.startswith("B is worse on")
    assert "answer_contained" in conclusion
    assert "citation_support" not in conclusion
    assert go("compare", "a", "a") == 0
    assert NO_CASE_DIFFERS in capsys.readouterr().out
    assert go("compare", "a", "b", "--json") == 0
    assert json.loads(capsys.readouterr().out)["metrics"]["answer_contained"]["verdict"] == "worse"


def test_list_and_report(world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert go("list") == 0
    assert "No runs" in capsys.readouterr().out
    ask("a", "off")
    capsys.readouterr()
    assert go("list") == 0
    assert "finished" in capsys.readouterr().out
    assert go("list", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["means"]["hit@1"] == 1
    for format_ in ("html", "md", "csv", "json"):
        assert go("report", "last", "--format", format_, "--out", str(tmp_path / format_)) == 0
        assert "arches-Cork" in (tmp_path / format_).read_text(encoding="utf-8")
    assert go("report", "last", "--out", str(tmp_path)) == 1
    assert go("report", "nowhere") == 1


def test_check_and_import(world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert go("check", "towns.jsonl") == 0
    assert "12 cases, 4 of them unanswerable; 8 pieces of evidence, each found, in 8" in capsys.readouterr().out
    assert go("check", "towns.jsonl", "--documents", "docs") == 0
    bad = tmp_path / "bad.jsonl"
    bad.write_text(
        '{"id": "a", "question": "?", "evidence": [{"document": "Cork.txt", "quote": "no such words"}]}\n'
        '{"id": "b", "question": "?", "evidence": [{"document": "Rome.txt", "quote": "x"}]}\n',
        encoding="utf-8",
    )
    capsys.readouterr()
    assert go("check", str(bad)) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert "bad.jsonl:1" in first
    assert "no such words" in first
    assert "bad.jsonl:2" in second
    squad = tmp_path / "squad.json"
    text = "The bridge of Cork has 13 arches."
    asked = {
        "id": "1",
        "question": "How many?",
        "answers": [{"text": "13", "answer_start": 23}],
        "is_impossible": False,
    }
    squad.write_text(json.dumps({"data": [{"title": "Cork", "paragraphs": [{"context": text, "qas": [asked]}]}]}))
    capsys.readouterr()
    assert go("import", str(squad), str(tmp_path / "set")) == 0
    assert "onrecord eval run" in capsys.readouterr().out
    cases, documents = str(tmp_path / "set" / "cases.jsonl"), str(tmp_path / "set" / "documents")
    assert go("check", cases, "--documents", documents) == 0
    assert go("import", str(squad), str(tmp_path / "set")) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["run"],
        ["run", "nowhere.jsonl"],
        ["run", "towns.jsonl", "--answerer", "nobody"],
        ["run", "towns.jsonl", "--answerer", "answers:nobody"],
        ["run", "towns.jsonl", "--answerer", "answers:not_callable"],
        ["run", "towns.jsonl", "--answerer", "nomodule:x"],
        ["run", "towns.jsonl", "--limit", "0"],
        ["run", "towns.jsonl", "--timeout", "-1"],
        ["run", "towns.jsonl", "--workers", "many"],
        ["run", "towns.jsonl", "--top-k", "many"],
        ["run", "towns.jsonl", "--resume", "nowhere"],
        ["run", "towns.jsonl", "--data-dir", "nowhere"],
        ["run", "towns.jsonl", "--documents", "nowhere"],
        ["compare", "a", "b"],
        ["nonsense"],
        [],
    ],
)
def test_a_users_mistake_is_one_line_and_1(world: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert go(*words) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("onrecord: ")
    assert not (world / "data" / "runs").exists() or not list((world / "data" / "runs").iterdir())


def test_settings_of_the_faces_are_left_to_them(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_PORT", "7999")
    (world / "onrecord.toml").write_text('host = "0.0.0.0"\n', encoding="utf-8")
    try:
        assert go("check", "towns.jsonl") == 0
    finally:
        (world / "onrecord.toml").unlink()


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom evals.cli import parser\nparser().format_help()\n"
        "heavy = {'numpy', 'chromadb', 'torch', 'gradio', 'yaml'} & set(sys.modules)\nassert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=environment(), cwd=ROOT)
