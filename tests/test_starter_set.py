"""The starter set asked of the real models over the seed documents, once for all that is to be seen of it."""

from pathlib import Path

import pytest
from command_line import run
from conftest import ROOT
from scripted_llm import Speaker, scripted

from evals.report.comparison_text import NO_CASE_DIFFERS
from evals.runner.store import read_run
from index.config import IndexConfig
from index.storage.open import open_for_reading

SET = ("eval", "run", "seeds/evals/article.jsonl")
ALONE = ("--documents", "seeds/documents", "--workers", "2")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of an index of the seed documents, with the run ``quoted`` of all cases."""
    made = tmp_path_factory.mktemp("starter")
    indexed = run("index", "seeds/documents", "--data-dir", made, cwd=ROOT)
    assert indexed.returncode == 0, indexed.stderr
    asked = run(*SET, "--data-dir", made, "--name", "quoted", "--fail-under", "citation_resolves=1", cwd=ROOT)
    assert asked.returncode == 0, asked.stderr
    return made


def test_every_case_is_answered_and_measured(data: Path) -> None:
    found = read_run(data / "runs" / "quoted")
    assert len(found.results) == 45
    assert {result.status for result in found.results} == {"answered"}
    assert found.estimates["passage_recall@10"].mean == 1
    assert found.estimates["citation_support"].mean == 1
    assert found.estimates["evidence_covered"].low > 0.5
    assert set(found.summary["latency"]) >= {"retrieve", "quote", "total"}
    assert all(result.why for result in found.results if result.scores["refused_right"] == 0)


def test_every_citation_is_an_exact_slice_of_the_stored_document(data: Path) -> None:
    results = read_run(data / "runs" / "quoted").results
    cited = [citation for result in results for citation in result.answer["citations"]]
    assert len(cited) > len(results) / 2
    with open_for_reading(IndexConfig(data_dir=data)) as store:
        for citation in cited:
            text = store.document(citation["document"]).text
            assert text[citation["start"] : citation["end"]] == citation["text"]


def test_most_cases_are_answered_in_the_right_words(data: Path) -> None:
    results = read_run(data / "runs" / "quoted").results
    answerable = [result for result in results if result.case["answerable"] and not result.case.get("history")]
    right = 0
    for result in answerable:
        cited = " ".join(citation["text"] for citation in result.answer["citations"])
        right += any(e["quote"] in cited or cited in e["quote"] for e in result.case["evidence"] if cited)
    assert right / len(answerable) >= 0.75


def test_the_same_documents_in_an_index_of_their_own_give_the_same_answers(data: Path) -> None:
    few = ("--limit", "15", "--name", "alone")
    assert run(*SET, "--data-dir", data, *ALONE, *few, cwd=ROOT).returncode == 0
    assert [result.status for result in read_run(data / "runs" / "alone").results] == ["answered"] * 15
    compared = run("eval", "compare", "quoted", "alone", "--data-dir", data, cwd=ROOT)
    assert compared.returncode == 0
    assert NO_CASE_DIFFERS in compared.stdout


def test_a_language_model_writes_over_them_and_its_key_is_not_kept(data: Path) -> None:
    def write(speaker: Speaker) -> None:
        speaker.say("Hegseth said that NATO membership for Ukraine was unrealistic [1].")
        speaker.end()

    few = ("--llm", "openai/small", "--limit", "2", "--name", "written")
    with scripted(write) as server:
        assert run(*SET, "--data-dir", data, *few, cwd=ROOT, **server.environ("openai")).returncode == 0
    assert [asked.path for asked in server.asked].count(
        "/v1/chat/completions"
    ) == 3  # two questions, and the trial as a checker
    found = read_run(data / "runs" / "written")
    assert (found.answerer, found.conditions["settings"]["llm"]) == ("openai/small", "openai/small")
    assert "a-key-for-tests" not in (data / "runs" / "written" / "run.json").read_text()
    assert {result.answer["answerer"] for result in found.results} <= {"openai/small", "quoted"}
