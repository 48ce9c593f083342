from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.datasets.importers import ImportedSet
from evals.research.benchmarks.__main__ import main
from evals.research.benchmarks.measure import Indexing, Measurements, Timed
from evals.research.benchmarks.metrics.answering import answer_inside, evidence_f1
from evals.research.benchmarks.metrics.figures import differences_to_baselines
from evals.research.benchmarks.metrics.refusing import decisions, refusal_figures
from evals.research.benchmarks.metrics.retrieval import document_measures, first_characters, retrieval_figures
from evals.research.benchmarks.sets import BenchmarkSet, foreign_questions, half_of, sample, take_half
from evals.research.benchmarks.systems.baselines import Dense, Keyword
from evals.research.benchmarks.systems.chunkers import fixed_tokens, recursive_tokens
from evals.research.benchmarks.systems.llamaindex import LlamaIndexDefault, locate_chunks
from evals.research.benchmarks.systems.onrecord import Onrecord, System
from evals.research.benchmarks.systems.shared_vectors import SharedVectors
from evals.schema import Case, Span
from evals.stats.interval import CaseScore
from index.embedding.protocol import Vectors
from index.schema import Document, Passage
from index.text.terms import terms
from rag.schema import Answer, Citation, Claim, Turn


class BagOfWords:
    """Vectors in which texts that share words are near: enough for a gold document to be found."""

    fingerprint = "bag-of-words"

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return np.array([self.embed_query(text) for text in texts], dtype=np.float32)

    def embed_query(self, text: str) -> Vectors:
        vector = np.full(64, 0.01, dtype=np.float32)
        for term in terms(text):
            vector[zlib.crc32(term.encode()) % 64] += 1
        return vector / np.linalg.norm(vector)


SUBJECTS = ["harbour", "orchard", "glacier", "railway", "theatre", "volcano", "lighthouse", "parliament"]


def document(name: str, text: str, title: str = "") -> Document:
    return Document(name, title or name, f"{name}.txt", text)


def world(name: str = "world", **changes: Any) -> BenchmarkSet:
    documents = {
        s: document(s, f"The {s} was built in 18{n}0. It stands by a {s} wall.") for n, s in enumerate(SUBJECTS)
    }
    cases = tuple(
        Case(f"q{n}", f"When was the {s} built?", answers=(f"18{n}0",), documents=(s,), group=s)
        for n, s in enumerate(SUBJECTS)
    )
    held = {"name": name, "documents": documents, "answerable": cases, "unanswerable": (), "whole_corpus": True}
    return BenchmarkSet(**(held | changes))


def answer(question: str, *texts: str, confidence: float = 0.9) -> Answer:
    whole = " ".join(texts)
    passage = Passage("d", 0, len(whole), whole)
    claims, start = [], 0
    for marker, text in enumerate(texts, 1):
        claims.append(Claim(text, (Citation(marker, passage, start, start + len(text)),), "supported", ""))
        start += len(text) + 1
    return Answer(question, question, tuple(claims), (), refused=not texts, confidence=confidence)


# Halves and samples


def test_a_group_never_changes_its_half() -> None:
    assert {name: half_of(name) for name in ("finance", "pubmed", "wikitexts", "state_of_the_union")} == {
        "finance": "report",
        "pubmed": "report",
        "wikitexts": "tune",
        "state_of_the_union": "tune",
    }
    assert half_of("Norman_Conquest") == half_of("Norman Conquest")
    assert 400 < sum(half_of(f"group {n}") == "tune" for n in range(1_000)) < 600


def test_documents_go_with_their_questions_where_each_has_its_own() -> None:
    whole = world()
    imported = ImportedSet(tuple(whole.documents.values()), whole.answerable)
    tune, report = take_half("s", imported, "tune"), take_half("s", imported, "report")
    assert tune.documents and report.documents
    assert tune.documents.keys().isdisjoint(report.documents)
    assert {*tune.documents, *report.documents} == set(SUBJECTS)
    for one in (tune, report):
        assert not one.whole_corpus
        assert {name for case in one.answerable for name in case.documents} == set(one.documents)


