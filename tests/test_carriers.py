import re
from bisect import bisect
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_copies import REPORT, RIVAL, edited

from index.chunking.chunk import Chunking
from index.ingest.build import build
from index.ingest.plan import plan
from index.schema import Hit, Passage
from index.storage.store import Store
from rag.answer.near_verbatim import find_near_verbatim
from rag.answer.syndication import carried_by, carriers, find_carriers
from rag.config import RagConfig
from rag.pipeline import Pipeline, make_pipeline
from rag.retrieval.collapse_duplicates import collapse_duplicates
from rag.schema import Citation
from rag.serialize import to_dict
from ui.cli.arguments import parser
from ui.cli.commands import ask
from ui.settings import configuration

SAID = "The US Defence Secretary, Pete Hegseth, said on Wednesday that 12 allies did not meet the target of 2.5 percent then."


def reused(text: str, words: str = SAID) -> str | None:
    """What ``find_reuse`` found in the middle of other words."""
    whole = f"Allies met at noon. {text} Nobody took questions."
    span = find_near_verbatim(words, whole)
    return None if span is None else whole[slice(*span)]


@pytest.mark.parametrize(
    ("words", "edited"),
    [
        ("", ""),
        ("Defence", "Defense"),
        ("US", "U.S."),
        ("on Wednesday ", "Wednesday "),
        ("did not meet", "didn’t meet"),
        ("The US", "A US"),
        ("percent", "per cent"),
        ("said on", "told reporters on"),
    ],
)
def test_small_edits_leave_a_sentence_the_same(words: str, edited: str) -> None:
    text = SAID.replace(words, edited)
    found = reused(text)
    assert found is not None
    assert found in text
    assert len(found) >= len(text) - len("The ")


def test_a_dateline_before_the_words_is_not_part_of_them() -> None:
    assert reused(f"BRUSSELS, Feb. 12 (Wire) - {SAID}") == SAID
    assert reused(f"“{SAID}”") == f"“{SAID}”"


@pytest.mark.parametrize(
    "dateline",
    ["VELDMARK, Feb. 12 (Wire) - ", "VELDMARK (Wire) — ", "PORT-AU-PRINCE, Haiti – ", "Paris, 12 February (AFP) -- "],
)
def test_the_dateline_of_the_cited_words_is_not_looked_for(dateline: str) -> None:
    assert reused(f"OSTERLY, March 3 (Other) - {SAID}", dateline + SAID) == SAID
    assert reused(f"{SAID.replace('12 allies', '14 allies')}", dateline + SAID) is None
    assert reused(dateline, dateline) is not None


@pytest.mark.parametrize(
    "text",
    [
        SAID.replace("did not meet", "did meet"),
        SAID.replace("12 allies", "14 allies"),
        SAID.replace("2.5", "3.5"),
        SAID.replace("Wednesday", "Tuesday"),
        SAID.replace("Pete Hegseth", "Jens Stoltenberg"),
        SAID.replace("12 allies", "allies"),
        "Pete Hegseth spoke on Wednesday of the target of 2.5 percent then, which 12 allies did not meet.",
    ],
)
def test_another_number_name_or_not_makes_another_statement(text: str) -> None:
    assert reused(text) is None


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_a_span_always_lies_in_the_text_and_the_same_words_are_found(before: str, words: str, after: str) -> None:
    text = f"{before} {words} {after}"
    span = find_near_verbatim(words, text)
    if span is not None:
        assert 0 <= span[0] < span[1] <= len(text)
    own = find_near_verbatim(words, words)
    assert (own is not None) == any(c.isalnum() for c in words)


@pytest.mark.timeout(60)
def test_a_long_line_of_commas_and_capitals_is_read_to_its_end() -> None:
    assert find_near_verbatim("AA" + ",A" * 200_000, "Nothing like it.") is None


@given(st.permutations(range(20)))
def test_words_in_another_order_are_not_carried(order: list[int]) -> None:
    words = [f"w{'abcdefghijklmnopqrst'[n]}" for n in range(20)]
    span = find_near_verbatim(" ".join(words), " ".join(words[n] for n in order))
    assert (span is not None) <= (longest_rise(order) >= 17)


