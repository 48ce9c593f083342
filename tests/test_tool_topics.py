"""Questions to the tool itself, and turns of talk, recognised by examples where the documents hold no answer."""

import pytest

from index.embedding.sentence_transformers import SentenceTransformerEmbedder
from rag.answer.kinds.tool_topics import ToolTopics
from rag.pipeline import Pipeline


@pytest.fixture(scope="module")
def topics(minilm: SentenceTransformerEmbedder) -> ToolTopics:
    return ToolTopics(minilm)


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("could your answers be mistaken?", "mistakes"),
        ("do my files get sent to the cloud", "privacy"),
        ("how can I upload documents", "adding"),
        ("do you support pdf files", "formats"),
        ("what do these numbers in brackets mean", "citations"),
        ("your answer is wrong", "wrong"),
        ("hello there!", "greeting"),
        ("thanks, very helpful", "thanks"),
        ("what files have you indexed", "library"),
    ],
)
def test_unseen_wording_finds_its_topic(topics: ToolTopics, question: str, topic: str) -> None:
    found = topics.nearest(question)
    assert found is not None
    assert found.name == topic


@pytest.mark.parametrize(
    "question",
    [
        "What did Hegseth say about Article 5?",
        "how much is a child ticket",
        "can I bring my dog to the office",
        "who wrote the report on the harbour",
        "what happens if I am late",
        "is there a test at the end of the course",
        "how do I reset the boiler",
    ],
)
def test_questions_to_the_documents_find_none(topics: ToolTopics, question: str) -> None:
    assert topics.nearest(question) is None


def test_what_the_documents_do_not_answer_is_answered_by_the_topic(seed_pipeline: Pipeline) -> None:
    answer = seed_pipeline.ask("can you ever be wrong?")
    assert (answer.kind, answer.refused, answer.claims) == ("about_tool", False, ())


def test_what_the_documents_answer_is_answered_by_them(seed_pipeline: Pipeline) -> None:
    assert seed_pipeline.ask("What did Hegseth say about Article 5?").kind == "fact"
