"""Headings as the context of what stands under them: found, kept, embedded, searched, preferred and shown."""

import json
from pathlib import Path

import pytest

from index.chunking.chunk import Chunking, chunk
from index.embedding.contextual import text_in_context
from index.keyword.bm25 import Bm25Index
from index.reading.load import load
from index.schema import Document, Passage, Section
from index.storage.store import Store
from index.text.headings import format_heading, heading_path, headings_in_span
from rag.config import RagConfig
from rag.pipeline import make_pipeline
from rag.question.identifiers import identifiers
from rag.reading.preferences.identified import is_numbered, prefer_identified
from rag.reading.preferences.named_section import prefer_named_section
from rag.reading.sentence_ranker import Quote
from rag.schema import Citation
from rag.serialize import citation_to_dict, from_dict, to_dict
from tests.conftest import WordEmbedder

GUIDE = """# Guide to the slipways

## Paisley

### How long it takes

A berth takes 10 working days.

### Who to ask

Ask Sam Lowe at the counter.

## Troon

### How long it takes

A berth takes 6 weeks.
"""
SECTIONS = (
    Section(0, "heading", "Guide", 1),
    Section(10, "heading", "Paisley", 2),
    Section(20, "heading", "Fees", 3),
    Section(40, "page", "2"),
    Section(50, "heading", "Troon", 2),
)


def guide() -> Document:
    """Read the guide as a Markdown file."""
    return load(Path("guide.md"), GUIDE.encode())


@pytest.mark.parametrize(
    ("offset", "path"),
    [(5, ("Guide",)), (15, ("Guide", "Paisley")), (45, ("Guide", "Paisley", "Fees")), (60, ("Guide", "Troon"))],
)
def test_a_path_holds_the_open_headings_of_every_level(offset: int, path: tuple[str, ...]) -> None:
    assert heading_path(SECTIONS, offset) == path
    assert heading_path(SECTIONS, offset, title="Guide") == path[1:]


def test_headings_of_unknown_level_follow_one_another() -> None:
    flat = (Section(0, "heading", "One"), Section(10, "heading", "Two"))
    assert heading_path(flat, 15) == ("Two",)


def test_a_span_has_the_headings_above_it_and_those_inside() -> None:
    headings = tuple(s for s in SECTIONS if s.kind == "heading")
    assert [h.label for h in headings_in_span(headings, 15, 50)] == ["Guide", "Paisley", "Fees"]
    assert [h.label for h in headings_in_span(headings, 25, 51)] == ["Guide", "Paisley", "Fees", "Troon"]


def test_a_passage_is_read_under_its_headings_and_stays_an_exact_slice() -> None:
    document = guide()
    passages = chunk(document, Chunking(words=8))
    assert all(p.text == document.text[p.start : p.end] for p in passages)
    weeks = next(p for p in passages if "6 weeks" in p.text)
    context = text_in_context(weeks).removesuffix(weeks.text)
    assert (context + weeks.text).count("Troon") == 1
    assert context.splitlines()[0] == "Guide to the slipways"
    assert format_heading(weeks, document.text.index("A berth takes 6")) == "Troon › How long it takes"


def test_a_store_keeps_the_headings_of_passages(store: Store, words: WordEmbedder) -> None:
    document = guide()
    passages = chunk(document, Chunking(words=8))
    store.add(document, passages, words.embed([text_in_context(p) for p in passages]))
    kept = store.passages_by_id([p.id for p in passages])
    assert [kept[p.id] for p in passages] == list(passages)
    assert store.document(document.id) == document


def test_words_of_a_heading_find_what_stands_under_it() -> None:
    under = Passage("d", 100, 120, "A berth takes 6 weeks.", headings=(Section(0, "heading", "Troon", 1),))
    other = Passage("e", 0, 20, "A berth takes 9 days.")
    index = Bm25Index()
    index.replace({"d": [under], "e": [other]})
    assert list(index.search("Troon", 5)) == [under.id]


def _quote(text: str, label: str, probability: float) -> Quote:
    passage = Passage("d", 0, len(text), text, headings=(Section(-9, "heading", label, 1),))
    return Quote(passage, 0, len(text), probability, ())


def test_a_named_section_is_kept_to_unless_it_says_nothing() -> None:
    troon, paisley = _quote("It takes 6 weeks.", "Troon", 0.9), _quote("It takes 10 days.", "2. Paisley", 0.6)
    ordered = prefer_named_section([troon, paisley], "How long does it take in Paisley?")
    assert [q.text for q in ordered] == ["It takes 10 days.", "It takes 6 weeks."]
    assert ordered[1].probability < 0.2 * ordered[0].probability
    assert prefer_named_section([troon, paisley], "How long does it take?") == (troon, paisley)
    silent = _quote("Closed.", "Paisley", 0.01)
    assert prefer_named_section([troon, silent], "How long does it take in Paisley?") == (troon, silent)


def test_a_citation_names_its_headings_and_keeps_them() -> None:
    document = guide()
    passage = chunk(document, Chunking())[0]
    at = document.text.index("A berth takes 10")
    citation = Citation(1, passage, at, at + 30)
    assert citation_to_dict(citation)["heading"] == "Paisley › How long it takes"


def test_an_answer_keeps_to_the_section_and_shows_it(store: Store, words: WordEmbedder) -> None:
    document = guide()
    passages = chunk(document, Chunking())
    store.add(document, passages, words.embed([text_in_context(p) for p in passages]))
    answer = make_pipeline(store, words, RagConfig(refuse_below=0), None).ask("How long does a berth take in Paisley?")
    assert answer.citations[0].text == "A berth takes 10 working days."
    assert answer.citations[0].heading == "Paisley › How long it takes"
    assert not any("6 weeks" in claim.text for claim in answer.claims)
    assert from_dict(json.loads(json.dumps(to_dict(answer)))).citations == answer.citations


def test_a_clause_asked_for_by_its_number_comes_first() -> None:
    text = "4.1 The tenant repairs small things.\n4.2 The landlord repairs the roof."
    passage = Passage("d", 0, len(text), text)
    first, second = Quote(passage, 0, 36, 0.9, ()), Quote(passage, 37, len(text), 0.1, ())
    document = Document("d", "Lease", "lease.docx", text)
    ordered, lacking = prefer_identified([first, second], "What does clause 4.2 say?", lambda _: document)
    assert (ordered, lacking) == ((second, first), ())
    assert is_numbered(second, identifiers("What does clause 4.2 say?"))
    assert not is_numbered(second, identifiers("What does clause 4.20 say?"))
