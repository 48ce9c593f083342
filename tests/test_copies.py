from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operations import LINEAR, growth

from index.schema import Hit, Passage
from rag.retrieval.collapse_duplicates import collapse_duplicates

REPORT = """The harbour bridge in Veldmark will close to all traffic for eleven weeks from 3 March while engineers replace
its bearings, the roads authority said on Tuesday. The closure is the longest since the bridge opened in 1932 and
will send some 41,000 vehicles a day through the tunnel at Osterly. "We looked at closing one side at a time, and it
would have taken two years," the authority's director, Ines Falk, told reporters. Ferries will run every ten minutes
between the two banks, and tickets will be free for residents. Shopkeepers on the eastern bank said they had not been
asked. "My customers come across that bridge on foot," said Tomas Reen, who sells fishing tackle. The city council is
to vote on compensation next month. The work, put at 62 million crowns, will be paid for by the state. A similar
closure of the Lindal viaduct in 2019 ended three weeks late and cost a third more than planned.""".replace("\n", " ")

# Another reporter at the same press conference: the same event, the same quote, other words.
RIVAL = """Commuters in Veldmark face a spring of detours: the city's harbour bridge shuts on 3 March, and it will be
mid-May before a car crosses it again. Ines Falk, who runs the roads authority, defended the plan. "We looked at
closing one side at a time, and it would have taken two years," she said, adding that worn bearings left no choice.
The bridge has carried traffic since 1932. Free ferries are promised to people who live in the city. On the eastern
bank the mood was sour, with traders complaining that nobody had spoken to them, and a petition had gathered nine
hundred names by evening. The bill of 62 million crowns goes to the state. Opposition councillors demanded that the
authority publish the engineers' report, which has been kept from them since autumn.""".replace("\n", " ")

WORDS = st.lists(st.sampled_from("alpha beta gamma delta one two three".split()), max_size=14).map(" ".join)


def hit(text: str, rank: int = 1, document: str = "", score: float | None = None, **metadata: str) -> Hit:
    name = document or f"d{rank}"
    return Hit(Passage(name, 0, len(text), text, metadata=metadata), 1 / rank if score is None else score)


def hits(*texts: str) -> tuple[Hit, ...]:
    return tuple(hit(text, rank) for rank, text in enumerate(texts, 1))


def edited(text: str) -> str:
    """The report as a second outlet prints it: another spelling, a word cut here and there, other quotation marks."""
    for old, new in (("harbour", "harbor"), ("on Tuesday", "Tuesday"), ('"', "”"), ("some 41,000", "some 41000")):
        text = text.replace(old, new)
    return text.replace("fishing tackle", "tackle")


@pytest.mark.parametrize(
    "print_",
    [
        REPORT.upper(),
        edited(REPORT),
        f"Bridge shuts until May\nBy Our Own Correspondent\nVELDMARK, Feb. 12 (Wire) - {REPORT}",
        f"VELDMARK, Feb. 13 (Gazette) - {edited(REPORT)}",
        REPORT.partition("A similar")[0],
        REPORT.partition("Ferries")[2],
        REPORT.partition(". ")[2],
    ],
    ids=["capitals", "edited", "headline", "dateline", "end cut", "second half", "first sentence cut"],
)
def test_a_print_of_the_same_report_is_a_copy(print_: str) -> None:
    (kept,) = collapse_duplicates(hits(REPORT, print_))
    assert kept.passage.text == REPORT
    assert [copy.text for copy in kept.copies] == [print_]