def test_a_corpus_that_questions_share_is_searched_whole() -> None:
    whole = world()
    distractor = document("distractor", "Nothing is asked about this.")
    imported = ImportedSet((*whole.documents.values(), distractor), whole.answerable)
    tune, report = take_half("s", imported, "tune"), take_half("s", imported, "report")
    assert len(tune.documents) == len(report.documents) == len(SUBJECTS) + 1
    assert {case.id for case in tune.answerable}.isdisjoint(case.id for case in report.answerable)
    assert len(tune.answerable) + len(report.answerable) == len(SUBJECTS)


@given(st.integers(1, 10), st.integers(1, 500))
def test_a_sample_keeps_the_gold_of_what_it_asks(questions: int, characters: int) -> None:
    drawn = sample(world(), questions, characters)
    assert drawn == sample(world(), questions, characters)
    assert 1 <= len(drawn.answerable) <= questions
    assert all(name in drawn.documents for case in drawn.answerable for name in case.documents)
    longest = max(len(d.text) for d in world().documents.values())
    assert sum(len(d.text) for d in drawn.documents.values()) <= max(characters, longest)


def test_a_sample_keeps_the_documents_that_unanswerable_questions_are_about() -> None:
    assert sample(world(whole_corpus=False), 2, 50).documents == world().documents
    assert len(sample(world(whole_corpus=True), 2, 50).documents) == 1


def test_foreign_questions_come_from_other_sets_and_stand_alone() -> None:
    follow_up = Case("f", "And who paid?", answers=("a",), documents=("harbour",), history=(Turn("q", "a"),))
    topic = Case("t", "HARBOURS", documents=("harbour",))
    here, other = world("here"), world("other", answerable=(*world().answerable, follow_up, topic))
    found = foreign_questions([here, other], here, 100)
    assert {case.id for case in found} == {f"other/q{n}" for n in range(len(SUBJECTS))}
    assert not any(case.answerable for case in found)
    assert foreign_questions([here], here, 100) == ()


def test_a_short_answer_is_one_that_stands_in_the_gold_document() -> None:
    one = world()
    assert all(one.has_short_answer(case) for case in one.answerable)
    elsewhere = Case("x", "?", answers=("1810",), documents=("harbour",))
    assert not world(answerable=(elsewhere,)).has_short_answer(elsewhere)


# Systems


@pytest.mark.parametrize("make", ["onrecord", "dense", "keyword", "llamaindex"])
def test_every_system_finds_the_document_and_gives_places_in_it(make: str, tmp_path: Path) -> None:
    embedder = BagOfWords()
    systems: dict[str, Any] = {
        "onrecord": lambda: Onrecord(tmp_path, embedder, embedder),
        "dense": lambda: Dense(embedder, embedder),
        "keyword": Keyword,
        "llamaindex": lambda: LlamaIndexDefault(tmp_path, embedder, embedder),
    }
    system: System = systems[make]()
    one = world()
    assert system.index(list(one.documents.values())) == len(SUBJECTS)
    for case in one.answerable:
        found = system.search(case.question, 3)
        assert found[0][0] == case.documents[0]
        assert len(found) <= 3
        assert all(one.documents[name].text[start:end].strip() for name, start, end in found)


def test_llamaindex_gets_everything_passed_and_looks_up_nothing(tmp_path: Path) -> None:
    from llama_index.core import Settings

    embedder = BagOfWords()
    system = LlamaIndexDefault(tmp_path, embedder, embedder)
    long = document("long", " ".join(f"Sentence number {n} is about {SUBJECTS[n % 8]}s." for n in range(600)))
    assert system.index([long]) > 1
    system.search("railways", 2)
    assert Settings._embed_model is None
    assert Settings._llm is None
    assert Settings._node_parser is None


