from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from eval_fixtures import CASES, good, header, off, prepared_set

from evals.runner.compare import compare_runs, holm, regressions, undecided
from evals.runner.estimates import HEADLINE
from evals.runner.records import Result, Run
from evals.runner.run import evaluate, with_figures
from evals.runner.store import RunError
from evals.stats.bootstrap import cluster
from evals.stats.paired import sign_flip_p_value, smallest_p_value
from rag.schema import Answer, Turn


def run(name: str, answerer: object) -> Run:
    results = tuple(evaluate(prepared_set(), answerer, CASES))
    return with_figures(replace(header(name), results=results, finished="2025-03-01T10:01:00+00:00"))


def test_a_run_against_itself_differs_in_nothing() -> None:
    compared = compare_runs(run("a", good), run("b", good))
    assert {found.verdict for found in compared.metrics.values()} == {"same"}
    assert regressions(compared) == ()


def test_worse_on_what_was_made_worse_and_on_nothing_else() -> None:
    compared = compare_runs(run("a", good), run("b", off))
    verdicts = {name: found.verdict for name, found in compared.metrics.items()}
    worse = {name for name, verdict in verdicts.items() if verdict == "worse"}
    assert {"answer_contained", "evidence_covered", "citation_precision", "citation_recall"} <= worse
    # What `off` leaves as it was: retrieval, refusals, and that its quotes are quotes.
    unchanged = (
        "hit@1",
        "ndcg@10",
        "span_recall",
        "refused_right",
        "citation_resolves",
        "citation_support",
        "novel_words",
    )
    assert {verdicts[name] for name in unchanged} == {"same"}
    lost = compared.metrics["answer_contained"].comparison
    assert (lost.wins, lost.losses, lost.flipped) == (0, 8, tuple(case.id for case in CASES[:8]))
    assert set(regressions(compared)) == {"answer_contained", "evidence_covered"}
    back = compare_runs(run("b", off), run("a", good))
    assert back.metrics["answer_contained"].verdict == "better"
    assert regressions(back) == ()


def test_lower_is_better_is_read_so() -> None:
    def inventive(question: str, history: Sequence[Turn]) -> Answer:
        answer = good(question)
        return replace(answer, claims=tuple(replace(c, text=c.text + " So wrote Zeno.") for c in answer.claims))

    found = compare_runs(run("a", good), run("b", inventive)).metrics["novel_words"]
    assert found.verdict == "worse"
    assert found.comparison.losses == 8


def test_one_case_is_not_a_difference() -> None:
    compared = compare_runs(run("a", good), run("b", lambda q, h: off(q) if "Cork" in q else good(q)))
    found = compared.metrics["answer_contained"]
    assert found.comparison.flipped == ("arches-Cork",)
    assert found.verdict == "no difference shown"
    assert regressions(compared) == ()


@pytest.mark.parametrize("seed", range(6))
def test_two_equally_shaky_answerers_are_not_told_apart(seed: int) -> None:
    chance = random.Random(seed)

    def shaky(question: str, history: Sequence[Turn]) -> Answer:
        return chance.choice((good, off))(question)

    compared = compare_runs(run("a", shaky), run("b", shaky))
    assert {found.verdict for found in compared.metrics.values()} <= {"same", "no difference shown"}


def test_a_crash_is_a_loss() -> None:
    def crashes(question: str, history: Sequence[Turn]) -> Answer:
        raise RuntimeError

    found = compare_runs(run("a", good), run("b", crashes)).metrics
    assert found["answer_contained"].comparison.losses == 8
    assert found["refused_right"].verdict == "worse"


def test_only_cases_put_the_same_way_are_compared() -> None:
    a, b = run("a", good), run("b", good)
    fewer = replace(b, results=b.results[:5])
    compared = compare_runs(a, fewer).metrics["refused_right"].comparison
    assert (compared.n, len(compared.missing_in_b)) == (5, 7)
    with pytest.raises(RunError, match="no case in common"):
        compare_runs(a, replace(b, results=()))
    first = b.results[0]
    changed = replace(first, case={**first.case, "question": "Another?"})
    with pytest.raises(RunError, match=r"1 of the 12 .*arches-Arles"):
        compare_runs(a, replace(b, results=(changed, *b.results[1:])))


def test_what_else_differs_is_noted() -> None:
    a, b = run("a", good), run("b", good)
    b = replace(b, set_sha256="1" * 64, finished="", conditions={**b.conditions, "settings": {"top_k": 3}})
    notes = " ".join(compare_runs(a, b).notes)
    assert "not the same file" in notes
    assert "top_k None → 3" in notes
    assert "b is not finished" in notes


def test_holm_is_the_step_down_procedure() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})
    assert holm({"a": 0.9, "b": 0.8}) == {"b": 1.0, "a": 1.0}
    assert holm({}) == {}


def shaken(name: str, chance: random.Random, documents: int, worse: float = 0.0) -> Run:
    """A run whose scores are noise: what a document is like and, beside it, what happened to happen."""
    results = []
    for case in range(2 * documents):
        likes = random.Random(case // 2).random() / 2 + 0.25
        graded = {metric: min(1.0, max(0.0, chance.gauss(likes - worse, 0.2))) for metric in HEADLINE[:3]}
        told = {metric: float(chance.random() < likes - worse) for metric in HEADLINE[3:]}
        asked = {"question": f"Question {case}?"}
        results.append(Result(f"case-{case}", str(case // 2), (), "answered", 0.0, asked, scores={**graded, **told}))
    return replace(header(name), results=tuple(results), finished="2025-03-01T10:01:00+00:00")


def alarms(runs: int, documents: int, worse: float = 0.0) -> int:
    chance = random.Random(7)
    pairs = ((shaken("a", chance, documents), shaken("b", chance, documents, worse)) for _ in range(runs))
    return sum(bool(regressions(compare_runs(a, b))) for a, b in pairs)


def test_the_same_system_raises_no_alarm_in_most_runs_and_a_worse_one_does() -> None:
    assert alarms(30, 12) <= 1
    assert alarms(5, 12, worse=0.3) >= 4


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("documents", [8, 15, 40])
def test_the_same_system_raises_an_alarm_in_at_most_one_run_of_twenty(documents: int) -> None:
    assert alarms(160, documents) <= 8


@pytest.mark.parametrize("documents", [1, 2, 5])
def test_too_few_documents_cannot_tell(documents: int) -> None:
    chance = random.Random(1)
    fine, bad = shaken("a", chance, documents), shaken("b", chance, documents, worse=0.4)
    compared = compare_runs(fine, bad)
    assert regressions(compared) == ()
    differ = {name for name, found in compared.metrics.items() if found.verdict != "same"}
    assert differ and {*undecided(compared)} == differ & {*HEADLINE}
    assert undecided(compare_runs(fine, fine)) == ()


@pytest.mark.parametrize("documents", [1, 3, 6, 14])
def test_no_test_is_surer_than_when_all_documents_differ_alike(documents: int) -> None:
    alike = cluster([-0.5] * documents, [("group", str(n)) for n in range(documents)])
    assert sign_flip_p_value(alike) == smallest_p_value(documents)
