from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from eval_fixtures import CASES, good, header, prepared_set
from hypothesis import given
from hypothesis import strategies as st

from evals.runner.run import evaluate, run_cases, with_figures
from evals.runner.store import (
    RunError,
    append_result,
    create_run,
    find_run,
    from_dict,
    list_runs,
    open_results,
    read_results,
    read_run,
    to_dict,
)

RESULTS = tuple(evaluate(prepared_set(), good, CASES))


def finished(runs: Path, name: str, started: str = "2025-03-01T10:00:00+00:00") -> Path:
    made = replace(header(name), started=started)
    folder = create_run(made, runs)
    run_cases(made, folder, prepared_set(), good)
    return folder


def test_a_run_comes_back_from_json_as_it_was() -> None:
    run = with_figures(replace(header(), results=RESULTS))
    assert from_dict(json.loads(json.dumps(to_dict(run)))) == replace(run, summary=json.loads(json.dumps(run.summary)))


@given(cut=st.integers(0, 400))
def test_a_line_torn_anywhere_is_dropped_and_the_rest_kept(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    folder = create_run(header(), tmp_path_factory.mktemp("runs"))
    with open_results(folder) as file:
        for result in RESULTS[:3]:
            append_result(result, file)
    path = folder / "results.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + whole.splitlines()[0][:cut])
    assert read_results(folder) == RESULTS[:3]
    with open_results(folder) as file:
        append_result(RESULTS[3], file)
    assert read_results(folder) == RESULTS[:4]


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    folder = create_run(header(), tmp_path)
    (folder / "results.jsonl").write_text('{"case_id": 1\n', encoding="utf-8")
    with pytest.raises(RunError, match=r"results\.jsonl:1: .*delete this line"):
        read_run(folder)


def test_a_run_has_one_writer(tmp_path: Path) -> None:
    folder = create_run(header(), tmp_path)
    with open_results(folder), pytest.raises(RunError, match="under way"), open_results(folder):
        pass


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../x", ".hidden", "a\\b"])
def test_an_id_is_one_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(RunError):
        create_run(header(name), tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_id_is_given_once(tmp_path: Path) -> None:
    create_run(header("a"), tmp_path)
    with pytest.raises(RunError, match="'a' already"):
        create_run(header("a"), tmp_path)


def test_a_run_is_found_by_id_beginning_last_and_path(tmp_path: Path) -> None:
    first = finished(tmp_path, "alpha-1", "2025-03-01T10:00:00+00:00")
    second = finished(tmp_path, "alpha-12", "2025-03-02T10:00:00+00:00")
    third = finished(tmp_path, "beta", "2025-03-01T11:00:00+00:00")
    assert find_run(tmp_path, "alpha-1") == first
    assert find_run(tmp_path, "alpha-12") == second
    assert find_run(tmp_path, "b") == third
    assert find_run(tmp_path, "last") == second
    assert find_run(tmp_path, str(third)) == third
    assert read_run(find_run(tmp_path, str(third / "report.json"))) == read_run(third)
    assert [info.run.id for info in list_runs(tmp_path)] == ["alpha-12", "beta", "alpha-1"]
    with pytest.raises(RunError, match="2 runs begin with"):
        find_run(tmp_path, "alpha")
    with pytest.raises(RunError, match="no run 'gamma'"):
        find_run(tmp_path, "gamma")
    with pytest.raises(RunError, match="no runs in"):
        find_run(tmp_path / "nowhere", "last")


def test_what_is_no_run_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    for text in ("", "[]", "{}", '{"id": "a", "results": [3]}'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(RunError):
            read_run(path)


def test_the_list_shows_unfinished_runs_and_passes_over_rubbish(tmp_path: Path) -> None:
    finished(tmp_path, "done")
    folder = create_run(header("begun"), tmp_path)
    with open_results(folder) as file:
        append_result(RESULTS[0], file)
    (tmp_path / "rubbish").mkdir()
    (tmp_path / "rubbish" / "run.json").write_text("{", encoding="utf-8")
    shown = {info.run.id: (bool(info.run.finished), info.done) for info in list_runs(tmp_path)}
    assert shown == {"done": (True, 12), "begun": (False, 1)}
