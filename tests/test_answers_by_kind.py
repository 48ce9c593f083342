"""Summaries, lists, and questions about the library: answered by their kind, each claim cited."""

from collections.abc import Callable

import pytest
from case_table import rows

from rag.answer.citations import matches_document
from rag.pipeline import Pipeline
from rag.question.scope import Scope
from rag.serialize import from_dict, to_dict

FERRY = (
    "Ferry to go electric\nSource: Strait Post\nDate: 2025-02-11\nBy Oona Kallas\n\n"
    "The ferry to the island will run on batteries from 2029, the county said on Tuesday. "
    "County chief Arvid Sten blamed the delay on the power supply of the harbour. "
    "“We can buy a ship in a year,” Sten said. The mayor, Liv Moen, said that she would believe it when she saw it."
)
TRAM = (
    "Tram tunnel floods\nSource: Bay Courier\nDate: 2025-06-17\n\n"
    "The tram tunnel under the old town has flooded for the third time since the spring. "
    "Mayor Ines Varga defended the project on Tuesday. Trams were to run from 2026, the city said at the start."
)


@pytest.fixture
def two(indexed: Callable[..., Pipeline]) -> Pipeline:
    return indexed(ferry=FERRY, tram=TRAM)


def test_a_document_is_summed_up_in_its_own_sentences(two: Pipeline) -> None:
    answer = two.ask("Summarise the tram article")
    assert answer.kind == "overview"
    assert answer.claims[0].text.startswith("The tram tunnel under the old town has flooded")
    assert {c.passage.title for c in answer.citations} == {"Tram tunnel floods"}
    assert all(claim.verdict == "supported" for claim in answer.claims)
    assert all(matches_document(c, two.store.document) for c in answer.citations)
    assert "Tram tunnel floods" in answer.lead


def test_what_is_this_about_tells_a_line_of_each_document(two: Pipeline) -> None:
    answer = two.ask("What is this about?")
    assert {c.passage.title for c in answer.citations} == {"Ferry to go electric", "Tram tunnel floods"}
    assert answer.text.count("\n- ") == len(answer.claims)


def test_a_summary_keeps_to_the_scope_and_to_the_time_asked_about(two: Pipeline) -> None:
    tram = next(info.id for info in two.store.documents() if "Tram" in info.title)
    for answer in (two.ask("tl;dr", scope=Scope(documents=(tram,))), two.ask("what happened in June 2025?")):
        assert {c.passage.document_id for c in answer.citations} == {tram}
    nothing = two.ask("what happened in June 2019?")
    assert nothing.refused
    assert "2019" in nothing.text


def test_every_document_that_mentions_something_is_listed_once(two: Pipeline) -> None:
    answer = two.ask("Which articles mention the harbour?")
    assert answer.kind == "list_documents"
    assert [c.text for c in answer.citations] == [
        "County chief Arvid Sten blamed the delay on the power supply of the harbour."
    ]
    assert two.ask("Which documents mention unicorns?").refused


def test_people_are_listed_by_role_and_by_whether_they_are_quoted(two: Pipeline) -> None:
    mayors = two.ask("which mayors are mentioned?")
    assert mayors.kind == "list_people"
    assert {name for name in ("Moen", "Varga", "Sten") if name in mayors.text} == {"Moen", "Varga"}
    quoted = two.ask("Who is quoted in the ferry article?")
    assert {name for name in ("Moen", "Varga", "Sten") if name in quoted.text} == {"Moen", "Sten"}


def test_the_library_the_tool_and_greetings_need_no_citation(two: Pipeline) -> None:
    assert "2 documents" in two.ask("how many documents do you have?").text
    assert "Tram tunnel floods" in two.ask("what's the newest article").text
    for question, kind in (("hi", "smalltalk"), ("who are you?", "about_tool")):
        answer = two.ask(question)
        assert (answer.kind, answer.refused, answer.claims) == (kind, False, ())
        assert answer.text


def test_what_a_document_says_of_itself_is_told_and_what_it_does_not_is_refused(two: Pipeline) -> None:
    assert "Oona Kallas" in two.ask("Who wrote the article about the ferry?").text
    assert "17 June 2025" in two.ask("When was the article about the tram published?").text
    unknown = two.ask("Who wrote the article about the tram?")
    assert unknown.refused
    assert unknown.kind == "about_document"


def test_the_kind_and_the_lead_outlive_being_kept(two: Pipeline) -> None:
    answer = two.ask("Summarise the tram article")
    kept = from_dict(to_dict(answer))
    assert (kept.kind, kept.lead, kept.text) == (answer.kind, answer.lead, answer.text)
    old = {key: value for key, value in to_dict(answer).items() if key not in ("kind", "lead")}
    assert from_dict(old).kind == "fact"


def test_a_misspelt_word_is_read_as_the_documents_spell_it(two: Pipeline) -> None:
    answer = two.ask("sumarise the feryr article")
    assert answer.query == "summarise the ferry article"
    assert answer.question == "sumarise the feryr article"
    assert {c.passage.title for c in answer.citations} == {"Ferry to go electric"}


def test_an_empty_library_says_so(indexed: Callable[..., Pipeline]) -> None:
    pipeline = indexed()
    assert pipeline.ask("what is this about?").refused
    assert "no documents" in pipeline.ask("how many documents are there?").text


def test_documents_are_listed_by_author_and_counted_by_format(two: Pipeline) -> None:
    by_kallas = two.ask("articles by Oona Kallas")
    assert by_kallas.kind == "about_library"
    assert "Ferry to go electric" in by_kallas.text
    assert "Tram" not in by_kallas.text
    assert two.ask("how many text files do I have").text.startswith("There are 2 documents")
    assert two.ask("how many csv files are there").refused


@pytest.mark.parametrize(
    ("question", "named", "other"),
    rows(
        """
        list all authors                      | Oona Kallas          | None
        documents from 2025                   | Ferry to go electric | no date
        what was published since january 2020 | 2 documents          | no date
        which file types are there            | plain text: 2        | PDF
        what language are the documents in    | English              | German
        how many pages are there in total     | 2 documents          | There is
        """
    ),
)
def test_the_library_is_described(two: Pipeline, question: str, named: str, other: str) -> None:
    answer = two.ask(question)
    assert (answer.kind, answer.refused) == ("about_library", False)
    assert named in answer.text
    assert other not in answer.text


@pytest.mark.parametrize("question", ["documents from 1975", "everything since 2099"])
def test_a_time_of_which_no_document_is_dated_is_said(two: Pipeline, question: str) -> None:
    answer = two.ask(question)
    assert (answer.kind, answer.refused) == ("about_library", True)


def test_anything_about_a_subject_is_listed(two: Pipeline) -> None:
    answer = two.ask("Do you have anything about batteries?")
    assert answer.kind == "list_documents"
    assert [c.passage.title for c in answer.citations] == ["Ferry to go electric"]