def longest_rise(order: list[int]) -> int:
    """The length of the longest subsequence that only rises: how many words kept their order."""
    ends: list[int] = []
    for n in order:
        place = bisect(ends, n)
        ends[place : place + 1] = [n]
    return len(ends)


@given(st.integers(0, 20), st.integers(0, 20))
def test_a_word_moved_is_a_small_edit(taken: int, put: int) -> None:
    words = [f"w{'abcdefghijklmnopqrstu'[n]}" for n in range(21)]
    moved = words[:taken] + words[taken + 1 :]
    moved.insert(put, words[taken])
    assert find_near_verbatim(" ".join(words), " ".join(moved)) is not None


def passage(document: str, text: str, outlet: str = "", title: str = "Bridge", start: int = 0) -> Passage:
    metadata = {"outlet": outlet} if outlet else {}
    return Passage(document, start, start + len(text), text, title, f"articles/{document}.txt", metadata)


QUOTE = '"We looked at closing one side at a time, and it would have taken two years,"'


def cited(shown: Passage, words: str = QUOTE) -> Citation:
    start = shown.start + shown.text.index(words)
    return Citation(1, shown, start, start + len(words))


def carried(shown: Passage, hits: tuple[Hit, ...], words: str = QUOTE) -> Citation:
    citation = cited(shown, words)
    return replace(citation, also_in=find_carriers(citation, hits))


def test_each_other_document_is_listed_once_with_the_exact_place() -> None:
    shown = passage("own", REPORT, "Wire", start=100)
    far = passage("far", f"BRIDGE - {edited(REPORT)}", "Gazette", start=7)
    again, rival = passage("far", REPORT, "Gazette", start=5000), passage("rival", RIVAL, "Herald")
    hits = collapse_duplicates(
        [Hit(shown, 1.0), Hit(far, 0.9), Hit(again, 0.8), Hit(rival, 0.7), Hit(passage("x", "Fish."), 0.1)]
    )
    assert [h.passage.document_id for h in hits] == ["own", "rival", "x"]
    found = carried(shown, hits).also_in
    assert [p.document_id for p in found] == ["far", "rival"]
    assert found[0].text == far.text[found[0].start - 7 : found[0].end - 7]
    assert "closing one side" in found[1].text


def test_a_copy_without_the_cited_sentence_does_not_carry_it() -> None:
    shown, cut = passage("own", REPORT, "Wire"), passage("cut", REPORT.partition("A similar")[0], "Gazette")
    hits = collapse_duplicates([Hit(shown, 1.0), Hit(cut, 0.9)])
    assert [copy.document_id for copy in hits[0].copies] == ["cut"]
    last = "A similar closure of the Lindal viaduct in 2019 ended three weeks late and cost a third more than planned."
    assert carriers(carried(shown, hits, last)) == ()
    assert carriers(carried(shown, hits)) == ("Gazette",)


def test_a_few_common_words_are_looked_for_in_copies_only() -> None:
    shown = passage("own", f"{REPORT} He did not reply.", "Wire")
    copy, other = (
        passage("copy", f"{REPORT} He did not reply.", "Gazette"),
        passage("other", "He did not reply.", "Mail"),
    )
    hits = collapse_duplicates(
        [Hit(shown, 1.0), Hit(passage("z", "Boats. He did not reply. More boats."), 0.9), Hit(copy, 0.8)]
    )
    assert carriers(carried(shown, (*hits, Hit(other, 0.1)), "He did not reply.")) == ("Gazette",)


@pytest.mark.parametrize(
    ("outlets", "said"),
    [
        ([], ""),
        (["Wire"], ""),
        ([" wire "], ""),
        (["Gazette"], "also carried by 1 other outlet: Gazette"),
        (["Gazette", "GAZETTE", "Herald", "Wire"], "also carried by 2 other outlets: Gazette, Herald"),
        (["A", "B", "C"], "also carried by 3 other outlets: A, B, C"),
        (["A", "B", "C", "D", "E"], "also carried by 5 other outlets: A, B, C and 2 more"),
        (["A", ""], "also carried by 2 other sources: A, d1.txt"),
    ],
)
def test_outlets_are_counted_once_and_not_the_cited_one(outlets: list[str], said: str) -> None:
    hits = tuple(Hit(passage(f"d{n}", REPORT, outlet), 0.5) for n, outlet in enumerate(outlets))
    citation = carried(passage("own", REPORT, "Wire"), hits)
    assert carried_by(citation).lower() == said.lower()