def test_repeated_chunks_are_placed_one_after_another() -> None:
    text = "again. again. again. other. again."
    assert locate_chunks(text, ["again.", "again.", "other.", "again."]) == [(0, 6), (7, 13), (21, 27), (28, 34)]


@settings(deadline=None)
@given(st.text(st.sampled_from("abé字 .?!\n"), min_size=1, max_size=300), st.integers(2, 20))
def test_chunkers_of_others_leave_nothing_out_and_overlap_nowhere(text: str, size: int) -> None:
    for chunker in (fixed_tokens, recursive_tokens):
        places = chunker(document("d", text), size)
        assert "".join(text[start:end] for _, start, end in places) == text


def test_recursive_chunks_hold_no_more_than_their_size() -> None:
    from evals.research.benchmarks.systems.chunkers import _tokens

    text = "\n\n".join("A sentence of some words. " * n for n in range(1, 30))
    chunks = [text[start:end] for _, start, end in recursive_tokens(document("d", text), 50)]
    # Pieces are counted one by one, and a token may span two of them.
    assert max(_tokens(chunk) for chunk in chunks) <= 55
    assert len(chunks) < 2 * _tokens(text) / 50


def test_vectors_are_made_once_and_still_cost_everyone(tmp_path: Path) -> None:
    inner = BagOfWords()
    shared = SharedVectors(inner)
    first = shared.embed(["a harbour", "an orchard", "a harbour"])
    assert inner.embedded == ["a harbour", "an orchard"]
    assert shared.seconds_saved == 0
    again = shared.embed(["an orchard", "a glacier", "a harbour"])
    assert inner.embedded == ["a harbour", "an orchard", "a glacier"]
    assert shared.seconds_saved > 0
    np.testing.assert_array_equal(again[[2, 0]], first[:2])

    shared.save(tmp_path / "vectors.npz")
    later = SharedVectors(BagOfWords())
    later.load(tmp_path / "vectors.npz")
    np.testing.assert_array_equal(later.embed(["an orchard", "a glacier", "a harbour"]), again)
    other = BagOfWords()
    other.fingerprint = "another model"
    changed = SharedVectors(other)
    changed.load(tmp_path / "vectors.npz")
    changed.embed(["an orchard"])
    assert other.embedded == ["an orchard"]


# Scores


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), max_size=10), st.integers(0, 200))
def test_systems_are_compared_over_equally_many_characters(chunks: list[tuple[int, int]], budget: int) -> None:
    found = [("d", start, start + length) for start, length in chunks]
    taken = first_characters(found, budget)
    assert sum(end - start for _, start, end in taken) == min(budget, sum(length for _, length in chunks))
    assert [(d, s) for d, s, _ in taken] == [(d, s) for d, s, _ in found[: len(taken)]]


def test_a_document_ranks_where_its_first_passage_stands() -> None:
    score = document_measures({"q": {"gold": 1}})
    case = Case("q", "?")
    found = [("a", 0, 1), ("a", 1, 2), ("b", 0, 1), ("gold", 0, 1), ("gold", 1, 2)]
    assert score["hit@1"](case, found) == 0
    assert score["hit@4"](case, found) == 1
    assert score["MRR@10"](case, found) == pytest.approx(1 / 3)
    assert score["hit in 2 passages"](case, [("a", 0, 1), ("gold", 0, 1)]) == 1
    assert score["hit in 2 passages"](case, found) == 0


def measured(one: BenchmarkSet, **changes: Any) -> Measurements:
    held = {"given": one, "foreign": (), "indexing": {}, "searches": {}, "answers": {}, "unrefused": {}}
    return Measurements(**(held | changes))


def test_a_crashed_search_counts_as_nothing_found() -> None:
    one = world()
    right = {c.id: Timed([(c.documents[0], 0, 5)], 0.01) for c in one.answerable}
    crashed = right | {"q0": Timed(None, 0.01, "ValueError: no")}
    figures, apart = retrieval_figures(measured(one, searches={"Onrecord": crashed, "dense": right}), "Onrecord")
    hits = {f.system: f for f in figures if f.measure == "hit@1"}
    assert hits["Onrecord"].value == pytest.approx(7 / 8)
    assert (hits["Onrecord"].crashed, hits["dense"].value) == (1, 1.0)
    assert [d.difference for d in apart if d.measure == "hit@1"] == [-1 / 8]