@pytest.mark.parametrize(
    "other",
    [
        RIVAL,
        REPORT[: len(REPORT) // 2] + RIVAL[len(RIVAL) // 2 :],
        REPORT.replace("eleven weeks", "11 weeks").replace("62 million", "81 million"),
        f"{RIVAL} {REPORT[:200]}",
    ],
    ids=["rival", "half and half", "another sum", "lead borrowed"],
)
def test_another_report_of_the_same_event_is_not_a_copy(other: str) -> None:
    assert collapse_duplicates(hits(REPORT, other)) == hits(REPORT, other)
    assert collapse_duplicates(hits(other, REPORT)) == hits(other, REPORT)


def test_reports_written_to_one_pattern_differ_by_their_figures() -> None:
    pattern = (
        "A magnitude {} earthquake struck {} kilometres off the coast of Veldmark on Monday, the survey said. There were "
        "no reports of damage and no warning of a tsunami was issued. The region lies where two plates meet and sees "
        "several such quakes a year, most of them too deep to be felt on land, according to the survey's catalogue."
    )
    quakes = hits(pattern.format("5.1", "40"), pattern.format("6.3", "12"))
    assert collapse_duplicates(quakes) == quakes
    assert len(collapse_duplicates(hits(pattern.format("5.1", "40"), pattern.format("5.1", "40")))) == 1


def test_a_longer_passage_is_not_lost_behind_the_short_one_it_holds() -> None:
    brief = REPORT.partition(" The closure")[0]
    assert len(collapse_duplicates(hits(brief, REPORT))) == 2
    assert len(collapse_duplicates(hits(REPORT, brief))) == 1


def test_the_best_ranked_is_shown_and_of_equals_the_first_published() -> None:
    best, worse = hit(REPORT, 1, date="2025-02-13"), hit(REPORT, 2, date="2025-02-12")
    assert collapse_duplicates([best, worse])[0].passage == best.passage
    prints = [
        hit(REPORT, 1, "undated", 0.5),
        hit(REPORT, 2, "late", 0.5, date="2025-02-13"),
        hit(REPORT, 3, "early", 0.5 - 1e-9, date="2025-02-12"),
    ]
    (kept,) = collapse_duplicates(prints)
    assert [kept.passage.document_id, *(copy.document_id for copy in kept.copies)] == ["early", "late", "undated"]


def test_a_chain_of_edits_does_not_join_its_ends() -> None:
    words = [f"word{n}" for n in range(120)]
    steps = [" ".join([*words[25 * n :], *(f"new{m}" for m in range(25 * n))]) for n in range(4)]
    assert [h.passage.text for h in collapse_duplicates(hits(*steps))] == [steps[0], steps[2]]


def test_scripts_without_spaces_are_compared_by_character() -> None:
    told = "港の橋は三月三日から十一週間閉鎖されると道路局が火曜日に発表した。"
    assert len(collapse_duplicates(hits(told, told.replace("火曜日に", "")))) == 1
    assert len(collapse_duplicates(hits(told, "市議会は来月、商店への補償について採決する予定である。"))) == 2


def test_no_more_than_asked_for_and_copies_of_those_from_further_down() -> None:
    kept = collapse_duplicates(hits(REPORT, RIVAL, "Fish swim in the harbour.", REPORT, "Gulls cry."), 2)
    assert [h.passage.text for h in kept] == [REPORT, RIVAL]
    assert [copy.document_id for copy in kept[0].copies] == ["d4"]


@given(st.lists(WORDS, max_size=12))
def test_nothing_is_lost_or_doubled_and_the_order_is_kept(texts: list[str]) -> None:
    found = hits(*texts)
    kept = collapse_duplicates(found)
    members = [passage.id for h in kept for passage in (h.passage, *h.copies)]
    assert sorted(members) == sorted(h.passage.id for h in found)
    order = [h.passage.id for h in found]
    assert [order.index(h.passage.id) for h in kept] == sorted(order.index(h.passage.id) for h in kept)
    for h in kept:
        assert all(order.index(h.passage.id) < order.index(copy.id) for copy in h.copies)


@given(st.lists(WORDS, max_size=12))
def test_collapsing_again_changes_nothing(texts: list[str]) -> None:
    kept = collapse_duplicates(hits(*texts))
    assert collapse_duplicates(kept) == kept


@given(st.text(max_size=80), WORDS)
def test_the_same_text_is_always_a_copy(text: str, between: str) -> None:
    kept = collapse_duplicates(hits(text, between, text))
    assert any({"d1", "d3"} <= {p.document_id for p in (h.passage, *h.copies)} for h in kept)


@given(st.lists(st.sampled_from("abcdef"), min_size=1), st.lists(st.sampled_from("uvwxyz"), min_size=1))
def test_texts_without_a_common_word_are_never_copies(one: list[str], other: list[str]) -> None:
    assert len(collapse_duplicates(hits(" ".join(one), " ".join(other)))) == 2


@given(st.permutations(range(40)).map(lambda order: [f"w{n}" for n in order]), st.integers(0, 39))
def test_one_word_changed_in_forty_is_still_a_copy(words: list[str], place: int) -> None:
    changed = [*words[:place], "other", *words[place + 1 :]]
    assert len(collapse_duplicates(hits(" ".join(words), " ".join(changed)))) == 1


def test_copies_gathered_before_stay_with_their_hit() -> None:
    first, second = hits(REPORT, edited(REPORT))
    held = replace(second, copies=(hit(REPORT, 3).passage,))
    (kept,) = collapse_duplicates([first, held])
    assert [copy.document_id for copy in kept.copies] == ["d2", "d3"]


def test_work_grows_with_the_passages_and_not_with_their_pairs() -> None:
    def work(size: int) -> Callable[[], object]:
        found = hits(*(" ".join(f"w{(n * 31 + m * m) % 997}" for m in range(180)) for n in range(size)))
        return partial(collapse_duplicates, found)

    assert growth(work, 25) < LINEAR