def test_two_documents_that_name_no_outlet_are_two_carriers() -> None:
    hits = (Hit(passage("own", REPORT), 1.0, copies=(passage("a", REPORT), replace(passage("b", REPORT), source=""))),)
    assert carriers(carried(passage("own", REPORT), hits)) == ("a.txt", "Bridge")


OUTLETS = ("Wire", "Gazette", "Herald", "Mail", "Echo")


@pytest.fixture
def newsstand(store: Store, words, folder: Path) -> Callable[..., Pipeline]:  # noqa: ANN001
    """A pipeline over one report in five outlets, a rival's own, and other news."""

    def make() -> Pipeline:
        for n, outlet in enumerate(OUTLETS):
            body = REPORT if n % 2 else edited(REPORT)
            (folder / f"{outlet.lower()}.md").write_text(
                f"---\noutlet: {outlet}\ndate: 2025-02-{20 - n}\n---\n# {outlet}: bridge shuts\n\n{body}\n", "utf-8"
            )
        (folder / "rival.md").write_text(f"---\noutlet: Courier\n---\n# Detours ahead\n\n{RIVAL}\n", "utf-8")
        for n in range(9):
            (folder / f"news{n}.txt").write_text(f"Ferries and bridges, part {n}: harbour story {n * 7}.", "utf-8")
        build(store, words, Chunking(), plan(store, [folder]))
        pipeline = make_pipeline(store, words, RagConfig(), None)
        return replace(pipeline, config=replace(pipeline.config, refuse_below=0.0))

    return make


def test_an_answer_shows_a_report_once_and_names_who_else_carries_it(newsstand: Callable[..., Pipeline]) -> None:
    pipeline = newsstand()
    answer = pipeline.ask("Who said it would have taken two years closing one side of the bridge at a time?")
    assert len(answer.hits) == pipeline.config.top_k
    families = [h for h in answer.hits if h.copies]
    assert [len(h.copies) for h in families] == [4]
    documents = [p.document_id for h in answer.hits for p in (h.passage, *h.copies)]
    assert len(documents) == len(set(documents)), "every document is in one place"
    citation = next(c for c in answer.citations if "two years" in c.text)
    assert {*carriers(citation), citation.passage.metadata["outlet"]} >= set(OUTLETS)
    for place in citation.also_in:
        assert pipeline.store.document(place.document_id).text[place.start : place.end] == place.text
    record = to_dict(answer)
    said = next(c for c in record["citations"] if c["marker"] == citation.marker)
    assert said["carriers"] == list(carriers(citation))
    assert [p["text"] for p in said["also_in"]] == [p.text for p in citation.also_in]
    assert [len(h["copies"]) for h in record["hits"]] == [len(h.copies) for h in answer.hits]


def test_as_many_different_passages_are_found_as_are_asked_for(newsstand: Callable[..., Pipeline]) -> None:
    hits = newsstand().search("bridge harbour ferries", 6)
    assert len(hits) == 6
    assert len({h.passage.text for h in hits}) == 6


def test_the_command_line_says_who_else_carries_the_words(
    newsstand: Callable[..., Pipeline],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pipeline = newsstand()
    monkeypatch.setattr(ask, "open_pipeline", lambda *config: nullcontext(pipeline))
    settings = configuration({}, {}, tmp_path / "onrecord.toml")
    question = "Who said it would have taken two years closing one side of the bridge at a time?"
    assert ask.run(settings, parser().parse_args(["ask", question])) == 0
    printed = capsys.readouterr().out
    citation = next(c for c in pipeline.ask(question).citations if "two years" in c.text)
    source = printed.partition(f"\n[{citation.marker}] ")[2].splitlines()
    assert source[2].strip() == carried_by(citation)
    assert re.fullmatch(r"also carried by 4 other outlets: \w+, \w+, \w+ and 1 more", source[2].strip())
    assert ask.run(settings, parser().parse_args(["ask", "Which harbour story is part 3?"])) == 0
    assert "also carried" not in capsys.readouterr().out