def test_differences_are_ours_less_theirs() -> None:
    def scores(values: Sequence[float]) -> list[CaseScore]:
        return [CaseScore(f"c{i}", f"g{i}", v) for i, v in enumerate(values)]

    (found,) = differences_to_baselines("m", "ours", {"theirs": scores([0, 0, 1, 1]), "ours": scores([1, 1, 1, 0])})
    assert (found.baseline, found.difference, found.wins, found.losses) == ("theirs", 0.25, 2, 1)


def test_an_answer_counts_in_the_sentences_looked_at() -> None:
    case = Case("q", "When?", answers=("1850",))
    said = answer("When?", "It was long ago.", "It was 1850.")
    assert [answer_inside(said, case, n) for n in (1, 2, None)] == [0, 1, 1]
    assert answer_inside(answer("When?"), case, None) == 0


def test_evidence_f1_weighs_sentences_cited_against_those_wanted() -> None:
    said = answer("?", "First one here.", "Second one here.")
    gold = [Span("d", 0, 15), Span("d", 40, 60)]
    assert evidence_f1(said, gold) == pytest.approx(2 * 0.5 * 0.5 / 1.0)
    assert evidence_f1(answer("?"), gold) == 0


def test_refusals_are_scored_by_kind_and_a_crash_is_the_worst() -> None:
    one = world(unanswerable=(Case("u0", "Who?", answerable=False), Case("u1", "Why?", answerable=False)))
    answers = {c.id: Timed(answer(c.question, f"It was {c.answers[0]}."), 0.1) for c in one.answerable}
    answers["q0"] = Timed(answer("q", confidence=0.1), 0.1)
    answers["q1"] = Timed(None, 0.1, "ValueError: no")
    answers["u0"] = Timed(answer("Who?", confidence=0.05), 0.1)
    answers["u1"] = Timed(None, 0.1, "ValueError: no")
    unrefused = {"q0": Timed(answer("q", "In 1800.", confidence=0.1), 0.1)}
    found = measured(one, answers=answers, unrefused=unrefused)
    values = {f.measure: f.value for f in refusal_figures(found, "Onrecord")}
    assert values["answerable questions refused"] == pytest.approx(2 / 8)
    assert values["adversarial questions refused"] == pytest.approx(1 / 2)
    assert values["balanced accuracy, adversarial"] == pytest.approx((6 / 8 + 1 / 2) / 2)
    assert "balanced accuracy, foreign" not in values
    # What a refusal kept back is worth what it would have said, so that the curve does not depend on it.
    assert [d.correct for d in decisions(found, one.answerable)][:3] == [1.0, 0.0, 1.0]


# The whole


def squad(subjects: Sequence[str]) -> dict[str, Any]:
    def paragraph(subject: str, n: int) -> dict[str, Any]:
        context = f"The {subject} number {n} opened in 19{n}1. Its keeper was called Anna{n}."
        start = context.index(f"19{n}1")
        asked = {
            "question": f"When did {subject} number {n} open?",
            "answers": [{"text": f"19{n}1", "answer_start": start}],
        }
        lacking = {"question": f"Who closed {subject} number {n}?", "answers": [], "is_impossible": True}
        return {"context": context, "qas": [{"id": f"{subject}{n}", **asked}, {"id": f"{subject}{n}u", **lacking}]}

    articles = [{"title": s, "paragraphs": [paragraph(s, n) for n in range(3)]} for s in subjects]
    return {"version": "v2.0", "data": articles}


