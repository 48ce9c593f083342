from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from eval_fixtures import CASES, DOCUMENTS, TOWNS, good, header, off, prepared_set

from evals.runner.records import Result, Run
from evals.runner.run import check_resumable, evaluate, run_cases
from evals.runner.store import RunError, create_run, read_results, read_run
from evals.runner.worker_threads import Outcome, run_in_threads
from evals.schema import Case
from rag.question.scope import EVERYTHING, Scope
from rag.schema import Answer, Turn


def by_case(results: Sequence[Result]) -> dict[str, Result]:
    return {result.case_id: result for result in results}


def run(folder: Path, answerer: object = good, **options: object) -> Run:
    made = header()
    return run_cases(made, create_run(made, folder), prepared_set(), answerer, **options)


def test_a_good_answerer_gets_full_marks(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.finished
    assert [result.case_id for result in done.results] == [case.id for case in CASES]
    for metric in ("hit@1", "passage_recall@4", "answer_contained", "evidence_covered", "citation_support"):
        assert done.estimates[metric].mean == 1, metric
        assert done.estimates[metric].n == 8
    assert done.estimates["refused_right"].n == 12
    assert done.estimates["novel_words"].mean == 0
    assert done.summary["refusal"]["f1"] == 1
    assert done.summary["cases"]["failed"] == 0
    assert not any(result.why for result in done.results)


def test_crashes_and_time_outs_are_results_that_count_as_the_worst(tmp_path: Path) -> None:
    over = threading.Event()

    def shaky(question: str, history: Sequence[Turn]) -> Answer:
        if "Cork" in question:
            raise ValueError("no bridge\nthere")
        if "Delft" in question:
            raise SystemExit(3)
        if "Arles" in question:
            over.wait(60)
        return good(question)

    done = run(tmp_path, shaky, timeout=2.0)
    over.set()
    found = by_case(done.results)
    assert len(found) == len(CASES)
    assert (found["arches-Cork"].status, found["arches-Cork"].error) == ("crashed", "ValueError: no bridge there")
    assert found["arches-Delft"].status == "crashed"
    assert found["arches-Arles"].status == "timed out"
    assert re.fullmatch(r"no answer within [2-9][\d.]* s", found["arches-Arles"].error)
    assert found["arches-Arles"].answer == {}
    contained = done.estimates["answer_contained"]
    assert (contained.n, contained.crashed, contained.mean) == (8, 3, pytest.approx(5 / 8))
    assert done.estimates["refused_right"].mean == pytest.approx(6 / 12)
    assert done.estimates["novel_words"].mean == pytest.approx(3 / 8), "of a share of novel words, 1 is the worst"
    assert done.summary["cases"]["crashed"] == 4
    assert done.summary["cases"]["timed_out"] == 2
    assert all(found[f"arches-{town}"].why for town in ("Cork", "Delft", "Arles"))


def test_a_crash_does_not_count_where_a_metric_does_not_apply(tmp_path: Path) -> None:
    def refuses_to_refuse(question: str, history: Sequence[Turn]) -> Answer:
        if "mayor" in question:
            raise ValueError
        return good(question)

    done = run(tmp_path, refuses_to_refuse)
    assert done.estimates["answer_contained"].crashed == 0
    assert done.estimates["answer_contained"].mean == 1
    assert done.estimates["refused_right"].crashed == 4


def test_what_is_no_answer_is_a_crash(tmp_path: Path) -> None:
    done = run(tmp_path, lambda question, history: 42)
    assert {result.status for result in done.results} == {"crashed"}
    assert "int" in done.results[0].error
    wild = run(tmp_path / "b", lambda question, history: replace(good(question), confidence=float("nan")))
    assert "confidence" in wild.results[0].error


def test_a_plain_text_is_an_answer_that_cites_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, lambda question, history: "" if "mayor" in question else f"{good(question).claims[0].text}")
    assert done.estimates["answer_contained"].mean == 1
    assert done.estimates["refused_right"].mean == 1
    assert done.estimates["citation_support"].mean == 0
    assert done.estimates["span_recall"].mean == 0


def test_an_answerer_that_takes_a_scope_is_told_the_day_of_a_case() -> None:
    told: list[Scope] = []

    def dated(question: str, history: Sequence[Turn], scope: Scope = EVERYTHING) -> Answer:
        told.append(scope)
        return good(question)

    cases = [replace(CASES[0], as_of="2025-02-12"), replace(CASES[0], as_of="2024-05-06T10:00:00"), CASES[0]]
    assert [result.status for result in evaluate(prepared_set(), dated, cases)] == ["answered"] * 3
    assert told == [Scope(as_of=date(2025, 2, 12)), Scope(as_of=date(2024, 5, 6)), EVERYTHING]
    undated = list(evaluate(prepared_set(), lambda question, history: good(question), cases))
    assert [result.status for result in undated] == ["answered"] * 3


def test_stopped_and_gone_on_with_is_the_same_as_never_stopped(tmp_path: Path) -> None:
    made = header()
    folder = create_run(made, tmp_path)
    stop = threading.Event()
    asked: list[str] = []

    def answer(question: str, history: Sequence[Turn]) -> Answer:
        asked.append(question)
        if len(asked) == 5:
            stop.set()
        return good(question)

    half = run_cases(made, folder, prepared_set(), answer, stop=stop)
    assert not half.finished
    kept = len(read_results(folder))
    assert 4 <= kept <= 5
    assert read_run(folder).estimates["answer_contained"].n == kept

    with (folder / "results.jsonl").open("ab") as file:
        file.write(b'{"case_id": "arches-Gh')
    asked.clear()
    whole = run_cases(made, folder, prepared_set(), answer)
    assert len(asked) == len(CASES) - kept
    straight = run(tmp_path / "other", good)
    assert [replace(r, seconds=0.0) for r in whole.results] == [replace(r, seconds=0.0) for r in straight.results]
    assert whole.estimates == straight.estimates
    assert read_run(folder) == whole


def test_an_interruption_keeps_what_is_done(tmp_path: Path) -> None:
    made = header()
    folder = create_run(made, tmp_path)

    def interrupted(done: int, total: int, name: str) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_cases(made, folder, prepared_set(), good, progress=interrupted)
    assert len(read_results(folder)) == 3
    assert run_cases(made, folder, prepared_set(), good).finished


def test_workers_ask_at_once_and_change_nothing(tmp_path: Path) -> None:
    together, most = [0], [0]
    guard, four = threading.Lock(), threading.Barrier(4, timeout=60)  # of twelve cases

    def slow(question: str, history: Sequence[Turn]) -> Answer:
        with guard:
            together[0] += 1
            most[0] = max(most[0], together[0])
        four.wait()
        with guard:
            together[0] -= 1
        return good(question)

    done = run(tmp_path, slow, workers=4)
    assert most[0] == 4
    assert done.estimates == run(tmp_path / "b", good).estimates


def test_progress_is_told_from_where_it_stands(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    run(tmp_path, progress=lambda *news: told.append(news))
    assert told[0] == (0, 12, "")
    assert [done for done, _, _ in told] == list(range(13))
    assert told[-1][2] == CASES[-1].id


def test_a_run_is_gone_on_with_only_as_it_was_begun() -> None:
    before = header()
    check_resumable(before, header("another id"))
    for other, named in (
        (replace(before, set_sha256="1" * 64), "set"),
        (replace(before, answerer="dense"), "answerer"),
        (replace(before, conditions={**before.conditions, "index": {"documents": 9}}), "documents was 8, is now 9"),
        (replace(before, conditions={**before.conditions, "settings": {"top_k": 3}}), "settings"),
        (replace(before, conditions={**before.conditions, "limit": 3}), "limit"),
    ):
        with pytest.raises(RunError, match=named):
            check_resumable(before, other)


def test_the_history_of_a_case_is_passed_on() -> None:
    case = Case("c", "And Brno?", history=(Turn("How many arches has Arles?", "11"),), answers=("12",))
    seen: list[Sequence[Turn]] = []

    def answer(question: str, history: Sequence[Turn]) -> str:
        seen.append(history)
        return "12"

    asked = prepared_set((case,))
    assert [result.status for result in evaluate(asked, answer, [case])] == ["answered"]
    assert seen == [case.history]


@pytest.mark.parametrize(
    ("answerer", "case", "words"),
    [
        (off, "arches-Cork", "rank 1, but another sentence was cited: “It was built by monks.”"),
        (lambda q, h: good(f"mayor {q}"), "arches-Cork", "Refused although the documents hold the answer"),
        (lambda q, h: good("arches Cork"), "mayor-Cork", "Answered although the documents do not hold the answer"),
        (lambda q, h: good("arches Brno"), "arches-Cork", "The gold passage was not among the 1 retrieved"),
    ],
)
def test_a_failure_is_explained(answerer: object, case: str, words: str) -> None:
    asked = prepared_set()
    (result,) = evaluate(asked, answerer, [c for c in CASES if c.id == case])
    assert words in result.why
    if "fused" in words or "Answered" in words:
        assert "threshold 0.20" in result.why


def test_work_that_failed_to_be_scored_is_not_swallowed() -> None:
    def finish(outcome: Outcome[int, int]) -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(run_in_threads([1], lambda n: n, finish))


def test_scoring_is_not_timed() -> None:
    def finish(outcome: Outcome[int, int]) -> bool:
        time.sleep(2.5)
        return outcome.timed_out

    assert list(run_in_threads([1, 2], lambda n: n, finish, timeout=2.0, workers=2)) == [False, False]


def test_towns_are_clusters() -> None:
    assert {result.group for result in evaluate(prepared_set(), good, CASES)} == {
        *(DOCUMENTS[town].id for town in TOWNS),
        "",
    }