def test_a_folder_of_sets_becomes_a_table_and_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, subjects in (("one", SUBJECTS), ("two", ["meadow", "canyon", "desert", "island", "forest", "marsh"])):
        (tmp_path / "data" / name).mkdir(parents=True)
        (tmp_path / "data" / name / "set.json").write_text(json.dumps(squad(subjects)))
    (tmp_path / "data" / "neither").mkdir()
    (tmp_path / "data" / "neither" / "notes.json").write_text("{}")
    out = tmp_path / "figures.json"
    arguments = ["--data", str(tmp_path / "data"), "--foreign", "4", "--out", str(out)]
    assert main(arguments, BagOfWords()) == 0

    found = json.loads(out.read_text())
    assert [one["name"] for one in found["sets"]] == ["one", "two"]
    assert found["conditions"]["half"] == "report"
    for one in found["sets"]:
        assert 0 < one["size"]["answerable questions"] == one["size"]["unanswerable"] < 24
        assert one["size"]["foreign"] == 4
        systems = ["Onrecord", "dense", "BM25", "LlamaIndex default"]
        hits = {f["system"]: f["value"] for f in one["retrieval"] if f["measure"] == "hit@10"}
        assert list(hits) == systems
        assert hits["Onrecord"] == 1.0
        assert {d["baseline"] for d in one["differences"]} == set(systems[1:])
        measures = {f["measure"] for f in one["answers"] + one["refusal"]}
        assert {"answer in first cited sentence", "balanced accuracy, foreign", "AUROC, adversarial"} <= measures
        assert len(one["risk_coverage"]) > 0
        assert all(f["value"] > 0 for f in one["cost"])
    table = capsys.readouterr().out
    assert "## one" in table and "| hit@1 |" in table and "## Where Onrecord is behind" in table
    assert "crashed" not in table


def test_questions_of_the_tuning_half_are_others(tmp_path: Path) -> None:
    (tmp_path / "set.json").write_text(json.dumps(squad(SUBJECTS)))
    sizes = {}
    for wanted in ("tune", "report"):
        out = tmp_path / f"{wanted}.out"
        main(["--data", str(tmp_path / "set.json"), "--half", wanted, "--out", str(out)], BagOfWords())
        sizes[wanted] = json.loads(out.read_text())["sets"][0]["size"]["documents"]
    assert sum(sizes.values()) == 24
    assert min(sizes.values()) > 0


def test_a_folder_without_sets_is_one_line_of_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)], BagOfWords()) == 1
    assert main(["--data", str(tmp_path / "none")], BagOfWords()) == 1
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2
    assert all("--data" in line for line in errors)


def test_indexing_is_told_in_passages_a_second() -> None:
    from evals.research.benchmarks.metrics.cost import cost_figures

    found = measured(world(), indexing={"dense": Indexing(50, 2.0)}, searches={"dense": {"q": Timed([], 0.2)}})
    values = {f.measure: f.value for f in cost_figures(found, "Onrecord")}
    assert values == {"indexed passages/s": 25.0, "search p50, ms": 200.0, "search p95, ms": 200.0}


def test_a_difference_is_called_sure_only_when_interval_and_test_agree() -> None:
    from evals.stats.paired import is_certain

    assert is_certain(0.01, 0.2, 0.01)
    assert is_certain(-0.2, -0.01, 0.01)
    assert not is_certain(0.01, 0.2, 0.06)
    assert not is_certain(-0.01, 0.2, 0.01)
    assert not is_certain(None, None, 0.5)


def test_foreign_questions_make_up_for_a_small_set() -> None:
    here, small = world("here"), world("small", answerable=world().answerable[:1])
    large = world("large")
    found = foreign_questions([here, small, large], here, 6)
    assert [case.id.partition("/")[0] for case in found].count("large") == 5


def test_the_recorded_command_names_what_decides_the_figures_and_no_other_place() -> None:
    from evals.research.benchmarks.conditions import conditions

    given = ["--data", "../d", "--vectors", "/home/me/v.npz", "--half", "report", "--out=/home/me/f", "--write"]
    found = conditions(given, "report", "m")
    assert found["command"] == "python -m evals.research.benchmarks --data ../d --half report"
    assert "/home" not in str(found)
